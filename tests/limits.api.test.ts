import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { ErrorBody, GroupInfo } from "@windi/protocol";
import { call, startServer, type Answer, type Person, type TestServer } from "./harness.ts";
import { exchange } from "./raw-http.ts";
import { openSocket } from "./socket.ts";

/** Buckets that hardly refill while a test runs. */
const limits =
  "login_account=2/9000,login_address=5/9000,register=3/9000,request=1000/9000,create=4/9000,send=8/9000," +
  "send_chat=5/9000,read=2/9000,typing=2/9000,connect=12/9000,join=3/9000,sync=240/9000";

let server: TestServer;
let next = 1;
/** An address that no other test has, as a trusted proxy would name it. */
const newAddress = () => `198.51.100.${next++}`;
const from = (address: string) => ({ "x-forwarded-for": address });

beforeAll(async () => {
  server = await startServer({ environment: { RATE_LIMITS: limits, TRUSTED_PROXIES: "127.0.0.1" } });
});
afterAll(() => server[Symbol.asyncDispose]());

const post = (path: string, body: unknown, address: string) =>
  call<ErrorBody>(server.url, "POST", path, { body, headers: from(address) });
const newEmail = () => `${crypto.randomUUID()}@example.org`;
const register = (address: string) =>
  post("/auth/register", { name: "Anna", email: newEmail(), password: "password123" }, address);
const login = (email: string, password: string, address: string) =>
  post("/auth/login", { email, password }, address);

function expectRefusal(answer: Answer<ErrorBody>, limit: number): void {
  expect([answer.status, answer.body.code]).toEqual([429, "rate_limited"]);
  expect(answer.headers.get("ratelimit-limit")).toBe(String(limit));
  expect(answer.headers.get("ratelimit-remaining")).toBe("0");
  const [retryAfter, reset] = ["retry-after", "ratelimit-reset"].map((name) =>
    Number(answer.headers.get(name)),
  );
  expect(retryAfter).toBeGreaterThan(0);
  expect(reset).toBeGreaterThanOrEqual(retryAfter ?? 0);
}

async function newPerson(name: string): Promise<Person> {
  const email = newEmail();
  const address = newAddress();
  const { body: user } = (await post(
    "/auth/register",
    { name, email, password: "password123" },
    address,
  )) as unknown as Answer<Person["user"]>;
  const { body } = (await login(email, "password123", address)) as unknown as Answer<{
    access_token: string;
  }>;
  const token = body.access_token;
  return {
    user,
    password: "password123",
    token,
    call: (method, path, content) => call(server.url, method, path, { token, body: content }),
    connect: () => openSocket(server.url, token),
  };
}

describe("signing in", () => {
  test("is refused after so many failures for one account from one address, and from no other", async () => {
    const email = newEmail();
    const address = newAddress();
    for (let i = 0; i < 2; i++) expect((await login(email, "wrong password", address)).status).toBe(401);
    expectRefusal(await login(email, "wrong password", address), 2);
    expectRefusal(await login(email.toUpperCase(), "wrong password", address), 2);
    expect((await login(email, "wrong password", newAddress())).status).toBe(401);
    expect((await login(newEmail(), "wrong password", address)).status).toBe(401);
  });

  test("is refused to an address after so many failures, whatever the accounts", async () => {
    const address = newAddress();
    for (let i = 0; i < 5; i++) expect((await login(newEmail(), "wrong password", address)).status).toBe(401);
    expectRefusal(await login(newEmail(), "wrong password", address), 5);
  });

  test("costs nothing when it succeeds", async () => {
    const { user, password } = await newPerson("Anna");
    const address = newAddress();
    for (let i = 0; i < 6; i++) expect((await login(user.email, password, address)).status).toBe(200);
    for (let i = 0; i < 2; i++) expect((await login(user.email, "wrong password", address)).status).toBe(401);
    expectRefusal(await login(user.email, password, address), 2);
  });
});

