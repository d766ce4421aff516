import { fsyncSync } from "node:fs";
import { join } from "node:path";
import { expect, setDefaultTimeout, test } from "bun:test";
import { insertUser } from "../../server/src/accounts/accounts.store.ts";
import { insertGroup } from "../../server/src/chats/members.store.ts";
import { openEmbeddedDatabase } from "../../server/src/database/embedded.ts";
import { databaseFailure } from "../../server/src/database/failures.ts";
import { appendRows } from "../../server/src/messages/append.store.ts";
import { prepareEmbedded, temporaryDirectory } from "../harness.ts";
import { newRow } from "../stores.ts";
import { until } from "../until.ts";
import { upTo } from "./whole-log.ts";

setDefaultTimeout(60_000);

test("what the disk refuses to sync is not acknowledged, and nothing that was acknowledged is lost by it", async () => {
  const directory = temporaryDirectory();
  await prepareEmbedded(directory);
  const path = join(directory, "database");
  let isBroken = false;
  let refusals = 0;
  function sync(descriptor: number): void {
    if (isBroken) {
      refusals++;
      throw Object.assign(new Error("EIO: i/o error, fsync"), { code: "EIO", errno: -5, syscall: "fsync" });
    }
    fsyncSync(descriptor);
  }
  const database = await openEmbeddedDatabase(path, { sync });
  const user = { id: Bun.randomUUIDv7(), name: "Alice", email: "alice@example.org" };
  await insertUser(database.orm, { ...user, passwordHash: "none" });
  const chatId = Bun.randomUUIDv7();
  await insertGroup(database, chatId, "Group", user.id, [user.id]);

  const acknowledged: number[] = [];
  async function send(text: string): Promise<void> {
    const [appended] = await appendRows(database, [newRow({ chatId, senderId: user.id, text })]);
    if (appended?.outcome === "stored") acknowledged.push(appended.seq);
  }
  for (let n = 0; n < 10; n++) await send(`before ${n}`);
  for (let round = 0; round < 2; round++) {
    isBroken = true;
    const count = acknowledged.length;
    for (let n = 0; n < 3; n++) {
      const error: unknown = await send("refused").catch((reason: unknown) => reason);
      // The server answers "unavailable": the same again later, with the same key.
      expect(databaseFailure(error)?.code).toBe("unavailable");
    }
    expect(refusals).toBeGreaterThan(round);
    expect(acknowledged).toHaveLength(count);
    isBroken = false;
    await until(async () => {
      await send(`after ${round}`);
      return true;
    });
  }
  await database[Symbol.asyncDispose]();

  const again = await openEmbeddedDatabase(path);
  const rows = await again.query<{ seq: number; text: string }>(
    "select seq, text from messages where chat_id = $1 order by seq",
    [chatId],
  );
  expect(rows.map(({ seq }) => seq)).toEqual(upTo(rows.length));
  const stored = new Map(rows.map(({ seq, text }) => [seq, text]));
  for (const seq of acknowledged) expect(stored.get(seq)).toMatch(/^(before|after) /);
  // What was refused may be there all the same, each at most once.
  expect(rows.length - acknowledged.length).toBeLessThanOrEqual(6);
  await again[Symbol.asyncDispose]();
});
