import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import type { GroupInfo, MessageInfo } from "@windi/protocol";
import { createPerson, createTestDatabase, signIn, type Person } from "../harness.ts";
import { startNats, type NatsServer } from "../nats.ts";
import { processEnvironment, startProcess, type ServerProcess } from "../process.ts";
import { openSocket } from "../socket.ts";
import { expectWhole, readWholeLog, upTo } from "./whole-log.ts";

setDefaultTimeout(90_000);

describe("nodes whose clocks are wrong", () => {
  const aheadSeconds = { right: 0, almost: 50, early: 3600, late: -3600 };
  type Name = keyof typeof aheadSeconds;
  const names = Object.keys(aheadSeconds) as Name[];
  const nodes = {} as Record<Name, { url: string; process: ServerProcess }>;
  let nats: NatsServer;
  let alice: Person;

  beforeAll(async () => {
    nats = await startNats();
    const shared = {
      DATABASE_URL: createTestDatabase(),
      JWT_SECRET_KEY: crypto.randomUUID() + crypto.randomUUID(),
      NATS_URL: nats.url,
    };
    for (const name of names) {
      const environment = await processEnvironment({ database: "server", environment: shared });
      const started = startProcess({
        ...environment,
        BUN_OPTIONS: `--preload=${join(import.meta.dir, "shifted-clock.ts")}`,
        CLOCK_AHEAD_SECONDS: String(aheadSeconds[name]),
      });
      nodes[name] = { process: started, url: await started.listening };
    }
    alice = await createPerson(nodes.right.url, "Alice");
  });
  afterAll(async () => {
    for (const { process } of Object.values(nodes)) await process[Symbol.asyncDispose]();
    await nats[Symbol.asyncDispose]();
  });

  const onNode = (name: Name) => signIn(nodes[name].url, alice.user, alice.password);
  const statusOn = async (name: Name, token: string) =>
    (await fetch(`${nodes[name].url}/auth/me`, { headers: { authorization: `Bearer ${token}` } })).status;

  test("their clocks really are", async () => {
    for (const name of names) {
      const { token } = await onNode(name);
      const [, payload = ""] = token.split(".");
      const { iat } = JSON.parse(Buffer.from(payload, "base64url").toString()) as { iat: number };
      expect(Math.abs(iat - Date.now() / 1000 - aheadSeconds[name])).toBeLessThan(20);
    }
  });

  test("order messages as the database does, and give them its time", async () => {
    const signedIn = await Promise.all(names.map(onNode));
    const { id: chatId } = (await signedIn[0]!.call<GroupInfo>("POST", "/groups", { title: "Walks" })).body;
    const witness = await openSocket(nodes.late.url, (await onNode("late")).token);
    await witness.request({ action: "subscribe" });
    const startedAt = Date.now() - 5000;
    for (let round = 0; round < 5; round++) {
      for (const [n, person] of signedIn.entries()) {
        const body = { text: `${round} ${n}` };
        const { status, body: message } = await person.call<MessageInfo>(
          "POST",
          `/chats/${chatId}/messages`,
          body,
        );
        expect({ status, seq: message.seq }).toEqual({ status: 201, seq: round * names.length + n + 1 });
      }
    }
    const log = await readWholeLog(nodes.early.url, (await onNode("early")).token, chatId);
    expectWhole(log, 5 * names.length);
    const times = log.map(({ created_at }) => Date.parse(created_at));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times[0]).toBeGreaterThan(startedAt);
    expect(times.at(-1)).toBeLessThan(Date.now() + 5000);
    for (const { seq } of log)
      await witness.next(({ event, data }) => event === "new_message" && data.seq === seq);
    const heard = witness.frames.filter(({ event }) => event === "new_message").map(({ data }) => data.seq);
    expect(heard.toSorted((a, b) => a - b)).toEqual(upTo(log.length));
    witness.close();
  });

  test("take each other's tokens if they are less than a minute apart", async () => {
    const [right, almost] = [await onNode("right"), await onNode("almost")];
    expect(await statusOn("almost", right.token)).toBe(200);
    expect(await statusOn("right", almost.token)).toBe(200);
  });

  test("take no token that is over by their own clock, and say so", async () => {
    const [right, late] = [await onNode("right"), await onNode("late")];
    // Tokens live for half an hour.
    expect(await statusOn("early", right.token)).toBe(401);
    expect(await statusOn("right", late.token)).toBe(401);
    expect(await statusOn("late", late.token)).toBe(200);
    const socket = new WebSocket(`${nodes.early.url.replace("http", "ws")}/ws?token=${right.token}`);
    const { code } = await new Promise<CloseEvent>((resolve) => socket.addEventListener("close", resolve));
    expect(code).toBe(4001);
  });
});
