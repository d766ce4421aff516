import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { GroupInfo, MyProfile, Presence } from "@windi/protocol";
import {
  signIn,
  startNodes,
  startServer,
  type DatabaseKind,
  type Person,
  type TestNodes,
  type TestServer,
} from "./harness.ts";
import type { Frame, TestSocket } from "./socket.ts";
import { until } from "./until.ts";

/** Everything a good deal faster than for people. */
const pace = { tellMs: 30, holdMs: 60, aliveMs: 100, forgetMs: 2000, writeMs: 50 };

async function makeGroup(creator: Person, ...members: Person[]): Promise<string> {
  const member_ids = members.map((person) => person.user.id);
  return (await creator.call<GroupInfo>("POST", "/groups", { title: "Garden", member_ids })).body.id;
}

/** A connection that looks at the chat. */
async function look(person: Person, chat_id: string): Promise<TestSocket> {
  const socket = await person.connect();
  await socket.request({ action: "subscribe" });
  await socket.request({ action: "join_chat", chat_id });
  return socket;
}

const isPresence = (frame: Frame): frame is Frame & Presence => frame.event === "presence";
const nextPresence = (socket: TestSocket, suits: (frame: Presence) => boolean = () => true) =>
  socket.next((frame) => isPresence(frame) && suits(frame)) as Promise<Frame & Presence>;
const says = (person: Person, isOnline: boolean) => (frame: Presence) =>
  frame.users.some((one) => one.user_id === person.user.id && one.is_online === isOnline);
const show = (person: Person, shows_presence: boolean) =>
  person.call<MyProfile>("PATCH", "/auth/me", { shows_presence });
const online = ({ user }: Person) => ({ user_id: user.id, is_online: true, last_seen_at: null });

describe.each<DatabaseKind>(["embedded", "server"])("on the %s database", (database) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer({ database, pace });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  /** People whom no other test has seen. */
  const meet = async () =>
    (await Promise.all(["Alice", "Bob", "Carol"].map(server.person))) as [Person, Person, Person];

  test("who looks at a chat is told who is online, who comes, who goes, and when they were last seen", async () => {
    const [alice, bob, carol] = await meet();
    const chat_id = await makeGroup(alice, bob, carol);
    const a = await look(alice, chat_id);
    expect(await nextPresence(a)).toEqual({
      event: "presence",
      chat_id,
      online_count: 1,
      users: [online(alice)],
    });
    const [phone, laptop] = [await bob.connect(), await look(bob, chat_id)];
    expect(await nextPresence(a)).toEqual({
      event: "presence",
      chat_id,
      online_count: 2,
      users: [online(bob)],
    });
    expect((await nextPresence(laptop)).users).toHaveLength(2);
    phone.close();
    const before = Date.now();
    laptop.close();
    const gone = await nextPresence(a, says(bob, false));
    const seenAt = gone.users[0]?.last_seen_at ?? "";
    expect(gone.online_count).toBe(1);
    expect(Date.parse(seenAt)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(seenAt)).toBeLessThanOrEqual(Date.now());
    const again = await look(alice, chat_id);
    const { users } = await nextPresence(again);
    expect(users.find((one) => one.user_id === bob.user.id)?.last_seen_at).toBe(seenAt);
    for (const socket of [a, again]) socket.close();
  });

  test("presence goes to nobody who only joined, only subscribed, looks elsewhere or looks no more", async () => {
    const [alice, bob, carol] = await meet();
    const [chat_id, elsewhere] = [await makeGroup(alice, bob, carol), await makeGroup(alice, bob)];
    const joined = await alice.connect(chat_id);
    const subscribed = await alice.connect();
    await subscribed.request({ action: "subscribe" });
    const away = await look(alice, elsewhere);
    const left = await look(alice, chat_id);
    await left.request({ action: "leave_chat", chat_id });
    const watching = await look(bob, chat_id);
    await nextPresence(watching);
    const c = await carol.connect();
    await nextPresence(watching, says(carol, true));
    c.close();
    await nextPresence(watching, says(carol, false));
    for (const socket of [joined, subscribed, away, left]) {
      await socket.settle();
      expect(socket.frames.filter(isPresence).filter(says(carol, true))).toEqual([]);
      socket.close();
    }
    watching.close();
  });

  test("whoever is taken out of the chat hears no more, and who comes into it is seen", async () => {
    const [alice, bob, carol] = await meet();
    const chat_id = await makeGroup(alice, bob);
    const [a, b] = [await look(alice, chat_id), await look(bob, chat_id)];
    for (const socket of [a, b]) await nextPresence(socket);
    await alice.call("DELETE", `/groups/${chat_id}/members`, { user_ids: [bob.user.id] });
    const heard = b.frames.filter(isPresence).length;
    const c = await carol.connect();
    await alice.call("POST", `/groups/${chat_id}/members`, { user_ids: [carol.user.id] });
    await nextPresence(a, says(carol, true));
    c.close();
    await nextPresence(a, says(carol, false));
    await b.settle();
    expect(b.frames.filter(isPresence)).toHaveLength(heard);
    expect(await b.request({ action: "join_chat", chat_id })).toMatchObject({ code: "chat_not_found" });
    for (const socket of [a, b]) socket.close();
  });

  test("whoever does not show presence is not seen, not counted, not remembered, and sees nobody", async () => {
    const [alice, bob, carol] = await meet();
    const chat_id = await makeGroup(alice, bob, carol);
    const hidden = await server.person("Hidden");
    await alice.call("POST", `/groups/${chat_id}/members`, { user_ids: [hidden.user.id] });
    expect((await hidden.call<MyProfile>("GET", "/auth/me")).body).toEqual({
      ...hidden.user,
      shows_presence: true,
    });
    const [a, h] = [await look(alice, chat_id), await look(hidden, chat_id)];
    await nextPresence(h, says(alice, true));
    await nextPresence(a, says(hidden, true));
    expect((await show(hidden, false)).body).toEqual({ ...hidden.user, shows_presence: false });
    expect(await nextPresence(h, says(alice, false))).toMatchObject({ online_count: 0 });
    expect(await nextPresence(a, says(hidden, false))).toMatchObject({
      online_count: 1,
      users: [{ last_seen_at: null }],
    });
    const more = await look(hidden, chat_id);
    expect(await nextPresence(more)).toMatchObject({ online_count: 0, users: [] });
    const b = await bob.connect();
    await nextPresence(a, says(bob, true));
    for (const socket of [h, more]) {
      await socket.settle();
      expect(socket.frames.filter(isPresence).at(-1)).toMatchObject({ online_count: 0 });
      socket.close();
    }
    const again = await look(bob, chat_id);
    expect((await nextPresence(again)).users.map((one) => one.user_id).toSorted()).toEqual(
      [alice, bob].map((person) => person.user.id).toSorted(),
    );
    for (const socket of [a, b, again]) socket.close();
  });

  test("only a boolean switches it", async () => {
    const [alice, bob] = await meet();
    for (const body of [{}, { shows_presence: "no" }, { shows_presence: null }])
      expect((await bob.call("PATCH", "/auth/me", body)).status).toBe(422);
    const other = { shows_presence: true, id: alice.user.id };
    expect((await bob.call("PATCH", "/auth/me", other)).body).toEqual({ ...bob.user, shows_presence: true });
  });

  test("nothing of presence is in what others see of a person", async () => {
    const [alice, bob] = await meet();
    const chat_id = await makeGroup(alice, bob);
    const group = (await alice.call<GroupInfo>("GET", `/groups/${chat_id}`)).body;
    expect(group.members.map((member) => member.user)).toContainEqual(bob.user);
    expect(JSON.stringify(group)).not.toContain("presence");
  });

  test("typing has an end for those who look, none for those who joined, and is not told to its own devices", async () => {
    const [alice, bob, carol] = await meet();
    const chat_id = await makeGroup(alice, bob, carol);
    const [a, tablet, b] = [await look(alice, chat_id), await look(alice, chat_id), await look(bob, chat_id)];
    const joined = await carol.connect(chat_id);
    for (let i = 0; i < 5; i++) a.send({ action: "typing", chat_id });
    const isTyping = (frame: Frame) => frame.event === "typing";
    const event = { event: "typing", chat_id, user_id: alice.user.id, user_name: "Alice" };
    expect(await b.next(isTyping)).toEqual({ ...event, expires_in_ms: 6000 });
    expect(await joined.next(isTyping)).toEqual(event);
    for (const socket of [a, tablet, b]) await socket.settle();
    expect([a, tablet, b].map((socket) => socket.frames.filter(isTyping).length)).toEqual([0, 0, 1]);
    for (const socket of [a, tablet, b, joined]) socket.close();
  });
});

