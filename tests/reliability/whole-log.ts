// A chat's whole log as the database has it, read page by page.
import { expect } from "bun:test";
import type { MessageInfo } from "@windi/protocol";
import { call } from "../harness.ts";

/** @throws when a page cannot be read */
export async function readWholeLog(url: string, token: string, chatId: string): Promise<MessageInfo[]> {
  const log: MessageInfo[] = [];
  for (;;) {
    const path = `/messages/history/${chatId}?limit=100&after_seq=${log.at(-1)?.seq ?? 0}`;
    const page = await call<MessageInfo[]>(url, "GET", path, { token });
    if (page.status !== 200) throw new Error(`${path}: ${page.status}`);
    if (page.body.length === 0) return log;
    log.push(...page.body);
  }
}

export const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n + 1);

/** Nothing is missing and nothing is there twice: positions are 1, 2, 3, …, and no key or id repeats. */
export function expectWhole(log: readonly MessageInfo[], count = log.length): void {
  expect(log.map(({ seq }) => seq)).toEqual(upTo(count));
  expect(new Set(log.map(({ id }) => id)).size).toBe(count);
  const keys = log.flatMap(({ sender, idempotency_key: key }) =>
    key === null ? [] : [`${sender.id} ${key}`],
  );
  expect(new Set(keys).size).toBe(keys.length);
}
