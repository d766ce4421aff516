import { describe, expect, test } from "bun:test";
import type { Connection } from "./connection.ts";
import { createSubscriptions, topicOf } from "./subscriptions.ts";

const chat = "chat-1";

/** A connection whose socket is a set of topics. */
function connect(userId: string): Connection & { isOpen: boolean; topics: Set<string> } {
  const topics = new Set<string>();
  return {
    topics,
    isOpen: true,
    user: { id: userId, name: userId, email: `${userId}@example.org` },
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
    for (const connection of [phone, laptop]) expect([...connection.topics]).toEqual([topicOf("chat-2")]);
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
    subscriptions.without("alice", chat, () => {
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
