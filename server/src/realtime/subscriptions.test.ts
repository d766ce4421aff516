import { describe, expect, test } from "bun:test";
import type { Connection } from "./connection.ts";
import { createGate } from "./gate.ts";
import { createInterest } from "./interest.ts";
import * as subject from "./subscriptions.ts";
import { joinedTopic, logTopic, viewTopic } from "./topics.ts";

const chat = "chat-1";

/** A connection whose socket is a set of topics. */
function connect(userId: string): Connection & { isOpen: boolean; topics: Set<string> } {
  const topics = new Set<string>();
  return {
    topics,
    isOpen: true,
    isSubscribed: false,
    user: { id: userId, name: userId, email: `${userId}@example.org` },
    ...{ sessionId: undefined, passwordVersion: 0 },
    socket: {
      follow: (topic) => void topics.add(topic),
      unfollow: (topic) => void topics.delete(topic),
      isFollowing: (topic) => topics.has(topic),
      send: () => {},
      publishToOthers: () => {},
      close: () => {},
    },
    answer: () => {},
    close: () => {},
  };
}

/** The chats that other nodes are asked to tell of. */
const followed = new Set<string>();

function createFollowedInterest() {
  followed.clear();
  return createInterest({
    follow: (chatId) => void followed.add(chatId),
    unfollow: (chatId) => void followed.delete(chatId),
  });
}

function createSubscriptions(interest = createFollowedInterest()) {
  const ignore = () => {};
  const watch = { opened: ignore, closed: ignore, look: ignore, leave: ignore };
  return subject.createSubscriptions({ gate: createGate(), interest, watch });
}

const yes = () => Promise.resolve(true);
const no = () => Promise.resolve(false);

/** Lets everything happen that waits for nothing from outside. */
const turns = () => new Promise((resolve) => setImmediate(resolve));

/** Questions about membership that the test answers. */
function membership() {
  const questions: PromiseWithResolvers<boolean>[] = [];
  const ask = () => {
    const question = Promise.withResolvers<boolean>();
    questions.push(question);
    return question.promise;
  };
  return { questions, ask };
}

describe("joining", () => {
  test("lets a member hear the chat, on that connection alone", async () => {
    const subscriptions = createSubscriptions();
    const [phone, laptop] = [connect("alice"), connect("alice")];
    for (const connection of [phone, laptop]) subscriptions.add(connection);
    expect(await subscriptions.join(phone, chat, yes)).toBe(true);
    expect(subscriptions.hears(phone, chat)).toBe(true);
    expect(subscriptions.hears(laptop, chat)).toBe(false);
    expect(subscriptions.hears(phone, "chat-2")).toBe(false);
  });

  test("lets nobody else", async () => {
    const subscriptions = createSubscriptions();
    const connection = connect("mallory");
    expect(await subscriptions.join(connection, chat, no)).toBe(false);
    expect(connection.topics).toBeEmpty();
  });

  test("fails with the question about membership, and leaves nothing behind", async () => {
    const subscriptions = createSubscriptions();
    const connection = connect("alice");
    const away = () => Promise.reject(new Error("away"));
    expect(await subscriptions.join(connection, chat, away).catch(String)).toBe("Error: away");
    expect(connection.topics).toBeEmpty();
  });

  test("does not touch a socket that closed meanwhile", async () => {
    const subscriptions = createSubscriptions();
    const connection = connect("alice");
    const { questions, ask } = membership();
    const joining = subscriptions.join(connection, chat, ask);
    connection.isOpen = false;
    questions[0]?.resolve(true);
    await joining;
    expect(connection.topics).toBeEmpty();
    expect(subscriptions.hears(connection, chat)).toBe(false);
  });

  test("waits while the user is being taken out, and then asks again", async () => {
    const subscriptions = createSubscriptions();
    const connection = connect("alice");
    const { questions, ask } = membership();
    const joining = subscriptions.join(connection, chat, ask);
    const revocation = subscriptions.revoke(chat, ["alice"]);
    questions[0]?.resolve(true);
    await turns();
    expect([questions.length, connection.topics.size]).toEqual([1, 0]);
    revocation.end();
    await turns();
    expect([questions.length, connection.topics.size]).toEqual([2, 0]);
    questions[1]?.resolve(false);
    expect(await joining).toBe(false);
    expect(connection.topics).toBeEmpty();
  });

  test("does so too when it begins while the user is being taken out", async () => {
    const subscriptions = createSubscriptions();
    const connection = connect("alice");
    const revocation = subscriptions.revoke(chat, ["alice"]);
    const answers = [true, false];
    const joining = subscriptions.join(connection, chat, () => Promise.resolve(answers.shift() ?? false));
    await turns();
    expect(connection.topics).toBeEmpty();
    revocation.end();
    expect(await joining).toBe(false);
  });

  test("asks again when the user was taken out while the answer was on its way", async () => {
    const subscriptions = createSubscriptions();
    const connection = connect("alice");
    const { questions, ask } = membership();
    const joining = subscriptions.join(connection, chat, ask);
    subscriptions.revoke(chat, ["alice"]).end();
    questions[0]?.resolve(true);
    await turns();
    expect([questions.length, connection.topics.size]).toEqual([2, 0]);
    questions[1]?.resolve(false);
    expect(await joining).toBe(false);
  });

  test("is let in after all when the change was given up", async () => {
    const subscriptions = createSubscriptions();
    const connection = connect("alice");
    const revocation = subscriptions.revoke(chat, ["alice"]);
    const joining = subscriptions.join(connection, chat, yes);
    revocation.end();
    expect(await joining).toBe(true);
    expect(subscriptions.hears(connection, chat)).toBe(true);
  });

  test("does not wait when somebody else is taken out, or out of another chat", async () => {
    const subscriptions = createSubscriptions();
    const connection = connect("alice");
    const { questions, ask } = membership();
    const joining = subscriptions.join(connection, chat, ask);
    subscriptions.revoke(chat, ["bob"]);
    subscriptions.revoke("chat-2", ["alice"]);
    questions[0]?.resolve(true);
    expect(await joining).toBe(true);
    expect(questions).toHaveLength(1);
  });
});

