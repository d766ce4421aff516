import { describe, expect, test } from "bun:test";
import { matchScore, rank, type Candidate } from "./rank.ts";

const named = (...names: string[]): Candidate[] => names.map((name) => ({ id: name, name }));
const order = (query: string, candidates: readonly Candidate[]) =>
  rank(candidates, query, 20).map(({ id }) => id);

describe("a name fits", () => {
  test("better the nearer it is to what was typed", () => {
    const names = [
      "anna",
      "annabel lee",
      "lee anna",
      "apple nectar nation apricot",
      "joanna",
      "alien new nation",
    ];
    const scores = names.map((name) => matchScore("anna", name));
    expect(scores.every((score, i) => i === 0 || score <= (scores[i - 1] ?? 0))).toBe(true);
    expect(scores.slice(0, 5).every((score) => score > 0)).toBe(true);
  });

  test("whatever its accents and its case", () => {
    expect(matchScore("zoe", "ZOË")).toBe(100);
    expect(matchScore("алена", "Алёна Ёжикова")).toBe(90);
  });

  test("when each typed word does", () => {
    expect(matchScore("lee an", "Anna Lee")).toBeGreaterThan(0);
    expect(matchScore("lee bob", "Anna Lee")).toBe(0);
  });

  test("by its initials and by letters in their order, which begin a word", () => {
    expect(matchScore("wd", "WinDI demo")).toBeGreaterThan(0);
    expect(matchScore("wdm", "WinDI demo")).toBeGreaterThan(0);
    expect(matchScore("idm", "WinDI demo")).toBe(0);
    expect(matchScore("z", "WinDI demo")).toBe(0);
  });

  test("in scripts without case and without spaces", () => {
    expect(matchScore("田", "田中さん")).toBe(90);
    expect(matchScore("דנה", "דנה כהן")).toBe(90);
    expect(matchScore("中", "田中さん")).toBe(50);
  });
});

describe("the order", () => {
  test("is by how well they fit, then the most recent first", () => {
    expect(order("an", named("Joanna", "Ivan", "Andrew", "Anna"))).toEqual([
      "Andrew",
      "Anna",
      "Joanna",
      "Ivan",
    ]);
  });

  test("without a query is the most recent first, the unread ones before", () => {
    const candidates = [...named("a", "b"), { id: "c", name: "c", isUnread: true }, ...named("d")];
    expect(order("", candidates)).toEqual(["c", "a", "b", "d"]);
  });

  test("lifts what is unread, and hardly what is muted", () => {
    const unread = { id: "lee anna", name: "lee anna", isUnread: true };
    expect(order("an", [...named("andy lee"), unread])).toEqual(["andy lee", "lee anna"]);
    expect(order("a", [...named("bob anna"), { id: "carl ann", name: "carl ann", isUnread: true }])).toEqual([
      "carl ann",
      "bob anna",
    ]);
    expect(rank([...named("x"), { id: "y", name: "y", isUnread: true, isMuted: true }], "", 9)).toHaveLength(
      2,
    );
  });

  test("finds by an address too, after those who are named so", () => {
    const byAddress = { id: "1", name: "Someone", alias: "anna@example.com" };
    expect(order("anna", [byAddress, ...named("Anna")])).toEqual(["Anna", "1"]);
  });

  test("names no more than are asked for", () => {
    expect(rank(named("a1", "a2", "a3"), "a", 2)).toHaveLength(2);
  });
});
