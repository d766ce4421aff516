// A migrated, empty database of either kind for tests of the stores, with people and chats to put into it.
import { join } from "node:path";
import type { UserInfo } from "@windi/protocol";
import { insertUser } from "../server/src/accounts/accounts.store.ts";
import { insertGroup } from "../server/src/chats/members.store.ts";
import type { Database } from "../server/src/database/database.ts";
import { openEmbeddedDatabase } from "../server/src/database/embedded.ts";
import { createServerDatabase } from "../server/src/database/server.ts";
import { appendRows, type Appended, type NewRow } from "../server/src/messages/append.store.ts";
import { createTestDatabase, prepareEmbedded, temporaryDirectory, type DatabaseKind } from "./harness.ts";

export interface Store extends AsyncDisposable {
  readonly database: Database;
  /** Of a PostgreSQL server. */
  readonly url: string | undefined;
  /** Another node's way to the same database; the embedded one has a single node, which is answered with. */
  node(): Database;
  people(count: number): Promise<UserInfo[]>;
  /** A new group of these people; the first is its creator. */
  group(members: readonly UserInfo[]): Promise<string>;
  /** Appends one message per text, as one batch. */
  append(chatId: string, sender: UserInfo, texts: readonly string[]): Promise<Appended[]>;
  /** Whether a statement on the PostgreSQL server waits for a lock. */
  isWaiting(): Promise<boolean>;
}

export const kinds: readonly DatabaseKind[] = ["embedded", "server"];

const newId = () => Bun.randomUUIDv7();

/** A row to append; without an idempotency key unless one is given. */
export const newRow = (row: Pick<NewRow, "chatId" | "senderId"> & Partial<NewRow>): NewRow => ({
  id: newId(),
  text: "text",
  idempotencyKey: null,
  mentions: [],
  ...row,
});

export async function openStore(kind: DatabaseKind): Promise<Store> {
  const open: Database[] = [];
  const keep = (database: Database) => {
    open.push(database);
    return database;
  };
  let node: () => Database;
  let url: string | undefined;
  if (kind === "embedded") {
    const directory = temporaryDirectory();
    await prepareEmbedded(directory);
    const only = keep(await openEmbeddedDatabase(join(directory, "database")));
    node = () => only;
  } else {
    const address = createTestDatabase();
    url = address;
    node = () => keep(createServerDatabase({ url: address, poolSize: 5 }));
  }
  const database = kind === "embedded" ? (open[0] as Database) : node();
  await database.migrate();

  async function person(n: number): Promise<UserInfo> {
    const user = { id: newId(), name: `Person ${n}`, email: `${newId()}@example.org` };
    await insertUser(database.orm, { ...user, passwordHash: "none" });
    return user;
  }

  return {
    database,
    url,
    node,
    people: (count) => Promise.all(Array.from({ length: count }, (_, n) => person(n))),
    async group(members) {
      const id = newId();
      const [creator] = members;
      if (!creator) throw new Error("A group has a creator");
      const memberIds = members.map((user) => user.id);
      await insertGroup(database, id, "Group", creator.id, memberIds);
      return id;
    },
    append: (chatId, sender, texts) =>
      appendRows(
        database,
        texts.map((text) => newRow({ chatId, senderId: sender.id, text })),
      ),
    async isWaiting() {
      const [row] = await database.query<{ waiting: boolean }>(
        `select count(*) > 0 as waiting from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return row?.waiting ?? false;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(open.map((one) => one[Symbol.asyncDispose]()));
    },
  };
}