describe("being taken out", () => {
  test("ends what all connections of these people hear of this chat, and nothing else", async () => {
    const subscriptions = createSubscriptions();
    const phone = connect("alice");
    const laptop = connect("alice");
    const other = connect("bob");
    for (const connection of [phone, laptop, other]) {
      subscriptions.add(connection);
      await subscriptions.join(connection, chat, yes);
      await subscriptions.join(connection, "chat-2", yes);
    }
    expect(subscriptions.revoke(chat, ["alice", "alice", "nobody"]).cut).toEqual([phone, laptop]);
    for (const connection of [phone, laptop]) expect([...connection.topics]).toEqual([joinedTopic("chat-2")]);
    expect(subscriptions.hears(other, chat)).toBe(true);
    expect(subscriptions.revoke(chat, ["alice"]).cut).toEqual([]);
  });
});

describe("typing", () => {
  test("is told while none of the user's own devices hears, and they hear again after it", async () => {
    const subscriptions = createSubscriptions();
    const [phone, laptop, elsewhere, other] = [
      connect("alice"),
      connect("alice"),
      connect("alice"),
      connect("bob"),
    ];
    for (const connection of [phone, laptop, elsewhere, other]) subscriptions.add(connection);
    for (const connection of [phone, laptop, other]) await subscriptions.join(connection, chat, yes);
    const heard: string[] = [];
    subscriptions.without("alice", joinedTopic(chat), () => {
      for (const connection of [phone, laptop, elsewhere, other])
        if (subscriptions.hears(connection, chat)) heard.push(connection.user.id);
    });
    expect(heard).toEqual(["bob"]);
    expect([phone, laptop, elsewhere].map((connection) => subscriptions.hears(connection, chat))).toEqual([
      true,
      true,
      false,
    ]);
  });
});

describe("connections", () => {
  test("are counted by user, and forgotten when they end", () => {
    const subscriptions = createSubscriptions();
    const [phone, laptop] = [connect("alice"), connect("alice")];
    for (const connection of [phone, laptop]) subscriptions.add(connection);
    expect(subscriptions.count("alice")).toBe(2);
    expect([...subscriptions.all()]).toEqual([phone, laptop]);
    subscriptions.remove(phone);
    subscriptions.remove(phone);
    expect(subscriptions.count("alice")).toBe(1);
    subscriptions.remove(laptop);
    expect(subscriptions.count("alice")).toBe(0);
    expect([...subscriptions.all()]).toEqual([]);
  });
});

const at = (chat_id: string, version: number) => ({ chat_id, seq: version, version });

