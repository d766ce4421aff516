import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { sentOrder, startConversation } from "./conversation.ts";
import { call } from "./harness.ts";
import { startPostgres } from "./postgres.ts";
import { processEnvironment, startProcess } from "./process.ts";
import { kinds } from "./stores.ts";
import { until } from "./until.ts";

// Servers are started, killed and started again here, on a machine that may be busy.
setDefaultTimeout(90_000);

const seed = Number(process.env["WINDI_SEED"] ?? Date.now() % 100_000);

describe.each(kinds)("a server on the %s database that is killed in the middle", (kind) => {
  test("loses nothing that it acknowledged, stores nothing twice, and keeps the order", async () => {
    console.log(`WINDI_SEED=${seed}`);
    const environment = await processEnvironment({ database: kind });
    let server = startProcess(environment);
    try {
      const url = await server.listening;
      const messages = 1200;
      const conversation = await startConversation({ url: () => url, messages, seed });
      for (const count of [200, 700, 1250, 1900]) {
        await conversation.reached(count);
        server.kill("SIGKILL");
        expect(await server.exited).toEqual({ code: null, signal: "SIGKILL" });
        server = startProcess(environment);
        await server.listening;
      }
      await conversation.done;
      const log = await conversation.verify(url);
      expect(log).toHaveLength(2 * messages);
      // A batch is stored whole or not at all, one after the other: what each sent is stored in the order of sending.
      for (const name of ["0", "1"])
        expect(sentOrder(log, name)).toEqual(Array.from({ length: messages }, (_, n) => n));
      for (const talker of conversation.talkers) expect(talker.closes.length).toBeGreaterThanOrEqual(4);
      const acks = conversation.talkers.flatMap((talker) => talker.acks);
      expect(acks.filter((ack) => ack.isRepeated).length).toBeGreaterThan(0);
    } finally {
      await server[Symbol.asyncDispose]();
    }
  });
});

describe("a PostgreSQL server that is killed in the middle", () => {
  test("costs nothing that was acknowledged, and the server heals without a restart", async () => {
    await using postgres = await startPostgres();
    const environment = await processEnvironment({
      database: "server",
      environment: { DATABASE_URL: postgres.createDatabase() },
    });
    await using server = startProcess(environment);
    const url = await server.listening;
    const messages = 1000;
    const conversation = await startConversation({ url: () => url, messages, seed });
    for (const [count, end] of [
      [300, postgres.kill],
      [900, postgres.stopNow],
      [1500, postgres.kill],
    ] as const) {
      await conversation.reached(count);
      await end();
      await until(async () => (await call(url, "GET", "/readyz")).status === 503);
      expect((await call(url, "GET", "/livez")).status).toBe(200);
      // Processes of the one that was killed may still be about to notice it.
      await until(() => postgres.start().then(() => true));
      await until(async () => (await call(url, "GET", "/readyz")).status === 200);
    }
    await conversation.done;
    expect(await conversation.verify(url)).toHaveLength(2 * messages);
    expect(server.isRunning).toBe(true);
    const refusals = conversation.talkers.flatMap((talker) => talker.refusals);
    expect(refusals.length).toBeGreaterThan(0);
    expect(new Set(refusals)).toEqual(new Set(["unavailable"]));
    expect(conversation.talkers.map((talker) => talker.heard.length)).toEqual([1, 1]);
  });
});
