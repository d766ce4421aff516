import { expect, setDefaultTimeout, test } from "bun:test";
import type { ErrorBody, GroupInfo, MessageInfo } from "@windi/protocol";
import postgres from "postgres";
import { createPerson, createTestDatabase, call } from "../harness.ts";
import { processEnvironment, startProcess } from "../process.ts";
import { openSocket, type Frame } from "../socket.ts";
import { until } from "../until.ts";
import { expectWhole, readWholeLog } from "./whole-log.ts";

setDefaultTimeout(90_000);

/** More than one chat's sends may wait (10,000), over connections that may each have 512 frames under way. */
const sockets = 30;
const framesEach = 400;
/** More than a batch takes. */
const waveEach = 20;

test("more than can be stored is refused at once and in words; the rest is stored, and soon all is as before", async () => {
  const databaseUrl = createTestDatabase();
  const environment = { DATABASE_URL: databaseUrl };
  await using server = startProcess(await processEnvironment({ database: "server", environment }));
  const url = await server.listening;
  const alice = await createPerson(url, "Alice");
  const { id: chatId } = (await alice.call<GroupInfo>("POST", "/groups", { title: "Rush" })).body;
  const pens = await Promise.all(Array.from({ length: sockets }, () => openSocket(url, alice.token)));

  const locker = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  const locked = Promise.withResolvers<void>();
  const unlock = Promise.withResolvers<void>();
  const holding = locker.begin(async (transaction) => {
    await transaction.unsafe("lock table messages in access exclusive mode");
    locked.resolve();
    await unlock.promise;
  });
  await locked.promise;

  let sentEach = 0;
  function sendMore(count: number): void {
    for (const [n, pen] of pens.entries()) {
      for (let m = sentEach; m < sentEach + count; m++) {
        const key = `${n}-${m}`;
        pen.send({
          action: "send_message",
          chat_id: chatId,
          text: key,
          idempotency_key: key,
          request_id: key,
        });
      }
    }
    sentEach += count;
  }
  // Who waits for the locked table longer than a statement may take is told so.
  const isRefusal = ({ code }: Frame) => code === "overloaded" || code === "unavailable";
  const refusals = () => pens.flatMap(({ frames }) => frames.filter(isRefusal));
  sendMore(framesEach);
  // Nothing can be stored, so whatever is answered is a refusal, and it comes before the lock goes.
  await until(() => refusals().length > 0, 20_000);
  // The first batch may have made room for as many as are in it when all others had come: that is filled too.
  for (let wave = 0; wave < 3; wave++) {
    const before = sentEach;
    sendMore(waveEach);
    const isOfWave = ({ request_id = "" }: Frame) => Number(request_id.split("-")[1]) >= before;
    await until(() => refusals().some(isOfWave), 20_000);
  }
  expect(refusals()[0]).toMatchObject({ retry_after_ms: expect.any(Number) as number });
  const path = `/chats/${chatId}/messages`;
  const called = performance.now();
  const refused = await alice.call<ErrorBody>("POST", path, { text: "over HTTP" });
  expect(refused.status).toBe(503);
  expect(["overloaded", "unavailable"]).toContain(refused.body.code);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect((await call(url, "GET", "/livez")).status).toBe(200);
  // What does not need the table is served as ever.
  expect((await alice.call("GET", "/auth/me")).status).toBe(200);
  expect(performance.now() - called).toBeLessThan(5000);

  unlock.resolve();
  await holding;
  await locker.end();
  const unlockedAt = performance.now();
  const sent = await until(async () => {
    const answer = await alice.call<MessageInfo>("POST", path, { text: "after the rush" });
    return answer.status === 201 && answer.body;
  }, 20_000);
  console.log(`served again ${Math.round(performance.now() - unlockedAt)} ms after the lock was gone`);
  expect(performance.now() - unlockedAt).toBeLessThan(10_000);

  const isAnswer = (frame: Frame) => frame.request_id !== undefined;
  await until(() => pens.every(({ frames }) => frames.filter(isAnswer).length === sentEach), 30_000);
  const acknowledged = pens.flatMap(({ frames }) => frames.filter(({ event }) => event === "new_message"));
  const log = await readWholeLog(url, alice.token, chatId);
  expectWhole(log);
  expect(acknowledged.length + refusals().length).toBe(sockets * sentEach);
  expect(log).toHaveLength(acknowledged.length + 1);
  const stored = new Map(log.map((message) => [message.id, message.seq]));
  for (const { data } of acknowledged) expect(stored.get((data as MessageInfo).id)).toBe(data.seq);
  expect(stored.get(sent.id)).toBe(sent.seq);
  for (const pen of pens) pen.close();
});
