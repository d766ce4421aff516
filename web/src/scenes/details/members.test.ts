import { expect, test } from "bun:test";
import { sortMembers } from "./members.ts";

const person = (id: string) => ({ id, name: id, email: `${id}@example.com` });

test("the creator of a group comes first, then those who are online, each by name", () => {
  const online = { isOnline: true, lastSeenAt: null };
  const presence = new Map([
    ["d", online],
    ["b", { isOnline: false, lastSeenAt: null }],
    ["e", online],
  ]);
  const sorted = sortMembers(["a", "b", "c", "d", "e"].map(person), presence, "c");
  expect(sorted.map(({ id }) => id)).toEqual(["c", "d", "e", "a", "b"]);
});
