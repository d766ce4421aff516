import { afterAll, beforeAll, expect, test } from "bun:test";
import { call, startServer, type Person, type TestServer } from "./harness.ts";

let server: TestServer;
let alice: Person;
let bob: Person;

beforeAll(async () => {
  const limits = "frames=20/9000,bytes=20000/9000,register=2/9000,connect=1000/60";
  server = await startServer({ environment: { RATE_LIMITS: limits } });
  [alice, bob] = await Promise.all([server.person("Alice"), server.person("Bob")]);
});
afterAll(() => server[Symbol.asyncDispose]());

const frame = { action: "leave_chat", chat_id: "01900000-0000-7000-8000-000000000000" };

test("a connection that sends too many frames is closed with 4029, and no other", async () => {
  const [one, other] = await Promise.all([alice.connect(), alice.connect()]);
  for (let i = 0; i < 20; i++) await one.request(frame);
  one.send(frame);
  expect((await one.closed).code).toBe(4029);
  expect(await other.request(frame)).toMatchObject({ status: "left" });
});

test("frames that are refused count as well", async () => {
  const socket = await alice.connect();
  for (let i = 0; i < 21; i++) socket.send("garbage");
  expect((await socket.closed).code).toBe(4029);
  expect(socket.frames).toHaveLength(20);
});

test("a connection that sends too many bytes is closed with 4029, in text or not", async () => {
  for (const large of ["x".repeat(10_001), "ы".repeat(5001), new Uint8Array(10_001)]) {
    const socket = await alice.connect();
    socket.send(large);
    await socket.next();
    socket.send(large);
    expect((await socket.closed).code).toBe(4029);
  }
});

test("one user has at most 20 connections, however many come at once; another may come when one has gone", async () => {
  const sockets = await Promise.all(Array.from({ length: 30 }, () => bob.connect()));
  const isOpen = await Promise.all(
    sockets.map((socket) =>
      socket.request(frame).then(
        () => true,
        () => false,
      ),
    ),
  );
  const open = sockets.filter((_, i) => isOpen[i]);
  expect(open).toHaveLength(20);
  const refused = sockets.filter((_, i) => !isOpen[i]).map(async (socket) => (await socket.closed).code);
  expect(await Promise.all(refused)).toEqual(Array.from({ length: 10 }, () => 4029));
  expect(await (await alice.connect()).request(frame)).toMatchObject({ status: "left" });
  open[0]?.close();
  await open[0]?.closed;
  expect(await (await bob.connect()).request(frame)).toMatchObject({ status: "left" });
});

test("X-Forwarded-For does not make another client of one, unless the operator trusts a proxy", async () => {
  const statuses: number[] = [];
  for (const forwarded of ["198.51.100.1", "198.51.100.2", "127.0.0.1"]) {
    const body = { name: "Anna", email: `${crypto.randomUUID()}@example.org`, password: "password123" };
    const headers = { "x-forwarded-for": forwarded, forwarded: `for=${forwarded}`, "x-real-ip": forwarded };
    statuses.push((await call(server.url, "POST", "/auth/register", { body, headers })).status);
  }
  expect(statuses).toEqual([429, 429, 429]);
});
