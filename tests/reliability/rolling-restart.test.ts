import { expect, setDefaultTimeout, test } from "bun:test";
import type { GroupInfo } from "@windi/protocol";
import { createPerson, createTestDatabase, type Person } from "../harness.ts";
import { startNats } from "../nats.ts";
import { processEnvironment, startProcess } from "../process.ts";
import { connectedClient } from "../sdk/signed-in.ts";
import { until } from "../until.ts";
import { startBalancer } from "./balancer.ts";
import { expectWhole, readWholeLog, upTo } from "./whole-log.ts";

setDefaultTimeout(120_000);

const devicesEach = 5;
const sendEveryMs = 60;
const drainMs = 10_000;

test("both nodes are restarted in turn while people write: nothing fails, is lost or doubled", async () => {
  await using nats = await startNats();
  const shared = {
    DATABASE_URL: createTestDatabase(),
    JWT_SECRET_KEY: crypto.randomUUID() + crypto.randomUUID(),
    NATS_URL: nats.url,
  };
  const environments = [
    await processEnvironment({ database: "server", environment: shared }),
    await processEnvironment({ database: "server", environment: shared }),
  ];
  const lives = environments.map((environment) => startProcess(environment));
  await using _all = {
    async [Symbol.asyncDispose]() {
      for (const life of lives) await life[Symbol.asyncDispose]();
    },
  };
  const addresses = await Promise.all(lives.map((life) => life.listening));
  await using balancer = await startBalancer(addresses);

  const people: Person[] = [];
  for (const name of ["Alice", "Bob"]) people.push(await createPerson(balancer.url, name));
  const [alice, bob] = people as [Person, Person];
  const body = { title: "Always", member_ids: [bob.user.id] };
  const { id: chatId } = (await alice.call<GroupInfo>("POST", "/groups", body)).body;
  const devices = await Promise.all(
    people.flatMap((person) =>
      Array.from({ length: devicesEach }, () => connectedClient(balancer.url, person)),
    ),
  );
  const told = devices.map((client) => {
    const seqs: number[] = [];
    const reading = (async () => {
      for await (const change of client.chatLog(chatId).changes())
        if (change.kind === "sent") seqs.push(change.message.seq);
    })();
    return { seqs, reading };
  });

  let sent = 0;
  const refused = new Set<string>();
  const pulse = setInterval(() => {
    for (const client of devices)
      for (const entry of client.outbox.get().entries)
        if (entry.state === "refused") refused.add(entry.error.code);
    devices[sent % devices.length]?.outbox.send(chatId, `message ${++sent}`);
  }, sendEveryMs);
  for (const [n, environment] of environments.entries()) {
    const before = sent;
    await until(() => sent > before + 10);
    const life = lives[n];
    const toldAt = performance.now();
    life?.kill("SIGTERM");
    expect(await life?.exited).toMatchObject({ code: 0 });
    expect(performance.now() - toldAt).toBeLessThan(drainMs);
    const next = startProcess(environment);
    lives[n] = next;
    await next.listening;
  }
  const before = sent;
  await until(() => sent > before + 10);
  clearInterval(pulse);

  await until(() => devices.every((client) => client.outbox.get().entries.length === 0), 30_000);
  expect([...refused]).toEqual([]);
  const log = await readWholeLog(balancer.url, alice.token, chatId);
  expectWhole(log, sent);
  expect(new Set(log.map(({ text }) => text)).size).toBe(sent);
  for (const { seqs } of told) await until(() => seqs.length >= sent, 30_000);
  for (const { seqs } of told) expect(seqs).toEqual(upTo(sent));
  for (const client of devices) client.close();
  for (const { reading } of told) await reading;
});
