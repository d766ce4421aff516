import { describe, expect, test } from "bun:test";
import type { Change } from "./change-stream.ts";
import type { AllChangesOptions } from "./change-streams.ts";
import type { Client } from "./client.ts";
import { createFakeWorld } from "./fake-world.ts";

async function createStreams() {
  const world = createFakeWorld();
  const chat = world.server.chat("one", [world.alice, world.bob]);
  const say = (text: string) => world.server.send(world.bob, chat, text, null);
  const client = await world.connected(world.alice);
  return { ...world, chat, say, client };
}

/** What a program is told of, as words. */
function listen(client: Client, options?: AllChangesOptions) {
  const told: Change[] = [];
  const reading = (async () => {
    for await (const change of client.changes(options)) told.push(change);
  })();
  const words = () =>
    told.map((change) => ("message" in change ? `${change.kind} ${change.message.text}` : change.kind));
  return { told, words, reading, last: () => told.at(-1)?.position };
}

describe("a stream of changes", () => {
  test("tells what happens from now on, in order, with the positions to store", async () => {
    const { client, say, server, chat, clock } = await createStreams();
    say("Before");
    await clock.advance(10);
    const { told, words } = listen(client);
    await clock.advance(10);
    say("1");
    say("2");
    server.edit(chat, 2, "one");
    server.remove(chat, 3);
    server.rename(chat, "Walks");
    await clock.advance(10);
    expect(words()).toEqual(["following", "sent 1", "sent 2", "edited one", "deleted ", "renamed"]);
    expect(told.map(({ position: { seq, version } }) => [seq, version])).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
      [3, 4],
      [3, 5],
      [3, 6],
    ]);
  });

  test("from a stored position tells what happened since, what is new first", async () => {
    const { client, say, server, chat, clock } = await createStreams();
    for (const text of ["1", "2", "3"]) say(text);
    await clock.advance(10);
    server.edit(chat, 1, "one");
    server.edit(chat, 3, "three");
    await clock.advance(10);
    const from = [{ chat_id: chat.id, seq: 2, version: 2 }];
    const { words, told } = listen(client, { from });
    await clock.advance(10);
    expect(words()).toEqual(["sent three", "edited one"]);
    // Whoever ends between the two must hear of both again.
    expect(told.map(({ position }) => position.version)).toEqual([2, 5]);
  });

  test("from a position that is too old tells so, and then every message since", async () => {
    const { client, say, chat, clock } = await createStreams();
    for (let seq = 1; seq <= 250; seq++) say(String(seq));
    await clock.advance(10);
    const stream = listen(client, { from: [{ chat_id: chat.id, seq: 5, version: 5 }] });
    await clock.advance(20);
    say("251");
    await clock.advance(10);
    const wanted = Array.from({ length: 246 }, (_, index) => `sent ${index + 6}`);
    expect(stream.words()).toEqual(["resync", ...wanted]);
    expect(stream.last()).toEqual({ chat_id: chat.id, seq: 251, version: 251 });
  });

  test("tells of chats that the user comes into and goes out of", async () => {
    const { client, clock, server, alice, bob, chat } = await createStreams();
    const { told } = listen(client);
    await clock.advance(10);
    const second = server.chat("two", [alice, bob]);
    server.send(bob, second, "Welcome", null);
    await clock.advance(10);
    server.expel(chat, alice);
    await clock.advance(10);
    expect(told.map(({ chatId, kind }) => `${chatId} ${kind}`)).toEqual([
      "chat-one following",
      "chat-two following",
      "chat-two sent",
      "chat-one gone",
    ]);
  });

  test("tells nothing of a chat that the user was taken out of while there was no connection", async () => {
    const { client, clock, server, alice, chat, socket } = await createStreams();
    socket().cut();
    server.expel(chat, alice);
    await clock.advance(1000);
    const { told } = listen(client);
    await clock.advance(10);
    expect(told).toEqual([]);
  });

  test("tells what was said in a chat that the user came into while the program did not run", async () => {
    const { client, clock, server, alice, bob, chat } = await createStreams();
    const second = server.chat("two", [bob]);
    server.send(bob, second, "Before", null);
    second.read(alice.id, 1);
    second.members.set(alice.id, alice);
    server.send(bob, second, "Welcome", null);
    await clock.advance(10);
    const { words } = listen(client, { from: [chat.position()] });
    await clock.advance(20);
    expect(words()).toEqual(["following", "sent Welcome"]);
  });

  test("keeps no more than some changes waiting for a slow program, and loses none", async () => {
    const { client, say, chat, clock, server } = await createStreams();
    const seen: string[] = [];
    const changes = client.chatLog(chat.id).changes();
    expect((await changes.next()).value?.kind).toBe("following");
    for (let seq = 1; seq <= 700; seq++) {
      say(String(seq));
      await clock.advance(2);
    }
    while (seen.length < 700) {
      const next = changes.next();
      await clock.advance(5);
      const { value } = await next;
      if (value?.kind === "sent") seen.push(value.message.text);
    }
    expect(seen).toEqual(Array.from({ length: 700 }, (_, index) => String(index + 1)));
    expect(server.calls.some((call) => call.includes("after_seq=501"))).toBe(true);
  });

  test("ends with its signal, with the client, and with the loop", async () => {
    const { client, clock, say, chat } = await createStreams();
    const ending = new AbortController();
    const first = listen(client, { signal: ending.signal });
    const second = listen(client);
    await clock.advance(10);
    ending.abort();
    await first.reading;
    say("1");
    await clock.advance(10);
    expect(first.words()).toEqual(["following"]);
    expect(second.words()).toEqual(["following", "sent 1"]);
    client.close();
    await second.reading;
    for await (const change of client.chatLog(chat.id).changes({ from: chat.position() })) void change;
  });

  test("of a chat that is not the user's fails with the code", async () => {
    const { client, clock } = await createStreams();
    const failure = client
      .chatLog("chat-of-others")
      .changes()
      .next()
      .catch((error: unknown) => error);
    await clock.advance(10);
    expect(await failure).toMatchObject({ code: "chat_not_found" });
  });
});
