import { describe, expect, test } from "bun:test";
import type { Client } from "@windi/sdk";
import { startServer, type Person } from "../harness.ts";
import { startTcpProxy } from "../tcp-proxy.ts";
import { connectedClient, phase, when } from "./signed-in.ts";

const count = 40;

async function createGroup(owner: Person, member: Person): Promise<string> {
  const body = { title: "Group", member_ids: [member.user.id] };
  return (await owner.call<{ id: string }>("POST", "/groups", body)).body.id;
}

/** A log that has noted what a person has seen of it. */
function watch(client: Client, chatId: string) {
  const log = client.chatLog(chatId);
  let breaches = 0;
  log.subscribe(({ messages, pending }) => {
    const seqs = messages.map(({ seq }) => seq);
    const keys = new Set(messages.map(({ idempotency_key }) => idempotency_key));
    const isWhole = seqs.every((seq, index) => seq === (seqs[0] ?? 0) + index);
    if (!isWhole || pending.some(({ key }) => keys.has(key))) breaches++;
  });
  return { log, breaches: () => breaches };
}

const written = (name: string) => Array.from({ length: count }, (_, index) => `${name} ${index}`);

describe("clients whose connections are cut again and again while they send", () => {
  test("end with the same log, each message once and in the order in which it was written", async () => {
    await using server = await startServer();
    await using proxy = await startTcpProxy(Number(new URL(server.url).port));
    const url = `http://127.0.0.1:${proxy.port}`;
    const people = await Promise.all([server.person("Anna"), server.person("Boris")]);
    const chatId = await createGroup(...people);
    const clients = await Promise.all(people.map((person) => connectedClient(url, person)));
    const watched = clients.map((client) => watch(client, chatId));
    const [one] = clients;
    if (!one) throw new Error("No client");

    for (let index = 0; index < count; index++) {
      for (const [at, client] of clients.entries())
        client.outbox.send(chatId, `${people[at]?.user.name} ${index}`);
      if (index % 15 === 7) {
        proxy.become("hang up");
        await phase(one, "waiting");
        proxy.become("pass");
      }
    }
    for (const { log } of watched)
      await when(log, ({ messages, pending }) => messages.length === 2 * count && pending.length === 0);

    const history = await one.call("getHistory", {
      params: { chat_id: chatId },
      query: { limit: 100 },
    });
    for (const { log, breaches } of watched) {
      expect(log.get().messages.map(({ id }) => id)).toEqual(history.map(({ id }) => id));
      expect(breaches()).toBe(0);
    }
    for (const { user } of people) {
      const own = history.filter(({ sender }) => sender.id === user.id).map(({ text }) => text);
      expect(own).toEqual(written(user.name));
    }
    for (const client of clients) client.close();
  });
});

describe("a server that restarts", () => {
  test("is found again, and what was written meanwhile is sent", async () => {
    const before = await startServer();
    const [anna, boris] = await Promise.all([before.person("Anna"), before.person("Boris")]);
    const chatId = await createGroup(anna, boris);
    const clients = await Promise.all([anna, boris].map((person) => connectedClient(before.url, person)));
    const [one, other] = clients;
    if (!one || !other) throw new Error("No client");
    const { log } = watch(other, chatId);
    one.outbox.send(chatId, "Before");
    await when(log, ({ messages }) => messages.length === 1);

    await before[Symbol.asyncDispose]();
    one.outbox.send(chatId, "Meanwhile");
    expect(one.outbox.get().entries.map(({ state }) => state)).toEqual(["queued"]);
    const port = new URL(before.url).port;
    await using after = await startServer({ environment: { ...before.environment, SERVER_PORT: port } });
    expect(after.url).toBe(before.url);
    const { messages } = await when(log, (state) => state.messages.length === 2);
    expect(messages.map(({ text }) => text)).toEqual(["Before", "Meanwhile"]);
    await when(one.outbox, ({ entries }) => entries.length === 0);
    for (const client of clients) client.close();
  });
});