describe("following everything", () => {
  test("lets a connection hear the log of each chat, and tells where they are", async () => {
    const subscriptions = createSubscriptions();
    const [phone, laptop] = [connect("alice"), connect("alice")];
    for (const connection of [phone, laptop]) subscriptions.add(connection);
    const positions = [at("chat-1", 3), at("chat-2", 0)];
    expect(await subscriptions.subscribe(phone, () => Promise.resolve(positions))).toEqual(positions);
    expect([...phone.topics]).toEqual([logTopic("chat-1"), logTopic("chat-2")]);
    expect(laptop.topics).toBeEmpty();
    expect(subscriptions.subscribed("alice")).toEqual([phone]);
  });

  test("reaches chats that its user comes into later, and only on connections that follow", async () => {
    const subscriptions = createSubscriptions();
    const [phone, laptop, stranger] = [connect("alice"), connect("alice"), connect("bob")];
    for (const connection of [phone, laptop, stranger]) subscriptions.add(connection);
    await subscriptions.subscribe(phone, () => Promise.resolve([]));
    const admitted = await subscriptions.admit(
      "chat-9",
      ["alice", "bob"],
      () => Promise.resolve(["alice", "bob"]),
      () => {},
    );
    expect(admitted).toEqual(["alice", "bob"]);
    expect([...phone.topics]).toEqual([logTopic("chat-9")]);
    expect([...laptop.topics, ...stranger.topics]).toEqual([]);
  });

  test("does not reach a chat for somebody who was taken out while it was being told", async () => {
    const subscriptions = createSubscriptions();
    const phone = connect("alice");
    subscriptions.add(phone);
    await subscriptions.subscribe(phone, () => Promise.resolve([]));
    const answers = [["alice"], []];
    const admitting = subscriptions.admit(
      chat,
      ["alice"],
      () => Promise.resolve(answers.shift() ?? []),
      () => {},
    );
    const { end } = subscriptions.revoke(chat, ["alice"]);
    await turns();
    end();
    expect(await admitting).toEqual([]);
    expect(phone.topics).toBeEmpty();
  });

  test("asks again when its user comes into a chat, or out of one, before the answer", async () => {
    const subscriptions = createSubscriptions();
    const phone = connect("alice");
    subscriptions.add(phone);
    const questions: PromiseWithResolvers<ReturnType<typeof at>[]>[] = [];
    const subscribing = subscriptions.subscribe(phone, () => {
      const question = Promise.withResolvers<ReturnType<typeof at>[]>();
      questions.push(question);
      return question.promise;
    });
    await subscriptions.admit(
      "chat-2",
      ["alice"],
      () => Promise.resolve(["alice"]),
      () => {},
    );
    questions[0]?.resolve([at("chat-1", 1)]);
    await turns();
    subscriptions.revoke("chat-1", ["alice"]).end();
    questions[1]?.resolve([at("chat-1", 1), at("chat-2", 0)]);
    await turns();
    questions[2]?.resolve([at("chat-2", 0)]);
    expect(await subscribing).toEqual([at("chat-2", 0)]);
    expect([...phone.topics]).toEqual([logTopic("chat-2")]);
  });

  test("turns what was joined before into looking", async () => {
    const subscriptions = createSubscriptions();
    const phone = connect("alice");
    subscriptions.add(phone);
    await subscriptions.join(phone, chat, yes);
    await subscriptions.subscribe(phone, () => Promise.resolve([at(chat, 1)]));
    expect([...phone.topics].toSorted()).toEqual([logTopic(chat), viewTopic(chat)]);
    subscriptions.leave(phone, chat);
    expect([...phone.topics]).toEqual([logTopic(chat)]);
  });

  test("ends for a chat with everything that is heard of it, on each device", async () => {
    const subscriptions = createSubscriptions();
    const [phone, laptop] = [connect("alice"), connect("alice")];
    for (const connection of [phone, laptop]) {
      subscriptions.add(connection);
      await subscriptions.subscribe(connection, () => Promise.resolve([at(chat, 1)]));
      await subscriptions.join(connection, chat, yes);
    }
    expect(subscriptions.revoke(chat, ["alice"]).cut).toEqual([phone, laptop]);
    expect([...phone.topics, ...laptop.topics]).toEqual([]);
    expect(followed).toBeEmpty();
  });

  test("of one who finds a chat further on does not mean that the others were told", async () => {
    const interest = createFollowedInterest();
    const subscriptions = createSubscriptions(interest);
    const [early, late] = [connect("alice"), connect("bob")];
    for (const connection of [early, late]) subscriptions.add(connection);
    await subscriptions.subscribe(early, () => Promise.resolve([at(chat, 1)]));
    expect(await subscriptions.subscribe(late, () => Promise.resolve([at(chat, 2)]))).toEqual([at(chat, 2)]);
    expect(interest.known(chat)).toEqual(at(chat, 1));
  });

  test("tells of the newest message that is known from anywhere", async () => {
    const interest = createFollowedInterest();
    const subscriptions = createSubscriptions(interest);
    const phone = connect("alice");
    subscriptions.add(phone);
    const read = () => {
      interest.note({ chat_id: chat, seq: 0, version: 8 });
      return Promise.resolve([at(chat, 7)]);
    };
    expect(await subscriptions.subscribe(phone, read)).toEqual([{ chat_id: chat, seq: 7, version: 8 }]);
  });

  test("other nodes are asked to tell of a chat while somebody here hears it", async () => {
    const subscriptions = createSubscriptions();
    const [phone, laptop, other] = [connect("alice"), connect("alice"), connect("bob")];
    for (const connection of [phone, laptop, other]) subscriptions.add(connection);
    await subscriptions.subscribe(phone, () => Promise.resolve([at(chat, 1)]));
    await subscriptions.subscribe(laptop, () => Promise.resolve([at(chat, 1)]));
    await subscriptions.join(other, "chat-2", yes);
    expect([...followed]).toEqual([chat, "chat-2"]);
    phone.isOpen = false;
    subscriptions.remove(phone);
    expect([...followed]).toEqual([chat, "chat-2"]);
    for (const connection of [laptop, other]) {
      connection.isOpen = false;
      subscriptions.remove(connection);
    }
    expect(followed).toBeEmpty();
    expect([...subscriptions.followers()]).toEqual([]);
  });
});
