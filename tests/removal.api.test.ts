import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { GroupInfo, MessageInfo } from "@windi/protocol";
import postgres from "postgres";
import { startServer, type DatabaseKind, type Person, type TestServer } from "./harness.ts";
import type { TestSocket } from "./socket.ts";

interface Group {
  id: string;
  remove(...people: Person[]): Promise<{ status: number }>;
}

async function newGroup(creator: Person, ...members: Person[]): Promise<Group> {
  const idsOf = (people: Person[]) => people.map((person) => person.user.id);
  const request = { title: "Garden", member_ids: idsOf(members) };
  const { id } = (await creator.call<GroupInfo>("POST", "/groups", request)).body;
  return {
    id,
    remove: (...people) => creator.call("DELETE", `/groups/${id}/members`, { user_ids: idsOf(people) }),
  };
}

const heard = (socket: TestSocket): MessageInfo[] =>
  socket.frames.filter((frame) => frame.event === "new_message").map((frame) => frame.data as MessageInfo);

/** How often people had come or gone when the message was committed: `version` counts that, `seq` does not. */
const changesBefore = (message: MessageInfo) => message.version - message.seq;

/** Sends from all sockets, each as soon as its last one is answered, until told to stop. */
function storm(chat_id: string, sockets: TestSocket[]) {
  let isOver = false;
  const senders = sockets.map(async (socket) => {
    const answers: (string | undefined)[] = [];
    while (!isOver) {
      const { code } = await socket.request({ action: "send_message", chat_id, text: "storm" });
      answers.push(code);
    }
    return answers;
  });
  return {
    async end() {
      isOver = true;
      return (await Promise.all(senders)).flat();
    },
  };
}

describe.each<DatabaseKind>(["embedded", "server"])(
  "being taken out of a group on the %s database",
  (database) => {
    let server: TestServer;
    let alice: Person;
    let bob: Person;
    let carol: Person;

    beforeAll(async () => {
      server = await startServer({ database });
      [alice, bob, carol] = (await Promise.all(["Alice", "Bob", "Carol"].map(server.person))) as [
        Person,
        Person,
        Person,
      ];
    });
    afterAll(() => server[Symbol.asyncDispose]());

    test("ends the hearing on all devices, and everything else that a member may do", async () => {
      const group = await newGroup(alice, bob, carol);
      const [a, b, tablet, c] = await Promise.all(
        [alice, bob, bob, carol].map((person) => person.connect(group.id)),
      );
      if (!a || !b || !tablet || !c) throw new Error("Not connected");
      const sent = await a.request({ action: "send_message", chat_id: group.id, text: "before" });
      await Promise.all(
        [b, tablet, c].map((socket) => socket.next((frame) => frame.event === "new_message")),
      );
      expect((await group.remove(bob)).status).toBe(200);
      await a.request({ action: "send_message", chat_id: group.id, text: "after" });
      a.send({ action: "typing", chat_id: group.id });
      await c.request({ action: "message_read", chat_id: group.id, message_id: sent.data.id });
      await Promise.all([a, b, tablet].map((socket) => socket.settle()));
      for (const socket of [b, tablet]) {
        expect(socket.frames.filter((frame) => frame.event)).toHaveLength(1);
      }
      expect(heard(c).map(({ text }) => text)).toEqual(["before", "after"]);
      for (const frame of [
        { action: "join_chat" },
        { action: "send_message", text: "let me in" },
        { action: "typing" },
        { action: "message_read", message_id: sent.data.id },
      ]) {
        expect(await b.request({ ...frame, chat_id: group.id })).toMatchObject({ code: "chat_not_found" });
      }
    });

    test("holds in a storm: not one message that was committed after it is heard or sent", async () => {
      const group = await newGroup(alice, bob, carol);
      const sockets = await Promise.all(
        [alice, alice, bob, bob, carol].map((person) => person.connect(group.id)),
      );
      const [, , b, tablet, c] = sockets as [TestSocket, TestSocket, TestSocket, TestSocket, TestSocket];
      const raging = storm(group.id, [...sockets, ...sockets]);
      while (heard(b).length < 50) await b.next((frame) => frame.event === "new_message");
      expect((await group.remove(bob)).status).toBe(200);
      while (heard(c).filter((message) => changesBefore(message) > 0).length < 50)
        await c.next((frame) => frame.event === "new_message");
      const answers = await raging.end();
      await Promise.all(sockets.map((socket) => socket.settle()));
      for (const socket of [b, tablet])
        expect(heard(socket).filter((message) => changesBefore(message) > 0)).toEqual([]);
      const log = heard(c);
      expect(log.map(({ seq }) => seq)).toEqual(log.map((_, i) => (log[0]?.seq ?? 0) + i));
      expect(
        log.filter((message) => changesBefore(message) > 0 && message.sender.id === bob.user.id),
      ).toEqual([]);
      expect(new Set(answers)).toEqual(new Set([undefined, "chat_not_found"]));
    });

    test("is not undone by who asks to be let in, again and again, meanwhile", async () => {
      const group = await newGroup(alice, bob);
      const a = await alice.connect(group.id);
      const b = await bob.connect(group.id);
      let isRemoved = false;
      const knocking = Array.from({ length: 4 }, async () => {
        while (!isRemoved) await b.request({ action: "join_chat", chat_id: group.id });
      });
      await group.remove(bob);
      isRemoved = true;
      await Promise.all(knocking);
      await a.request({ action: "send_message", chat_id: group.id, text: "after" });
      await b.settle();
      expect(heard(b)).toEqual([]);
    });

    test("ends for who is taken in again, who then hears the chat as soon as they join", async () => {
      const group = await newGroup(alice, bob);
      const [a, b] = await Promise.all([alice.connect(group.id), bob.connect(group.id)]);
      await group.remove(bob);
      await alice.call("POST", `/groups/${group.id}/members`, { user_ids: [bob.user.id] });
      await a.request({ action: "send_message", chat_id: group.id, text: "unheard" });
      await b.request({ action: "join_chat", chat_id: group.id });
      await a.request({ action: "send_message", chat_id: group.id, text: "heard" });
      await b.next((frame) => frame.event === "new_message");
      expect(heard(b).map(({ text }) => text)).toEqual(["heard"]);
    });

    test("a deleted group is silent at once, in the middle of a storm", async () => {
      const group = await newGroup(alice, bob, carol);
      const sockets = await Promise.all([alice, bob, carol].map((person) => person.connect(group.id)));
      const [, b] = sockets as [TestSocket, TestSocket];
      const raging = storm(group.id, sockets);
      while (heard(b).length < 20) await b.next((frame) => frame.event === "new_message");
      expect((await alice.call("DELETE", `/groups/${group.id}`)).status).toBe(204);
      await Promise.all(sockets.map((socket) => socket.settle()));
      const before = sockets.map((socket) => heard(socket).length);
      const late = { action: "send_message", chat_id: group.id, text: "late" };
      expect((await b.request(late)).code).toBe("chat_not_found");
      expect(new Set(await raging.end())).toEqual(new Set([undefined, "chat_not_found"]));
      await Promise.all(sockets.map((socket) => socket.settle()));
      expect(sockets.map((socket) => heard(socket).length)).toEqual(before);
    });
  },
);

