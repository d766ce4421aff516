import { readFileSync } from "node:fs";
import { expect, setDefaultTimeout, test } from "bun:test";
import type { GroupInfo } from "@windi/protocol";
import { createPerson, type Person } from "../harness.ts";
import { readMetrics } from "../metrics-page.ts";
import { processEnvironment, startProcess } from "../process.ts";
import { connectedClient } from "../sdk/signed-in.ts";
import { until } from "../until.ts";
import { startNarrowNetwork, type NarrowNetwork } from "./narrow-network.ts";
import { expectWhole, readWholeLog, upTo } from "./whole-log.ts";

setDefaultTimeout(120_000);

const metricsToken = "a-token-for-slow-readers";
const megabyte = 1024 * 1024;
/** 12 KiB: the kernel holds some megabytes for a reader before anything waits in the server. */
const text = "Ж".repeat(1024 * 4 - 10).concat("0123456789");
const perSecond = 200;
const most = 6000;

const residentBytes = (pid: number) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;

test("two who read slowly or not at all are cut; others hear all in order; then they resume without loss", async () => {
  const environment = { METRICS_TOKEN: metricsToken };
  await using server = startProcess(await processEnvironment({ database: "server", environment }));
  const url = await server.listening;
  const people: Person[] = [];
  for (const name of ["Alice", "Bob", "Carol", "Dan"]) people.push(await createPerson(url, name));
  const [alice, bob, carol, dan] = people as [Person, Person, Person, Person];
  const member_ids = people.map(({ user }) => user.id);
  const { id: chatId } = (await alice.call<GroupInfo>("POST", "/groups", { title: "Busy", member_ids })).body;

  await using narrow = await startNarrowNetwork(url);
  await using shut = await startNarrowNetwork(url);
  const slow = await Promise.all(
    [[bob, narrow] as const, [carol, shut] as const].map(async ([person, network]) => ({
      network,
      client: await connectedClient(network.url, person),
    })),
  );
  const told = slow.map(({ client }) => {
    const seqs: number[] = [];
    const reading = (async () => {
      for await (const change of client.chatLog(chatId).changes())
        if ("message" in change) seqs.push(change.message.seq);
    })();
    return { seqs, reading };
  });
  const quick = await dan.connect(chatId);
  const pen = await alice.connect();
  const cut = async () =>
    (await readMetrics(url, metricsToken)).sum("windi_sockets_closed_total", { code: "1006" });
  const before = { bytes: residentBytes(server.pid), cut: (await cut()) ?? 0 };
  narrow.become("narrow");
  shut.become("shut");

  let sent = 0;
  const pulse = setInterval(() => {
    for (let n = 0; n < perSecond / 20; n++)
      pen.send({ action: "send_message", chat_id: chatId, text: `${++sent} ${text}`.slice(0, 4096) });
  }, 50);
  await until(async () => sent > most || ((await cut()) ?? 0) - before.cut >= 2, 60_000);
  clearInterval(pulse);
  expect(sent).toBeLessThan(most);
  const grown = residentBytes(server.pid) - before.bytes;
  console.log(`both cut after ${sent} messages; the server grew by ${Math.round(grown / megabyte)} MiB`);
  expect(grown).toBeLessThan(200 * megabyte);

  const heard = () => quick.frames.filter(({ event }) => event === "new_message").map(({ data }) => data.seq);
  await until(() => heard().length === sent, 30_000);
  expect(heard()).toEqual(upTo(sent));
  const widen = (network: NarrowNetwork) => network.become("wide");
  for (const { network } of slow) widen(network);
  for (const { seqs } of told) await until(() => seqs.length === sent, 30_000);
  for (const { seqs } of told) expect(seqs).toEqual(upTo(sent));
  for (const { network } of slow) expect(network.connections).toBeGreaterThan(1);
  expectWhole(await readWholeLog(url, alice.token, chatId), sent);
  for (const { client } of slow) client.close();
  for (const { reading } of told) await reading;
  for (const socket of [quick, pen]) socket.close();
});
