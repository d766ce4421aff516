import { describe, expect, test } from "bun:test";
import type { ChatInfo, GroupInfo, MessageInfo } from "@windi/protocol";
import {
  checkAccess,
  checkHearing,
  checkLog,
  checkReads,
  createRecord,
  wasMember,
  type DeliveryRecord,
  type Listener,
  type SendAttempt,
} from "./delivery-record.ts";
import { startServer, type Person } from "./harness.ts";
import { createRandom, type Random } from "./random.ts";
import { kinds } from "./stores.ts";

const seed = Number(process.env["WINDI_SEED"] ?? Date.now() % 100_000);
const waves = 90;
const mostAtOnce = 8;

const weights = {
  send: 30,
  sendByHttp: 8,
  repeatSend: 8,
  read: 12,
  typing: 5,
  join: 14,
  leave: 3,
  connect: 6,
  disconnect: 3,
  add: 5,
  remove: 5,
  makeGroup: 1,
  deleteGroup: 1,
};

interface Chat {
  id: string;
  /** Undefined for a personal chat, which nobody changes. */
  creator: Person | undefined;
}

/** Several people who do one thing after the other, some at once, each picked by the seed. */
function createWorld(people: readonly Person[], random: Random, record: DeliveryRecord) {
  const chats: Chat[] = [];
  let count = 0;

  const open = () => record.listeners.filter((listener) => listener.isOpen);
  const personOf = (listener: Listener) => people.find(({ user }) => user.id === listener.userId)!;
  const anyChat = () => random.one(chats);

  function change(chatId: string, members: readonly Person[], isIn: boolean) {
    const from = record.tick();
    const changes = members.map(({ user }) => ({ chatId, userId: user.id, isIn, from, to: Infinity }));
    record.changes.push(...changes);
    return (isDone: boolean) => {
      const to = record.tick();
      for (const one of changes) one.to = to;
      // A change that was refused changed nothing.
      if (!isDone)
        record.changes.splice(0, Infinity, ...record.changes.filter((one) => !changes.includes(one)));
    };
  }

  async function makeGroup(creator: Person, members: readonly Person[]): Promise<void> {
    const body = { title: "Group", member_ids: members.map(({ user }) => user.id) };
    const from = record.tick();
    const { body: group } = await creator.call<GroupInfo>("POST", "/groups", body);
    const to = record.tick();
    for (const userId of new Set([creator.user.id, ...body.member_ids]))
      record.changes.push({ chatId: group.id, userId, isIn: true, from, to });
    chats.push({ id: group.id, creator });
  }

  async function makePersonalChat(one: Person, other: Person): Promise<void> {
    const from = record.tick();
    const { body: chat } = await one.call<ChatInfo>("POST", "/chats", { user_id: other.user.id });
    const to = record.tick();
    for (const { user } of [one, other])
      record.changes.push({ chatId: chat.id, userId: user.id, isIn: true, from, to });
    chats.push({ id: chat.id, creator: undefined });
  }

  async function connect(person: Person): Promise<void> {
    const socket = await person.connect();
    record.listeners.push({ userId: person.user.id, socket, joins: [], isOpen: true });
  }

  function attempt(chatId: string, userId: string, key: string | null): SendAttempt {
    const text = `message ${++count}`;
    const one = { chatId, userId, key, text, from: record.tick(), to: Infinity, isUnknown: false };
    record.sends.push(one);
    return one;
  }

  async function sendOver(listener: Listener, chatId: string, key: string | null): Promise<void> {
    const one = attempt(chatId, listener.userId, key);
    const { text, key: idempotency_key } = one;
    const frame = { action: "send_message", chat_id: chatId, text, idempotency_key };
    const answer = await listener.socket.request(frame).catch(() => undefined);
    one.to = record.tick();
    one.isUnknown = answer === undefined;
    if (answer?.event === "new_message") one.message = answer.data as MessageInfo;
    else if (answer) expect(answer.code).toBe("chat_not_found");
  }

  async function sendByHttp(person: Person, chatId: string, key: string | null): Promise<void> {
    const one = attempt(chatId, person.user.id, key);
    const body = { text: one.text, idempotency_key: one.key };
    const answer = await person.call<MessageInfo>("POST", `/chats/${chatId}/messages`, body);
    one.to = record.tick();
    if (answer.status === 201) one.message = answer.body;
    else expect(answer.status).toBe(404);
  }

  const newKey = () => (random.below(2) === 0 ? null : `key ${++count}`);

  /** What each operation does; undefined when there is nothing to do it to. */
  const operations: Record<keyof typeof weights, () => Promise<unknown> | undefined> = {
    send() {
      const [listener, chat] = [random.one(open()), anyChat()];
      return listener && chat && sendOver(listener, chat.id, newKey());
    },
    sendByHttp() {
      const [person, chat] = [random.one(people), anyChat()];
      return person && chat && sendByHttp(person, chat.id, newKey());
    },
    repeatSend() {
      const earlier = random.one(record.sends.filter((send) => send.key !== null).slice(-30));
      const listener = open().find(({ userId }) => userId === earlier?.userId);
      if (!earlier || !listener) return undefined;
      return random.below(2) === 0
        ? sendOver(listener, earlier.chatId, earlier.key)
        : sendByHttp(personOf(listener), earlier.chatId, earlier.key);
    },
    read() {
      const [listener, chat] = [random.one(open()), anyChat()];
      const known = record.sends.filter((send) => send.chatId === chat?.id && send.message);
      const message = random.one(known.slice(-10))?.message;
      if (!listener || !chat || !message) return undefined;
      const { id: messageId, seq } = message;
      const span = { chatId: chat.id, userId: listener.userId, from: record.tick(), to: Infinity };
      const read = { ...span, messageId, seq, isDone: false, isUnknown: false };
      record.reads.push(read);
      const frame = { action: "message_read", chat_id: chat.id, message_id: messageId };
      const answering = listener.socket.request(frame).catch(() => undefined);
      return answering.then((answer) => {
        read.to = record.tick();
        read.isDone = answer?.event === "message_read";
        read.isUnknown = answer === undefined;
      });
    },
    typing() {
      const [listener, chat] = [random.one(open()), anyChat()];
      if (listener && chat) listener.socket.send({ action: "typing", chat_id: chat.id });
      return undefined;
    },
    join() {
      const [listener, chat] = [random.one(open()), anyChat()];
      if (!listener || !chat) return undefined;
      const join = { chatId: chat.id, from: Infinity, to: Infinity };
      listener.joins.push(join);
      const answering = listener.socket.request({ action: "join_chat", chat_id: chat.id });
      return answering
        .then((answer) => {
          if (answer.status === "joined") join.from = record.tick();
        })
        .catch(() => {});
    },
    leave() {
      const listener = random.one(open());
      const join = random.one(listener?.joins.filter((one) => one.to === Infinity) ?? []);
      if (!listener || !join) return undefined;
      const now = record.tick();
      for (const one of listener.joins) if (one.chatId === join.chatId) one.to = Math.min(one.to, now);
      return listener.socket.request({ action: "leave_chat", chat_id: join.chatId }).catch(() => {});
    },
    connect() {
      const person = random.one(people);
      return person && open().length < 10 ? connect(person) : undefined;
    },
    disconnect() {
      const listener = open().length > 4 ? random.one(open()) : undefined;
      if (!listener) return undefined;
      listener.isOpen = false;
      const now = record.tick();
      for (const join of listener.joins) join.to = Math.min(join.to, now);
      // What was told until now is on its way; what is asked after this may be cut off.
      const settling = listener.socket.settle();
      return settling.then(() => listener.socket.close());
    },
    add: () => changeMembers("POST", true),
    remove: () => changeMembers("DELETE", false),
    makeGroup() {
      const creator = random.one(people);
      return creator && makeGroup(creator, people.slice(random.below(people.length)));
    },
    deleteGroup() {
      const chat = anyChat();
      if (!chat?.creator || chats.length < 4) return undefined;
      chats.splice(chats.indexOf(chat), 1);
      record.deleted.add(chat.id);
      const end = change(chat.id, people, false);
      return chat.creator.call("DELETE", `/groups/${chat.id}`).then(({ status }) => end(status === 204));
    },
  };

  function changeMembers(method: string, isIn: boolean) {
    const chat = anyChat();
    const members = people.filter((person) => person !== chat?.creator && random.below(3) === 0);
    if (!chat?.creator || members.length === 0) return undefined;
    const end = change(chat.id, members, isIn);
    const body = { user_ids: members.map(({ user }) => user.id) };
    const path = `/groups/${chat.id}/members`;
    return chat.creator.call(method, path, body).then(({ status }) => end(status === 200));
  }

  return {
    chats,
    async begin(): Promise<void> {
      const [one, other, ...rest] = people as [Person, Person, ...Person[]];
      await Promise.all([makePersonalChat(one, other), makeGroup(one, people), makeGroup(other, rest)]);
      await Promise.all(people.map(connect));
    },
    /** Some operations at once. */
    async wave(): Promise<void> {
      const names = Array.from({ length: 1 + random.below(mostAtOnce) }, () => random.weighted(weights));
      await Promise.all(names.map(async (name) => operations[name]()));
    },
  };
}