describe("while the database takes its time to commit", () => {
  let server: TestServer;
  let sql: postgres.Sql;
  let alice: Person;
  let bob: Person;

  /** Runs the statement when a transaction that took members out is about to be committed. */
  async function atCommit(statement: string): Promise<void> {
    await sql.unsafe(`
      create or replace function at_commit() returns trigger language plpgsql as $$ begin ${statement}; return null; end $$;
      drop trigger if exists at_commit on members;
      create constraint trigger at_commit after delete on members deferrable initially deferred
        for each row execute function at_commit()`);
  }

  beforeAll(async () => {
    server = await startServer({ database: "server" });
    sql = postgres(server.environment["DATABASE_URL"] ?? "", { max: 1, onnotice: () => {} });
    [alice, bob] = await Promise.all([server.person("Alice"), server.person("Bob")]);
  });
  afterAll(async () => {
    await sql.end();
    await server[Symbol.asyncDispose]();
  });

  test("who is being taken out does not get in again through the old state", async () => {
    await atCommit("perform pg_advisory_lock(1)");
    await sql`select pg_advisory_lock(1)`;
    const group = await newGroup(alice, bob);
    const [a, b] = await Promise.all([alice.connect(group.id), bob.connect()]);
    const removing = group.remove(bob);
    for (let waiting = 0; waiting === 0;)
      waiting = (await sql`select from pg_locks where locktype = 'advisory' and not granted and objid = 1`)
        .count;
    b.send({ action: "join_chat", chat_id: group.id });
    const [{ isMember } = { isMember: false }] = await sql`
      select exists (select from members where chat_id = ${group.id} and user_id = ${bob.user.id}) as "isMember"`;
    expect(isMember).toBe(true);
    // Another of Bob's frames, on another connection: the server has had the time to ask the database.
    const other = await bob.connect();
    await other.request({ action: "typing", chat_id: crypto.randomUUID() });
    await sql`select pg_advisory_unlock(1)`;
    expect((await removing).status).toBe(200);
    await a.request({ action: "send_message", chat_id: group.id, text: "after" });
    await b.settle();
    expect(b.frames.filter((frame) => frame.code ?? frame.event)).toEqual([
      { error: "Chat not found", code: "chat_not_found" },
    ]);
  });

  test("who was cut off for a removal that then failed is told to come back, and misses nothing", async () => {
    await atCommit("raise exception 'no'");
    const group = await newGroup(alice, bob);
    const b = await bob.connect(group.id);
    expect((await group.remove(bob)).status).toBe(500);
    expect((await b.closed).code).toBe(4012);
    const again = await bob.connect(group.id);
    await bob.call("POST", `/chats/${group.id}/messages`, { text: "still here" });
    expect((await again.next((frame) => frame.event === "new_message")).data.text).toBe("still here");
  });
});
