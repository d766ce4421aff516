import { ApiError } from "@windi/sdk";
import { expect, test } from "bun:test";
import { anna, me, sampleChat } from "../chat-list/sample-chats.ts";
import { knownPeople, openPersonalChat } from "./known-people.ts";

const withAnna = sampleChat("held", { peer: anna });
const group = sampleChat("group", { type: "group" });

/** @param answers operation → what it answers or fails with */
function createClient(chats: readonly ReturnType<typeof sampleChat>[], answers: Record<string, unknown>) {
  const asked: string[] = [];
  const call = (id: string) => {
    asked.push(id);
    const answer = answers[id];
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  const client = { call, chats: { get: () => ({ chats }) } } as never;
  return { client, asked };
}
const exists = new ApiError({ code: "chat_exists", detail: "" });
const personal = { id: "older", type: "personal", members: [{ user: me }, { user: anna }] };

test("people of personal chats are known, in the order of the list", () => {
  expect(knownPeople([group, withAnna])).toEqual([anna]);
});

test("a chat that is in the list is opened without a question", async () => {
  const { client, asked } = createClient([group, withAnna], {});
  expect(await openPersonalChat(client, "anna")).toBe("held");
  expect(asked).toEqual([]);
});

test("a chat that there is not is made", async () => {
  const { client, asked } = createClient([group], { createChat: { id: "made" } });
  expect(await openPersonalChat(client, "anna")).toBe("made");
  expect(asked).toEqual(["createChat"]);
});

test("a chat that exists and is not in the list is found among all", async () => {
  const team = { ...personal, id: "team", type: "group" };
  const { client } = createClient([], { createChat: exists, listChats: [team, personal] });
  expect(await openPersonalChat(client, "anna")).toBe("older");
});

test("another refusal is told", async () => {
  const refusal = new ApiError({ code: "user_not_found", detail: "" });
  const { client } = createClient([], { createChat: refusal });
  expect(await openPersonalChat(client, "anna").catch((error: unknown) => error)).toBe(refusal);
});
