import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { ChatInfo, MessageInfo } from "@windi/protocol";
import { call, signIn, type Person } from "./harness.ts";
import { processEnvironment, startProcess } from "./process.ts";
import { kinds } from "./stores.ts";

// Servers are started, killed and started again here, on a machine that may be busy.
setDefaultTimeout(90_000);

/** Runs the command, and answers with what it says. */
async function addDemoData(environment: Record<string, string>, ...args: string[]) {
  await using command = startProcess(environment, "server/src/demo/main.ts", ...args);
  const { code } = await command.exited;
  return { code, errors: command.errors, says: command.log[0]?.msg };
}

async function signInAs(url: string, name: string): Promise<Person> {
  const user = { id: "", name, email: `${name.toLowerCase()}@example.com` };
  return signIn(url, user, "password123");
}

async function countMessages(person: Person, chatId: string): Promise<number> {
  const newest = `/messages/history/${chatId}?limit=1&before_seq=2147483647`;
  const page = await person.call<MessageInfo[]>("GET", newest);
  return page.body[0]?.seq ?? 0;
}

describe.each(kinds)("demo data on the %s database", (kind) => {
  test("is added while the server runs, is heard by who joined, and is not added again", async () => {
    const environment = await processEnvironment({ database: kind });
    await using server = startProcess(environment);
    const url = await server.listening;
    const first = await addDemoData(environment);
    expect(first).toMatchObject({ code: 0, says: "Demo data: 40 messages added, 0 were there already." });

    const people = await Promise.all(["Alice", "Bob", "Charlie", "David"].map((name) => signInAs(url, name)));
    const [alice, , charlie] = people as [Person, Person, Person, Person];
    const chats = (await alice.call<ChatInfo[]>("GET", "/chats")).body;
    expect(chats.map((chat) => chat.type).toSorted()).toEqual(["group", "personal"]);
    const group = chats.find((chat) => chat.type === "group")!;
    expect(group.members).toHaveLength(4);
    const before = await countMessages(charlie, group.id);

    const socket = await charlie.connect(group.id);
    const second = await addDemoData(environment, "--messages", "2000");
    expect(second).toMatchObject({
      code: 0,
      says: "Demo data: 1960 messages added, 40 were there already.",
    });
    const after = await countMessages(charlie, group.id);
    expect(after).toBeGreaterThan(before);
    if (kind === "embedded") {
      await socket.next((frame) => frame.data?.seq === after);
      const heard = socket.frames.filter((frame) => frame.event === "new_message");
      expect(heard.map((frame) => frame.data.seq as number)).toEqual(
        Array.from({ length: after - before }, (_, n) => before + n + 1),
      );
    }
    const third = await addDemoData(environment, "--messages", "2000");
    expect(third.says).toBe("Demo data: 0 messages added, 2000 were there already.");
    expect(await countMessages(charlie, group.id)).toBe(after);
    socket.close();
  });

  test("is added without a server, also after one that was killed", async () => {
    const environment = await processEnvironment({ database: kind });
    await using killed = startProcess(environment);
    await killed.listening;
    killed.kill("SIGKILL");
    await killed.exited;
    expect(await addDemoData(environment, "--messages", "2000")).toMatchObject({
      code: 0,
      says: "Demo data: 2000 messages added, 0 were there already.",
    });
    expect((await addDemoData(environment, "--messages", "2000")).says).toBe(
      "Demo data: 0 messages added, 2000 were there already.",
    );
    await using server = startProcess(environment);
    const alice = await signInAs(await server.listening, "Alice");
    const chats = (await alice.call<ChatInfo[]>("GET", "/chats")).body;
    const counts = await Promise.all(chats.map((chat) => countMessages(alice, chat.id)));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(2000);
  });
});

test("a count that is none ends the command with a clear line", async () => {
  const environment = await processEnvironment();
  for (const count of ["many", "-1", "1.5", ""]) {
    const { code, errors } = await addDemoData(environment, `--messages=${count}`);
    expect(code).toBe(78);
    expect(errors.trimEnd()).toBe("--messages must be a whole number");
  }
});

test("demo accounts are for demo data: a server without it has none", async () => {
  const environment = await processEnvironment();
  await using server = startProcess(environment);
  const body = { email: "alice@example.com", password: "password123" };
  const answer = await call(await server.listening, "POST", "/auth/login", { body });
  expect(answer.status).toBe(401);
});
