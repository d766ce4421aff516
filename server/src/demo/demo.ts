// Demo data: four people, a personal chat and a group, and as many real sentences between them as are wanted.
import type { UserInfo } from "@windi/protocol";
import { createSentences } from "../../../corpus/corpus.ts";
import { findCredentials, findUsers, insertUser } from "../accounts/accounts.store.ts";
import type { Passwords } from "../accounts/passwords.ts";
import { findChats } from "../chats/chats.store.ts";
import { insertGroup, insertPersonalChat } from "../chats/members.store.ts";
import type { Database } from "../database/database.ts";
import type { Appender } from "../messages/append.ts";

interface DemoNeeds {
  database: Database;
  passwords: Passwords;
  appender: Appender<undefined>;
  newId(): string;
}

const people = ["Alice", "Bob", "Charlie", "David"] as const;
export const demoPassword = "password123";
const groupTitle = "WinDI demo";
/** Sends that wait for their answers at a time. */
const window = 1000;

export interface DemoReport {
  /** Messages that were not there before. */
  added: number;
  /** Messages that an earlier run had sent. */
  present: number;
}

/**
 * Safe to repeat: what is there stays as it is, and a message is sent again under the same idempotency key.
 * @param count messages in both chats together
 */
export async function fillDemoData(needs: DemoNeeds, count: number): Promise<DemoReport> {
  const users = await Promise.all(people.map((name) => ensureUser(needs, name)));
  const [alice, bob] = users as [UserInfo, UserInfo];
  const personal = await ensurePersonalChat(needs, alice, bob);
  const group = await ensureGroup(needs, users);
  const sentences = createSentences(1);
  const report: DemoReport = { added: 0, present: 0 };
  for (let from = 0; from < count; from += window) {
    const sends = Array.from({ length: Math.min(window, count - from) }, (_, i) => {
      const n = from + i;
      const isPersonal = n % 5 < 2;
      const sender = (isPersonal ? [alice, bob][(n >> 1) % 2] : users[(n * 7) % users.length]) ?? alice;
      const send = {
        chatId: isPersonal ? personal : group,
        sender,
        text: sentences.next(),
        idempotencyKey: `demo-${n}`,
        mentions: [],
      };
      return needs.appender.send(send, undefined);
    });
    for (const { outcome } of await Promise.all(sends)) report[outcome === "stored" ? "added" : "present"]++;
  }
  return report;
}

async function ensureUser({ database, passwords, newId }: DemoNeeds, name: string): Promise<UserInfo> {
  const email = `${name.toLowerCase()}@example.com`;
  if (!(await findCredentials(database.orm, email))) {
    const passwordHash = await passwords.hash(demoPassword);
    await insertUser(database.orm, { id: newId(), name, email, passwordHash });
  }
  const known = await findCredentials(database.orm, email);
  const [user] = known ? await findUsers(database, [known.id]) : [];
  if (!user) throw new Error(`The demo account ${email} cannot be made`);
  return user;
}

async function ensurePersonalChat(
  { database, newId }: DemoNeeds,
  one: UserInfo,
  other: UserInfo,
): Promise<string> {
  await insertPersonalChat(database, newId(), one.id, other.id);
  const chats = await findChats(database.orm, one.id);
  const chat = chats.find(
    ({ type, members }) => type === "personal" && members.some(({ user }) => user.id === other.id),
  );
  if (!chat) throw new Error("The demo chat cannot be made");
  return chat.id;
}

async function ensureGroup({ database, newId }: DemoNeeds, users: readonly UserInfo[]): Promise<string> {
  const [creator] = users as [UserInfo];
  const chats = await findChats(database.orm, creator.id);
  const known = chats.find(({ type, name }) => type === "group" && name === groupTitle);
  if (known) return known.id;
  const id = newId();
  const memberIds = users.map((user) => user.id);
  await insertGroup(database, id, groupTitle, creator.id, memberIds);
  return id;
}
