import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { actions, type ActionName, type GroupInfo } from "@windi/protocol";
import { call, startServer, type Person, type TestServer } from "./harness.ts";
import { openRawSocket, opcodes } from "./raw-socket.ts";
import type { TestSocket } from "./socket.ts";

const anyId = "01900000-0000-7000-8000-000000000000";
let server: TestServer;
let alice: Person;
let chat_id: string;
let socket: TestSocket;

beforeAll(async () => {
  server = await startServer();
  alice = await server.person("Alice");
  chat_id = (await alice.call<GroupInfo>("POST", "/groups", { title: "Garden" })).body.id;
  socket = await alice.connect(chat_id);
});
afterAll(() => server[Symbol.asyncDispose]());
afterEach(async () => expect((await call(server.url, "GET", "/readyz")).status).toBe(200));

/** Sends the frame as it is; answers with the error, after the connection has shown that it is still usable. */
async function refusalOf(frame: string | Uint8Array<ArrayBuffer>) {
  socket.send(frame);
  const answer = await socket.next();
  await socket.settle();
  expect([typeof answer.error, answer.code]).toEqual(["string", "invalid_request"]);
  return String(answer.error);
}

describe("a frame that is no action is refused, and the connection stays usable:", () => {
  const notJson = "The frame is not valid JSON";
  const notObject = "The frame: Invalid input: expected object";
  const unknown = `Unknown action; the field "action" must be one of ${Object.keys(actions).join(", ")}`;

  test.each<[string, string, string]>([
    ["an empty one", "", notJson],
    ["half of one", '{"action":', notJson],
    ["60,000 levels", "[".repeat(60_000), notJson],
    ["null", "null", notObject],
    ["a text", '"join_chat"', notObject],
    ["a list", "[]", notObject],
    ["a number beyond all numbers", "-1e999", notObject],
    ["one without an action", "{}", unknown],
    ["an unknown action", '{"action":"fly"}', unknown],
    ["an action named __proto__", '{"action":"__proto__"}', unknown],
    ["an action named constructor", '{"action":"constructor"}', unknown],
    ["an action of 30,000 levels", `{"action":${"[".repeat(30_000)}${"]".repeat(30_000)}}`, unknown],
    ["an action from __proto__", `{"__proto__":{"action":"join_chat","chat_id":"${anyId}"}}`, unknown],
  ])("%s", async (_, frame, error) => {
    expect(await refusalOf(frame)).toStartWith(error);
  });

  test("a binary one", async () => {
    expect(await refusalOf(new TextEncoder().encode('{"action":"typing"}'))).toBe(
      "Send text frames, not binary ones",
    );
  });
});

describe("a field of a frame that is wrong is named, and the connection stays usable:", () => {
  const right: Record<string, unknown> = {
    chat_id: anyId,
    text: "hello",
    idempotency_key: "k",
    message_id: anyId,
    mentions: [],
    chats: [{ chat_id: anyId, seq: 0, version: 0 }],
    request_id: "r",
  };
  const optional = new Set(["request_id", "idempotency_key", "mentions"]);
  /** How a refusal begins that names the field, or one of a list. */
  const named = (field: string) => new RegExp(`^${field}(\\.\\d+)?: `);
  const fieldsOf = (name: ActionName) =>
    Object.keys(actions[name].schema.shape).filter((field) => field !== "action");
  const all = (Object.keys(actions) as ActionName[]).flatMap((name) =>
    fieldsOf(name).map((field) => [name, field] as const),
  );

  test.each(all)("%s.%s", async (action, field) => {
    const values = [
      '""',
      String.raw`"a\u0000b"`,
      String.raw`"\udc00"`,
      `"${"x".repeat(60_000)}"`,
      '{"$ne":null}',
      '["a"]',
      "1",
      "1e999",
      "false",
      `${"[".repeat(30_000)}${"]".repeat(30_000)}`,
    ];
    const others = fieldsOf(action).filter((name) => name !== field && name !== "request_id");
    for (const value of values) {
      const parts = others.map((name) => `,"${name}":${JSON.stringify(right[name])}`).join("");
      expect(await refusalOf(`{"action":"${action}"${parts},"${field}":${value}}`)).toMatch(named(field));
    }
  });

  test.each(all.filter(([, field]) => !optional.has(field)))("%s without %s", async (action, field) => {
    const rest = Object.fromEntries(
      fieldsOf(action)
        .filter((name) => name !== field && name !== "request_id")
        .map((name) => [name, right[name]]),
    );
    expect(await refusalOf(JSON.stringify({ action, ...rest }))).toMatch(named(field));
  });

  test("the answer carries the request_id if that at least is right", async () => {
    const answer = await socket.request({ action: "send_message", chat_id: "garden", text: 1 });
    expect(answer).toMatchObject({ code: "invalid_request", error: expect.stringContaining("chat_id: ") });
  });
});

