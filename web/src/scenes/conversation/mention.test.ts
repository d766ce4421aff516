import { describe, expect, test } from "bun:test";
import { complete, findMentions, findQuery, rankPeople } from "./mention.ts";

const person = (id: string, name: string) => ({ id, name, email: `${id}@example.com` });
const people = [person("1", "Maria Anders"), person("2", "Anna Smith"), person("3", "Пётр Алёшин")];

describe("a name is being written", () => {
  test.each([
    ["@", 1, ""],
    ["Hello @An", 9, "An"],
    ["Hello @Anna Sm", 14, "Anna Sm"],
    ["(@Пё", 4, "Пё"],
  ])("in %p at %p", (text, caret, query) => {
    expect(findQuery(text, caret)?.query).toBe(query);
  });

  test.each([
    ["anna@example", 12],
    ["@Anna comes today", 17],
    ["Hello @An", 5],
    ["@@", 2],
  ])("not in %p at %p", (text, caret) => {
    expect(findQuery(text, caret)).toBeUndefined();
  });
});

test("people are found by the beginning of a word, the beginning of the name first", () => {
  expect(rankPeople("an", people).map(({ id }) => id)).toEqual(["2", "1"]);
  expect(rankPeople("петр", people).map(({ id }) => id)).toEqual(["3"]);
  expect(rankPeople("алеш", people).map(({ id }) => id)).toEqual(["3"]);
  expect(rankPeople("mith", people)).toEqual([]);
});

test("completing puts the name there and the caret after it", () => {
  const query = findQuery("Ask @an tomorrow", 7);
  expect(query && complete("Ask @an tomorrow", query, "Anna Smith")).toEqual({
    text: "Ask @Anna Smith tomorrow",
    caret: 16,
  });
});

test("whom a text names is sent with it, once each, and of one name the one who was chosen", () => {
  const twins = [person("x", "Sasha"), person("y", "Sasha")];
  expect(findMentions("@Anna Smith and @Anna Smith", people, new Set())).toEqual(["2"]);
  expect(findMentions("@Sasha", twins, new Set(["y"]))).toEqual(["y"]);
  expect(findMentions("Nobody", twins, new Set(["y"]))).toEqual([]);
});
