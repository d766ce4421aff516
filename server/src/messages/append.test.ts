import { describe, expect, test } from "bun:test";
import type { MessageInfo } from "@windi/protocol";
import type { Database } from "../database/database.ts";
import { createAppender } from "./append.ts";
import { createLanes } from "./lanes.ts";

type Answer = "stored" | "changed" | Error;

/** A database that gives one answer per statement: each row is stored, or the chat's members changed, or it fails. */
function createScript(answers: readonly ((chatId: string) => Answer)[]) {
  const statements: string[][] = [];
  const seqs = new Map<string, number>();
  const database = {
    query(_: string, parameters: readonly unknown[]) {
      const [chatIds, , ids] = parameters.slice(0, 3).map(toList) as [string[], string[], string[]];
      const answer = answers[statements.length]!;
      statements.push([...chatIds]);
      const failed = chatIds.map(answer).find((one) => one instanceof Error);
      if (failed) return Promise.reject(failed);
      const rows = chatIds.flatMap((chatId, n) => {
        if (answer(chatId) !== "stored") return [];
        const seq = (seqs.get(chatId) ?? 0) + 1;
        seqs.set(chatId, seq);
        return [{ id: ids[n], seq, version: seq, created_at: 0 }];
      });
      return Promise.resolve(rows);
    },
  } as unknown as Database;
  const told: string[] = [];
  const newId = () => crypto.randomUUID();
  const onCommitted = ({ chat_id, seq }: MessageInfo) => void told.push(`${chat_id} ${seq}`);
  const appender = createAppender<undefined>({ database, newId, lanes: createLanes(1), onCommitted });
  const sender = { id: "s", name: "S", email: "s@example.org" };
  const send = (chatId: string) =>
    appender
      .send({ chatId, sender, text: "text", idempotencyKey: null, mentions: [] }, undefined)
      .then((result) => result.outcome)
      .catch((error: { code?: string; message: string }) => error.code ?? error.message);
  return { send, statements, told };
}

/** An array of ids travels as PostgreSQL writes it, and the id of a lone message as it is. */
const toList = (ids: unknown) =>
  String(ids)
    .replace(/^\{|\}$/g, "")
    .split(",");

const lost = Object.assign(new Error("lost"), { code: "ECONNRESET" });
const conflict = Object.assign(new Error("conflict"), { code: "23505" });
const stored = () => "stored" as const;

describe("a batch", () => {
  test("asks again for the chats whose members changed, and for those alone", async () => {
    const { send, statements, told } = createScript([
      (chat) => (chat === "b" ? "changed" : "stored"),
      stored,
    ]);
    expect(await Promise.all(["a", "b", "a"].map(send))).toEqual(["stored", "stored", "stored"]);
    expect(statements).toEqual([["a", "b", "a"], ["b"]]);
    expect(told).toEqual(["a 1", "a 2", "b 1"]);
  });

  test("of which a part is stored keeps that part acknowledged when the rest fails", async () => {
    const some = (chat: string): Answer => (chat === "b" ? "changed" : "stored");
    const { send, told } = createScript([some, () => lost, () => lost, () => lost, () => lost]);
    expect(await Promise.all(["a", "b"].map(send))).toEqual(["stored", "unavailable"]);
    expect(told).toEqual(["a 1"]);
  });

  test("that fails at once is refused as a whole, and tells nobody anything", async () => {
    const { send, statements, told } = createScript([() => lost]);
    expect(await Promise.all(["a", "b"].map(send))).toEqual(["unavailable", "unavailable"]);
    expect(statements).toHaveLength(1);
    expect(told).toEqual([]);
  });

  test("that another node's key defeats is tried again, up to five times", async () => {
    const once = createScript([() => conflict, stored]);
    expect(await once.send("a")).toBe("stored");
    const always = createScript(Array.from({ length: 6 }, () => () => conflict));
    expect(await always.send("a")).toBe("unavailable");
    expect(always.statements).toHaveLength(5);
  });

  test("with a fault in one message still stores the others, each by itself", async () => {
    const fault = (chat: string): Answer => (chat === "bad" ? new Error("fault") : "stored");
    const { send, statements } = createScript(Array.from({ length: 4 }, () => fault));
    expect(await Promise.all(["a", "bad", "b"].map(send))).toEqual(["stored", "fault", "stored"]);
    expect(statements).toEqual([["a", "bad", "b"], ["a"], ["bad"], ["b"]]);
  });
});