describe("on two nodes", () => {
  let nodes: TestNodes;
  let alice: Person;
  let bob: Person;
  /** The same people on the other node. */
  let aliceThere: Person;
  let bobThere: Person;

  beforeAll(async () => {
    nodes = await startNodes({}, { pace });
    [alice, bob] = (await Promise.all(["Alice", "Bob"].map(nodes.servers[0].person))) as [Person, Person];
    [aliceThere, bobThere] = (await Promise.all(
      [alice, bob].map(({ user, password }) => signIn(nodes.servers[1].url, user, password)),
    )) as [Person, Person];
  });
  afterAll(() => nodes[Symbol.asyncDispose]());

  test("a person is online while on any of them, and hidden on both at once", async () => {
    const chat_id = await makeGroup(alice, bob);
    const a = await look(alice, chat_id);
    const [here, elsewhere] = [await bob.connect(), await bobThere.connect()];
    await nextPresence(a, says(bob, true));
    here.close();
    const watching = await look(aliceThere, chat_id);
    await until(() => watching.frames.some((frame) => isPresence(frame) && says(bob, true)(frame)));
    await show(bob, false);
    for (const socket of [a, watching]) await nextPresence(socket, says(bob, false));
    await show(bobThere, true);
    for (const socket of [a, watching]) await nextPresence(socket, says(bob, true));
    elsewhere.close();
    for (const socket of [a, watching]) {
      const gone = await nextPresence(socket, says(bob, false));
      expect(gone.users[0]?.last_seen_at).not.toBe(null);
      socket.close();
    }
  });

  test("who came while the wire was cut is seen when it is back", async () => {
    const chat_id = await makeGroup(alice, bob);
    const a = await look(alice, chat_id);
    await nextPresence(a);
    nodes.wire.interrupt();
    const b = await bobThere.connect();
    await b.settle();
    nodes.wire.restore();
    await nextPresence(a, says(bob, true));
    for (const socket of [a, b]) socket.close();
  });

  test("typing is told on the other node too", async () => {
    const chat_id = await makeGroup(alice, bob);
    const [a, b] = [await look(alice, chat_id), await look(bobThere, chat_id)];
    b.send({ action: "typing", chat_id });
    expect(await a.next((frame) => frame.event === "typing")).toMatchObject({ user_id: bob.user.id });
    for (const socket of [a, b]) socket.close();
  });
});
