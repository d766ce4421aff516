import { describe, expect, test } from "bun:test";
import type { Database, Queries } from "../database/database.ts";
import { createEditor } from "./edits.ts";
import { createLanes } from "./lanes.ts";

const user = { id: "018f0000-0000-7000-8000-000000000001", name: "A", email: "a@example.org" };
const [chatId, messageId] = ["018f0000-0000-7000-8000-00000000000c", "018f0000-0000-7000-8000-00000000000d"];

/** A database with one message of the user's; each transaction ends as the script says. */
function createScript(ends: readonly ("committed" | Error)[], { isLocked = true } = {}) {
  let transactions = 0;
  const transaction: Queries = {
    query: (statement: string) =>
      Promise.resolve(
        (statement.includes("for no key update")
          ? isLocked
            ? [{ id: chatId, version: 7 }]
            : []
          : statement.includes("with named")
            ? [{ is_member: true, now: 0, named: null, ...row }]
            : []) as never[],
      ),
  };
  const database = {
    async begin<T>(work: (queries: Queries) => Promise<T>) {
      const end = ends[transactions++];
      const result = await work(transaction);
      if (end instanceof Error) throw end;
      return result;
    },
  } as unknown as Database;
  const told: number[] = [];
  const editor = createEditor<undefined>({
    ...{ database, lanes: createLanes(1) },
    onChanged: (message) => void told.push(message.version),
  });
  const change = (text: string) =>
    editor
      .edit({ chatId, messageId, user, text, mentions: [] }, undefined)
      .then(({ message }) => message.version)
      .catch((error: { code?: string; message: string }) => error.code ?? error.message);
  return { change, told, transactions: () => transactions };
}

const row = {
  ...{ chat_id: chatId, id: messageId, seq: 3, version: 3, text: "text", idempotency_key: null },
  ...{ created_at: 0, edited_at: null, deleted_at: null, read_at: null, mentions: null },
  ...{ sender_id: user.id, sender_name: user.name, sender_email: user.email },
};
const failure = (code: string) => Object.assign(new Error(code), { code });

describe("a change", () => {
  test("is told of when it is committed, and not before", async () => {
    const { change, told } = createScript(["committed"]);
    const changing = change("other");
    expect(told).toEqual([]);
    expect(await changing).toBe(8);
    expect(told).toEqual([8]);
  });

  test("of one who came in after the chat was not locked for them is refused as from outside", async () => {
    const { change, told } = createScript(["committed"], { isLocked: false });
    expect(await change("other")).toBe("chat_not_found");
    expect(told).toEqual([]);
  });

  test("that meets another node's is made again, up to five times, and told of once", async () => {
    const once = createScript([failure("40P01"), "committed"]);
    expect(await once.change("other")).toBe(8);
    expect(once.told).toEqual([8]);
    const always = createScript(Array.from({ length: 6 }, () => failure("40001")));
    expect(await always.change("other")).toBe("overloaded");
    expect([always.transactions(), always.told.length]).toEqual([5, 0]);
  });

  test("whose answer is lost is not made again: it may be there, and nobody is told a thing", async () => {
    const { change, told, transactions } = createScript([failure("CONNECTION_CLOSED")]);
    expect(await change("other")).toBe("unavailable");
    expect([transactions(), told.length]).toEqual([1, 0]);
  });

  test("that the disk has no room for is refused as that", async () => {
    expect(await createScript([failure("53100")]).change("other")).toBe("storage_full");
  });
});