describe("registering", () => {
  test("is refused to an address after so many, with the way to it told from the first on", async () => {
    const address = newAddress();
    const remaining: (string | null)[] = [];
    for (let i = 0; i < 3; i++) {
      const { status, headers } = await register(address);
      expect(status).toBe(201);
      remaining.push(headers.get("ratelimit-remaining"));
    }
    expect(remaining).toEqual(["2", "1", "0"]);
    expectRefusal(await register(address), 3);
    expect((await register(newAddress())).status).toBe(201);
  });

  test("counts all addresses of an IPv6 network of 64 bits as one", async () => {
    for (let i = 0; i < 3; i++) expect((await register(`2001:db8:1:2::${i}`)).status).toBe(201);
    expectRefusal(await register("2001:db8:1:2:ffff:ffff:ffff:ffff"), 3);
    expect((await register("2001:db8:1:3::1")).status).toBe(201);
  });

  test("believes of a chain only what the trusted proxy wrote", async () => {
    const address = newAddress();
    for (let i = 0; i < 3; i++) expect((await register(`203.0.113.${i}, ${address}`)).status).toBe(201);
    expectRefusal(await register(`203.0.113.9, ${address}`), 3);
  });
});

describe("what one person does", () => {
  let alice: Person;
  let chat: string;

  beforeAll(async () => {
    alice = await newPerson("Alice");
    chat = (await alice.call<GroupInfo>("POST", "/groups", { title: "One" })).body.id;
  });

  test("sends are limited in a chat, and over all chats, whatever the way they come", async () => {
    const other = (await alice.call<GroupInfo>("POST", "/groups", { title: "Two" })).body.id;
    const socket = await alice.connect();
    const viaSocket = (chat_id: string) => socket.request({ action: "send_message", chat_id, text: "hello" });
    const viaHttp = (chat_id: string) =>
      alice.call<ErrorBody>("POST", `/chats/${chat_id}/messages`, { text: "hello" });
    for (let i = 0; i < 3; i++) expect((await viaSocket(chat)).event).toBe("new_message");
    for (let i = 0; i < 2; i++) expect((await viaHttp(chat)).status).toBe(201);
    const refused = await viaSocket(chat);
    expect(refused).toMatchObject({ code: "rate_limited", request_id: expect.any(String) });
    expect(refused["retry_after_ms"]).toBeGreaterThan(0);
    // What the chat's limit refuses does not count against all sends together: 5 of 8 are taken.
    for (let i = 0; i < 3; i++) expect((await viaHttp(other)).status).toBe(201);
    expectRefusal(await viaHttp(other), 8);
  });

  test("new chats are limited", async () => {
    const answers = await Promise.all(
      Array.from({ length: 3 }, () => alice.call<ErrorBody>("POST", "/groups", { title: "More" })),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 201, 429]);
  });

  test("read marks are limited with an answer, typing without one, and the connection stays usable", async () => {
    const bob = await newPerson("Bob");
    const group = (
      await bob.call<GroupInfo>("POST", "/groups", { title: "Three", member_ids: [alice.user.id] })
    ).body.id;
    const [a, b] = await Promise.all([alice.connect(), bob.connect()]);
    for (const socket of [a, b]) await socket.request({ action: "join_chat", chat_id: group });
    const { data } = await b.request({ action: "send_message", chat_id: group, text: "read me" });
    const read = () => a.request({ action: "message_read", chat_id: group, message_id: data.id });
    expect([await read(), await read(), await read()].map(({ event, code }) => event ?? code)).toEqual([
      "message_read",
      "message_read",
      "rate_limited",
    ]);
    for (let i = 0; i < 5; i++) a.send({ action: "typing", chat_id: group });
    await a.settle();
    await b.settle();
    expect(b.frames.filter(({ event }) => event === "typing")).toHaveLength(2);
    expect(a.frames.filter(({ code }) => code !== undefined)).toHaveLength(1);
  });
});

