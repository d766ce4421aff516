import { createObservable, type ChatSummary } from "@windi/sdk";
import { expect, test } from "bun:test";
import type { Place } from "../../state/route.ts";
import { sampleChat } from "../chat-list/sample-chats.ts";
import { watchGoneChat } from "./gone-chat.ts";

function setUp(chats: readonly ChatSummary[], at: Place) {
  const list = createObservable(chats);
  const place = createObservable(at);
  const gone: string[] = [];
  const end = watchGoneChat({
    client: {
      chats: {
        ...list,
        find: (chatId: string) => list.get().find(({ id }) => id === chatId),
      } as never,
    },
    route: { ...place, go: (next) => place.set(next), back: () => {}, dispose: () => {} },
    onGone: (name) => gone.push(name),
  });
  return { list, place, gone, end };
}
const a = sampleChat("a", { name: "Team" });
const inA: Place = { scene: "chat", chatId: "a" };

test("whoever is taken out of the chat that they look at is in the list, and is told of which", () => {
  const { list, place, gone } = setUp([a], inA);
  list.set([{ ...a, name: "Team of ten" }]);
  list.set([]);
  expect(place.get()).toEqual({ scene: "list" });
  expect(gone).toEqual(["Team of ten"]);
});

test("a chat that is not in the list yet is waited for", () => {
  const { list, place, gone } = setUp([], inA);
  list.set([sampleChat("b")]);
  expect(place.get()).toEqual(inA);
  expect(gone).toEqual([]);
});

test("a chat that one has left by oneself is not missed", () => {
  const { list, place, gone } = setUp([a], inA);
  place.set({ scene: "list" });
  list.set([]);
  place.set(inA);
  expect(gone).toEqual([]);
});
