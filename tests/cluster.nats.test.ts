import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { GroupInfo } from "@windi/protocol";
import { createTestDatabase, signIn, startServer, type Person, type TestServer } from "./harness.ts";
import { startNats, type NatsServer } from "./nats.ts";
import type { Frame, TestSocket } from "./socket.ts";
import { until } from "./until.ts";

const isOf = (event: string, chatId: string) => (frame: Frame) =>
  frame.event === event &&
  (frame.chat_id ?? frame.data?.chat_id ?? (frame as { chat?: { id: string } }).chat?.id) === chatId;

describe("two nodes with NATS between them", () => {
  let nats: NatsServer;
  let servers: [TestServer, TestServer];
  let alice: Person;
  let bob: Person;
  let phone: TestSocket;

  beforeAll(async () => {
    nats = await startNats();
    const environment = {
      DATABASE_URL: createTestDatabase(),
      JWT_SECRET_KEY: crypto.randomUUID() + crypto.randomUUID(),
      NATS_URL: nats.url,
      AUDIT_SECONDS: "1",
    };
    const one = await startServer({ database: "server", environment });
    servers = [one, await startServer({ database: "server", environment })];
    alice = await one.person("Alice");
    const { user, password } = await one.person("Bob");
    bob = await signIn(servers[1].url, user, password);
    phone = await bob.connect();
    await phone.request({ action: "subscribe" });
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
    await nats[Symbol.asyncDispose]();
  });

  async function makeGroup(): Promise<string> {
    const body = { title: "Garden", member_ids: [bob.user.id] };
    const { id } = (await alice.call<GroupInfo>("POST", "/groups", body)).body;
    await phone.next(isOf("chat_added", id));
    return id;
  }
  const send = (chatId: string, text: string) => alice.call("POST", `/chats/${chatId}/messages`, { text });
  const remove = (chatId: string) =>
    alice.call("DELETE", `/groups/${chatId}/members`, { user_ids: [bob.user.id] });

  test("what happens on one is heard on the other, and ends there with a removal", async () => {
    const group = await makeGroup();
    await send(group, "hello");
    expect((await phone.next(isOf("new_message", group))).data.text).toBe("hello");
    await remove(group);
    await send(group, "not for Bob");
    await phone.next(isOf("chat_removed", group));
    await phone.settle();
    expect(phone.frames.filter(isOf("new_message", group))).toHaveLength(1);
  });

  test("while NATS is away, what was lost is found in the database, and who was removed is cut off", async () => {
    const [group, left] = [await makeGroup(), await makeGroup()];
    await nats.kill();
    await send(group, "nobody tells of it");
    expect(await phone.next(isOf("position", group))).toMatchObject({ seq: 1, version: 1 });
    await remove(left);
    await phone.next(isOf("chat_removed", left));
    await send(left, "not for Bob");

    await nats.start();
    await until(async () => {
      await send(group, "heard again");
      return phone.frames.some(isOf("new_message", group));
    });
    expect(phone.frames.filter(isOf("new_message", left))).toEqual([]);
  }, 30_000);
});

test("what is written in a chat before NATS knows that a node wants it is found a second later", async () => {
  await using nats = await startNats();
  const environment = {
    DATABASE_URL: createTestDatabase(),
    JWT_SECRET_KEY: crypto.randomUUID() + crypto.randomUUID(),
    NATS_URL: nats.url,
    AUDIT_SECONDS: "3600",
  };
  await using one = await startServer({ database: "server", environment });
  await using other = await startServer({ database: "server", environment });
  const alice = await one.person("Alice");
  const { user, password } = await one.person("Bob");
  const bob = await signIn(other.url, user, password);
  const phone = await bob.connect();
  await phone.request({ action: "subscribe" });
  const groups = await Promise.all(
    Array.from({ length: 10 }, async () => {
      const body = { title: "Garden", member_ids: [user.id] };
      const { id } = (await alice.call<GroupInfo>("POST", "/groups", body)).body;
      await alice.call("POST", `/chats/${id}/messages`, { text: "at once" });
      return id;
    }),
  );
  const isTold = (id: string) => (frame: Frame) =>
    isOf("new_message", id)(frame) || isOf("position", id)(frame);
  await until(() => groups.every((id) => phone.frames.some(isTold(id))));
});