describe("what asks the database who is in a chat", () => {
  const refusal = {
    code: "rate_limited",
    error: expect.any(String),
    retry_after_ms: expect.any(Number),
    request_id: expect.any(String),
  };
  const unknown = () => crypto.randomUUID();

  test("is limited for joining, whether one may or not, and the connection stays usable", async () => {
    const carol = await newPerson("Carol");
    const own = (await carol.call<GroupInfo>("POST", "/groups", { title: "Own" })).body.id;
    const [socket, other] = await Promise.all([carol.connect(), carol.connect()]);
    const join = (chat_id: string, from = socket) => from.request({ action: "join_chat", chat_id });
    expect(await join(own)).toMatchObject({ status: "joined" });
    for (let i = 0; i < 2; i++) expect((await join(unknown())).code).toBe("chat_not_found");
    expect(await join(own)).toEqual(refusal);
    expect(await join(unknown(), other)).toEqual(refusal);
    expect((await socket.request({ action: "leave_chat", chat_id: own })).status).toBe("left");
    expect(await join(own, await (await newPerson("Dora")).connect())).toMatchObject({
      code: "chat_not_found",
    });
  });

  test("is limited for typing where the connection does not hear the chat, and only there", async () => {
    const carol = await newPerson("Carol");
    const own = (await carol.call<GroupInfo>("POST", "/groups", { title: "Own" })).body.id;
    const socket = await carol.connect();
    const typing = (chat_id: string) => socket.request({ action: "typing", chat_id });
    expect(await socket.request({ action: "join_chat", chat_id: own })).toMatchObject({ status: "joined" });
    for (let i = 0; i < 2; i++) expect((await typing(unknown())).code).toBe("chat_not_found");
    expect(await typing(unknown())).toEqual(refusal);
    const { length } = socket.frames;
    socket.send({ action: "typing", chat_id: own });
    await socket.settle();
    expect(socket.frames.slice(length).filter(({ code }) => code !== undefined)).toEqual([]);
  });

  test("is limited for catching up by the positions that are named, and by 100 for all of them", async () => {
    const carol = await newPerson("Carol");
    const socket = await carol.connect();
    const positions = (count: number) =>
      Array.from({ length: count }, () => ({ chat_id: unknown(), seq: 0, version: 0 }));
    const catchUp = (count: number) => socket.request({ action: "catch_up", chats: positions(count) });
    const sync = (count: number) => carol.call<ErrorBody>("POST", "/sync", { chats: positions(count) });
    expect((await socket.request({ action: "subscribe" })).status).toBe("subscribed");
    expect((await catchUp(70)).status).toBe("caught_up");
    expect(await catchUp(71)).toEqual(refusal);
    // The least that is counted is 20.
    expect((await catchUp(1)).status).toBe("caught_up");
    const answer = await sync(40);
    expect([answer.status, answer.headers.get("ratelimit-remaining")]).toEqual([200, "10"]);
    expect((await sync(11)).status).toBe(429);
    expect(await socket.request({ action: "subscribe" })).toEqual(refusal);
    expect((await socket.request({ action: "leave_chat", chat_id: unknown() })).status).toBe("left");
  });
});

test("opening WebSockets is limited by address, before the upgrade", async () => {
  const address = newAddress();
  const open = (origin?: string) =>
    exchange(server.url, [
      ...["GET /ws HTTP/1.1", `Host: ${new URL(server.url).host}`, `X-Forwarded-For: ${address}`],
      ...["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"],
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      ...(origin === undefined ? [] : [`Origin: ${origin}`]),
    ]);
  // A foreign page costs its visitor nothing.
  for (let i = 0; i < 10; i++) expect((await open("http://evil.example")).status).toBe(403);
  for (let i = 0; i < 12; i++) expect((await open()).status).toBe(101);
  const refused = await open();
  expect([refused.status, JSON.parse(refused.text)]).toEqual([
    429,
    expect.objectContaining({ code: "rate_limited" }),
  ]);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
});
