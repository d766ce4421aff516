import { expect, test } from "bun:test";
import type { ChatChanges } from "./contract.ts";
import { createFakeClock } from "./fake-clock.ts";
import { createFeed } from "./feed.ts";

const turns = () => new Promise((resolve) => setImmediate(resolve));

test("an answer that may be from before the chat was taken away is not the last word", async () => {
  const position = { chat_id: "chat-1", seq: 3, version: 5 };
  const asked: PromiseWithResolvers<ChatChanges>[] = [];
  const kinds: string[] = [];
  const feed = createFeed({
    position,
    clock: createFakeClock(),
    catchUp() {
      asked.push(Promise.withResolvers());
      return asked.at(-1)!.promise;
    },
    onBatch: ({ changes }) => kinds.push(...changes.map(({ kind }) => kind)),
  });
  feed.reconcile({ ...position, version: 6 });
  feed.reconcile(undefined);
  feed.reconcile(undefined);
  expect(asked).toHaveLength(1);
  asked[0]?.resolve({ outcome: "changes", ...position, version: 6, messages: [], is_info_changed: true });
  await turns();
  expect(asked).toHaveLength(2);
  asked[1]?.resolve({ outcome: "gone", chat_id: "chat-1" });
  await turns();
  expect(kinds).toEqual(["info_changed", "gone"]);
  expect(asked).toHaveLength(2);
});