describe("a text", () => {
  test.each<[string, string]>([
    ["of 4096 characters", "x".repeat(4096)],
    ["of 4096 characters of four bytes each", "🌲".repeat(4096)],
    ["of one combining character", "\u0301"],
    ["from right to left", "\u202eשלום"],
    [
      "that looks like a template, SQL or HTML",
      "'; drop table messages; -- ${x} {{x}} %s <script>alert(1)</script>",
    ],
    ["of noncharacters and controls but NUL", "\u0001\u001f\u007f\ufffe\uffff\u{10ffff}"],
    ["that names a prototype", "__proto__"],
  ])("%s is stored and told as it is", async (_, text) => {
    const sent = await socket.request({ action: "send_message", chat_id, text });
    expect(sent.data?.text).toBe(text);
    const [last] = (
      await alice.call<{ text: string }[]>(
        "GET",
        `/messages/history/${chat_id}?before_seq=2147483647&limit=1`,
      )
    ).body;
    expect(last?.text).toBe(text);
  });

  test("of 4096 characters fits into a frame even when each is escaped", async () => {
    const text = String.raw`\ud83c\udf32`.repeat(4096);
    socket.send(`{"action":"send_message","chat_id":"${chat_id}","text":"${text}","request_id":"escaped"}`);
    const sent = await socket.next((frame) => frame.request_id === "escaped");
    expect(sent.data?.text).toBe("🌲".repeat(4096));
  });

  test.each([
    ["no character", ""],
    ["4097 characters", "x".repeat(4097)],
    ["4097 characters of four bytes each", "🌲".repeat(4097)],
  ])("of %s is refused", async (_, text) => {
    expect(await refusalOf(JSON.stringify({ action: "send_message", chat_id, text }))).toStartWith(
      "text: Must have",
    );
  });
});

describe("what breaks the rules of WebSockets ends that connection alone:", () => {
  test.each<[string, number, string | Uint8Array, number]>([
    ["text that is not UTF-8", opcodes.text, new Uint8Array([0x22, 0xff, 0x22]), 1007],
    ["a frame of 64 KiB and a byte", opcodes.text, "x".repeat(64 * 1024 + 1), 1009],
    ["a frame of 10 MB", opcodes.text, new Uint8Array(10 * 1024 * 1024).fill(0x20), 1009],
    ["a binary frame of 10 MB", opcodes.binary, new Uint8Array(10 * 1024 * 1024), 1009],
    ["a ping of 126 bytes", opcodes.ping, "x".repeat(126), 1002],
    ["an opcode that nothing has", 3, "x", 1002],
  ])("%s", async (_, opcode, payload, code) => {
    const raw = await openRawSocket(server.url, { target: `/ws?token=${alice.token}` });
    raw.send(opcode, payload);
    expect(await raw.closed).toBe(code);
    await socket.settle();
  });

  test("a frame of exactly 64 KiB does not", async () => {
    const raw = await openRawSocket(server.url, { target: `/ws?token=${alice.token}` });
    raw.send(opcodes.text, "x".repeat(64 * 1024));
    expect(await raw.nextJson()).toMatchObject({ code: "invalid_request" });
    raw.sendJson({ action: "leave_chat", chat_id: anyId });
    expect(await raw.nextJson()).toMatchObject({ status: "left" });
    raw.destroy();
  });
});