describe.each(kinds)("whatever people do at the same time on the %s database", (kind) => {
  test("each message is stored once, told to all who hear the chat in its order, and to nobody else", async () => {
    console.log(`WINDI_SEED=${seed}`);
    await using server = await startServer({ database: kind });
    const people = await Promise.all(["Ann", "Ben", "Cleo", "Dan"].map((name) => server.person(name)));
    const record = createRecord();
    const world = createWorld(people, createRandom(seed), record);
    await world.begin();
    for (let n = 0; n < waves; n++) await world.wave();
    const open = record.listeners.filter((listener) => listener.isOpen);
    await Promise.all(open.map((listener) => listener.socket.settle()));

    expect(record.sends.filter((send) => send.message).length).toBeGreaterThan(50);
    checkAccess(record);
    for (const chat of world.chats) {
      const now = record.tick();
      const readers = people.filter(({ user }) =>
        wasMember(record, { chatId: chat.id, userId: user.id, from: now, to: now }),
      );
      expect(readers.length).toBeGreaterThan(0);
      const logs = await Promise.all(readers.map((reader) => readLog(reader, chat.id)));
      for (const log of logs) expect(log).toEqual(logs[0]!);
      checkLog(record, chat.id, logs[0]!);
      checkReads(record, chat.id, logs[0]!);
    }
    const chatIds = [...world.chats.map((chat) => chat.id), ...record.deleted];
    for (const listener of record.listeners) checkHearing(record, listener, chatIds);
  }, 30_000);
});

async function readLog(person: Person, chatId: string): Promise<MessageInfo[]> {
  const log: MessageInfo[] = [];
  for (;;) {
    const path = `/messages/history/${chatId}?limit=100&offset=${log.length}`;
    const page = await person.call<MessageInfo[]>("GET", path);
    expect(page.status).toBe(200);
    if (page.body.length === 0) return log;
    log.push(...page.body);
  }
}
