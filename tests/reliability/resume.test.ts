import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { ChatInfo } from "@windi/protocol";
import type { Change, Client, Position } from "@windi/sdk";
import { startServer, type Person, type TestServer } from "../harness.ts";
import { clientOf, connectedClient, phase } from "../sdk/signed-in.ts";
import { startTalker } from "../talker.ts";
import { startTcpProxy, type TcpProxy } from "../tcp-proxy.ts";
import { until } from "../until.ts";
import { readWholeLog } from "./whole-log.ts";

setDefaultTimeout(60_000);

/** A gap of more changes is not told at once but read page by page. */
const mostAtOnce = 200;
const pageSize = 100;

describe("a client that was away", () => {
  let server: TestServer;
  let network: TcpProxy;
  let alice: Person;
  let bob: Person;
  let chatId: string;

  beforeAll(async () => {
    server = await startServer({ database: "server" });
    network = await startTcpProxy(Number(new URL(server.url).port));
    [alice, bob] = [await server.person("Alice"), await server.person("Bob")];
    chatId = (await alice.call<ChatInfo>("POST", "/chats", { user_id: bob.user.id })).body.id;
    await write(1);
  });
  afterAll(async () => {
    await network[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  async function write(count: number): Promise<void> {
    const texts = Array.from({ length: count }, (_, n) => `text ${n}`);
    const { url } = server;
    const name = crypto.randomUUID().slice(0, 8);
    await startTalker({ url: () => url, token: alice.token, chatId, texts, name, window: 400 }).done;
  }

  const wholeLog = () => readWholeLog(server.url, alice.token, chatId);

  async function here(): Promise<Position> {
    const { seq, version } = await clientOf(server.url, bob).call("getSummary", {
      params: { chat_id: chatId },
    });
    return { chat_id: chatId, seq, version };
  }

  /** What a program is told that goes on from a position, up to the message with this seq. */
  async function readOn(client: Client, from: Position, lastSeq: number): Promise<Change[]> {
    const changes: Change[] = [];
    for await (const change of client.changes({ from: [from] })) {
      changes.push(change);
      if ("message" in change && change.message.seq === lastSeq) break;
    }
    return changes;
  }

  const seqs = (changes: readonly Change[]) =>
    changes.flatMap((change) => ("message" in change ? [change.message.seq] : []));

  test.each([1, 100, 10_000])(
    "and missed %d messages is told all of them, or reads again",
    async (missed) => {
      const from = await here();
      let calls = 0;
      const fetching = (address: string, init?: RequestInit) => {
        calls++;
        return fetch(address, init);
      };
      // Two clients: a screen, and a program that is started again.
      const screen = await connectedClient(`http://127.0.0.1:${network.port}`, bob);
      const log = screen.chatLog(chatId);
      let holes = 0;
      log.subscribe(({ messages }) => {
        if (messages.some(({ seq }, at) => at > 0 && seq !== (messages[at - 1]?.seq ?? 0) + 1)) holes++;
      });
      await until(() => log.get().status === "ready");
      network.become("hang up");
      await phase(screen, "waiting");

      await write(missed);
      const last = from.seq + missed;
      const client = await connectedClient(server.url, bob, { fetch: fetching });
      const changes = await readOn(client, from, last);
      expect(seqs(changes)).toEqual(Array.from({ length: missed }, (_, n) => from.seq + n + 1));
      const isOneGap = missed > mostAtOnce;
      expect(changes.filter(({ kind }) => kind === "resync")).toHaveLength(isOneGap ? 1 : 0);
      expect(calls).toBeLessThanOrEqual(isOneGap ? missed / pageSize + 1 : 0);
      expect(changes.at(-1)?.position).toEqual(await here());
      client.close();

      network.become("pass");
      await until(() => log.get().endSeq === last && log.get().isAtEnd);
      const stored = await wholeLog();
      const { messages } = log.get();
      expect(messages.length).toBeGreaterThan(0);
      expect(messages).toEqual(stored.slice(stored.length - messages.length));
      expect(holes).toBe(0);
      screen.close();
    },
  );

  const greatest = 2_147_483_647;
  const wrong: [string, (at: Position) => Position][] = [
    ["one change further than the server", (at) => ({ ...at, version: at.version + 1 })],
    ["one message further than the server", (at) => ({ ...at, seq: at.seq + 1, version: at.version + 1 })],
    ["as far as can be", (at) => ({ ...at, seq: greatest, version: greatest })],
  ];
  test.each(wrong)("with a position that is %s begins again, once, and goes on", async (_, change) => {
    const from = change(await here());
    const { seq } = await here();
    const client = await connectedClient(server.url, bob);
    const log = client.chatLog(chatId);
    log.subscribe(() => {});
    await until(() => log.get().status === "ready");
    const kinds: string[] = [];
    for await (const change of client.changes({ from: [from] })) {
      kinds.push(change.kind);
      if (change.kind === "resync") await write(1);
      if ("message" in change && change.message.seq === seq + 1) break;
    }
    expect(kinds).toEqual(["resync", "sent"]);
    await until(() => log.get().endSeq === seq + 1 && log.get().isAtEnd);
    const stored = await wholeLog();
    expect(log.get().messages).toEqual(stored.slice(-log.get().messages.length));
    client.close();
  });
});
