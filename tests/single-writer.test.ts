import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ChatInfo, MessageInfo } from "@windi/protocol";
import { call, createPerson, temporaryDirectory } from "./harness.ts";
import { freePort } from "./postgres.ts";
import { processEnvironment, startProcess, type ServerProcess } from "./process.ts";
import { until } from "./until.ts";

// Servers are started, killed and started again here, on a machine that may be busy.
setDefaultTimeout(90_000);

const refusal = /^Another server is running on .*; stop it, or give this one its own DATA_DIR$/;
/** Beside this one, on the same data. */
const beside = async (environment: Record<string, string>) => ({
  ...environment,
  SERVER_PORT: String(await freePort()),
});

describe("a data directory of the embedded database", () => {
  test("is refused to a second server, which ends at once with a clear line and the code 78", async () => {
    const environment = await processEnvironment();
    await using first = startProcess(environment);
    const url = await first.listening;
    await using second = startProcess(await beside(environment));
    expect(await second.exited).toEqual({ code: 78, signal: null });
    expect(second.errors.trimEnd()).toMatch(refusal);
    expect(second.log).toEqual([]);
    await createPerson(url);
    expect(first.isRunning).toBe(true);
  });

  test("goes to one of two servers that start at the same time on nothing", async () => {
    const environment = {
      ...(await processEnvironment()),
      DATA_DIR: join(temporaryDirectory(), "new"),
    };
    await using one = startProcess(environment);
    await using other = startProcess(await beside(environment));
    const outcome = (server: ServerProcess) =>
      Promise.race([server.listening.then(() => "listening").catch(() => "ended"), server.exited]);
    const outcomes = await Promise.all([outcome(one), outcome(other)]);
    expect(outcomes.filter((result) => result === "listening")).toHaveLength(1);
    const loser = outcomes[0] === "listening" ? other : one;
    expect(await loser.exited).toEqual({ code: 78, signal: null });
    expect(loser.errors.trimEnd()).toMatch(refusal);
  });

  test("passes to the next server at once, however the last one ended, five times", async () => {
    const environment = await processEnvironment();
    let server = startProcess(environment);
    try {
      const url = await server.listening;
      const [alice, bob] = [await createPerson(url), await createPerson(url)];
      const { body: chat } = await alice.call<ChatInfo>("POST", "/chats", { user_id: bob.user.id });
      for (let round = 1; round <= 5; round++) {
        const sent = await alice.call("POST", `/chats/${chat.id}/messages`, { text: `${round}` });
        expect(sent.status).toBe(201);
        server.kill("SIGKILL");
        // Not even the end of the last one is waited for.
        server = await startUntilAllowed(environment);
        await server.listening;
      }
      const history = await bob.call<MessageInfo[]>("GET", `/messages/history/${chat.id}`);
      expect(history.body.map((message) => message.text)).toEqual(["1", "2", "3", "4", "5"]);
    } finally {
      await server[Symbol.asyncDispose]();
    }
  });

  test("whose first server was killed before its files were complete serves the next one", async () => {
    const environment = {
      ...(await processEnvironment()),
      DATA_DIR: join(temporaryDirectory(), "new"),
    };
    await using killed = startProcess(environment);
    await until(() => existsSync(join(environment.DATA_DIR, "database", "base")));
    killed.kill("SIGKILL");
    await killed.exited;
    await using next = startProcess(environment);
    await createPerson(await next.listening);
    expect((await call(await next.listening, "GET", "/readyz")).status).toBe(200);
  });
});

/** A process that is killed keeps its lock for the moment that it takes the kernel to end it. */
function startUntilAllowed(environment: Record<string, string>): Promise<ServerProcess> {
  return until(async () => {
    const server = startProcess(environment);
    const isRefused = await Promise.race([
      server.exited.then(() => true),
      server.listening.then(
        () => false,
        () => true,
      ),
    ]);
    return !isRefused && server;
  });
}
