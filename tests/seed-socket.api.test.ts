import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { closeCodes, type ChatInfo, type GroupInfo } from "@windi/protocol";
import { startServer, type Person, type TestServer } from "./harness.ts";
import { openSocket, type TestSocket } from "./socket.ts";

const nobody = "01900000-0000-7000-8000-000000000000";
let server: TestServer;
let alice: Person;
let bob: Person;
let mallory: Person;

beforeAll(async () => {
  server = await startServer();
  [alice, bob, mallory] = (await Promise.all(["Alice", "Боб", "Mallory"].map(server.person))) as [
    Person,
    Person,
    Person,
  ];
});
afterAll(() => server[Symbol.asyncDispose]());

describe.each(["/ws", "/api/v1/ws"])("the WebSocket at %s, for a client that knows no request_id", (path) => {
  const connect = (person: Person) => openSocket(server.url, person.token, path);

  async function newGroup(): Promise<string> {
    const request = { title: "Garden", member_ids: [bob.user.id] };
    return (await alice.call<GroupInfo>("POST", "/groups", request)).body.id;
  }

  /** Joins as the seed's client does: sends, and waits for the next frame. */
  async function join(socket: TestSocket, chat_id: string): Promise<TestSocket> {
    socket.send({ action: "join_chat", chat_id });
    expect(await socket.next()).toEqual({ status: "joined", chat_id });
    return socket;
  }

  async function joined(chat_id: string): Promise<[TestSocket, TestSocket]> {
    const [a, b] = await Promise.all([connect(alice), connect(bob)]);
    return [await join(a, chat_id), await join(b, chat_id)];
  }

  test("a message goes to all who joined, the sender included, to each the same", async () => {
    const chat_id = await newGroup();
    const [a, b] = await joined(chat_id);
    const before = Date.now();
    a.send({ action: "send_message", chat_id, text: "Привет 🌲", idempotency_key: "k-1" });
    const [own, others] = await Promise.all([a.next(), b.next()]);
    expect(own).toEqual(others);
    const { data, ...frame } = own;
    expect(frame).toEqual({ event: "new_message" });
    expect(data).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      chat_id,
      seq: 1,
      version: expect.any(Number),
      sender: alice.user,
      text: "Привет 🌲",
      created_at: new Date(data.created_at).toISOString(),
      is_read: false,
      read_at: null,
      idempotency_key: "k-1",
      mentions: [],
      edited_at: null,
      deleted_at: null,
    });
    expect(Math.abs(Date.parse(data.created_at) - before)).toBeLessThan(60_000);
    const history = await bob.call("GET", `/messages/history/${chat_id}`);
    expect(history.body).toEqual([data]);
  });

  test("a chat that was not joined is not heard, but may be written to", async () => {
    const chat_id = await newGroup();
    const [a, b] = await Promise.all([connect(alice), connect(bob)]);
    await join(b, chat_id);
    a.send({ action: "send_message", chat_id, text: "hello" });
    expect((await b.next()).event).toBe("new_message");
    b.send({ action: "send_message", chat_id, text: "hello back" });
    await b.next();
    await a.settle();
    expect(a.frames.filter((frame) => frame.event === "new_message").map((frame) => frame.data.text)).toEqual(
      ["hello"],
    );
  });

  test("a chat that was left is heard no more", async () => {
    const chat_id = await newGroup();
    const [a, b] = await joined(chat_id);
    b.send({ action: "leave_chat", chat_id });
    expect(await b.next()).toEqual({ status: "left", chat_id });
    a.send({ action: "send_message", chat_id, text: "gone?" });
    a.send({ action: "typing", chat_id });
    await a.next();
    await Promise.all([a.settle(), b.settle()]);
    expect(b.frames.filter((frame) => frame.event)).toEqual([]);
    await join(b, chat_id);
    a.send({ action: "send_message", chat_id, text: "back" });
    expect((await b.next((frame) => frame.event === "new_message")).data.text).toBe("back");
  });

  test("reading is told to all who joined, with who and when, and the history says so", async () => {
    const chat_id = await newGroup();
    const [a, b] = await joined(chat_id);
    a.send({ action: "send_message", chat_id, text: "read me" });
    const message_id = (await a.next()).data.id as string;
    await b.next();
    b.send({ action: "message_read", chat_id, message_id });
    const [own, others] = await Promise.all([b.next(), a.next()]);
    expect(own).toEqual(others);
    const { read_at } = own.data;
    expect(own).toEqual({
      event: "message_read",
      data: { chat_id, message_id, user_id: bob.user.id, read_at },
    });
    expect(read_at).toBe(new Date(read_at).toISOString());
    const [message] = (await alice.call<object[]>("GET", `/messages/history/${chat_id}`)).body;
    expect(message).toMatchObject({ is_read: true, read_at });
  });

  test("typing goes to the others who joined, and to none of the typing user's own devices", async () => {
    const chat_id = await newGroup();
    const [a, b] = await joined(chat_id);
    const tablet = await join(await connect(bob), chat_id);
    b.send({ action: "typing", chat_id });
    expect(await a.next()).toEqual({ event: "typing", chat_id, user_id: bob.user.id, user_name: "Боб" });
    await Promise.all([b.settle(), tablet.settle()]);
    for (const own of [b, tablet]) expect(own.frames.filter((frame) => frame.event)).toEqual([]);
    a.send({ action: "send_message", chat_id, text: "I see" });
    for (const own of [b, tablet])
      expect((await own.next((frame) => frame.event === "new_message")).data.text).toBe("I see");
  });

  test("whatever is wrong is answered by an error, and the connection stays usable", async () => {
    const chat_id = await newGroup();
    const a = await connect(mallory);
    const wrong: [unknown, string][] = [
      ["no JSON", "invalid_request"],
      [{ action: "fly" }, "invalid_request"],
      [{ action: "join_chat" }, "invalid_request"],
      [{ action: "join_chat", chat_id }, "chat_not_found"],
      [{ action: "join_chat", chat_id: nobody }, "chat_not_found"],
      [{ action: "send_message", chat_id, text: "let me in" }, "chat_not_found"],
      [{ action: "send_message", chat_id, text: "" }, "invalid_request"],
      [{ action: "typing", chat_id }, "chat_not_found"],
      [{ action: "message_read", chat_id, message_id: nobody }, "chat_not_found"],
    ];
    for (const [frame, code] of wrong) {
      a.send(frame as object);
      const answer = await a.next();
      expect(answer).toEqual({ error: expect.any(String), code });
    }
    const own = (await mallory.call<ChatInfo>("POST", "/groups", { title: "Own" })).body;
    await join(a, own.id);
    a.send({ action: "message_read", chat_id: own.id, message_id: nobody });
    expect(await a.next()).toEqual({ error: "Message not found", code: "message_not_found" });
  });

  test.each([
    ["no", path],
    ["an empty", `${path}?token=`],
    ["a wrong", `${path}?token=garbage`],
    ["an undecodable", `${path}?token=%ff%zz`],
  ])("with %s token it is accepted, and then closed with 4001", async (_, target) => {
    const ws = new WebSocket(server.url.replace("http", "ws") + target);
    const seen: string[] = [];
    ws.addEventListener("open", () => seen.push("open"));
    ws.addEventListener("message", () => seen.push("message"));
    const { code, reason } = await new Promise<CloseEvent>((resolve) =>
      ws.addEventListener("close", resolve),
    );
    expect([seen, code, reason]).toEqual([["open"], 4001, closeCodes.unauthenticated.meaning]);
  });

  test("asked for as an ordinary page, it says what it is", async () => {
    const answer = await alice.call("GET", path);
    expect(answer).toMatchObject({ status: 426, body: { code: "upgrade_required" } });
    expect(answer.headers.get("upgrade")).toBe("websocket");
  });
});
