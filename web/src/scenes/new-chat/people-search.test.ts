import { ApiError, ConnectionError, type UserInfo } from "@windi/sdk";
import { expect, test } from "bun:test";
import { createPeopleSearch, isAddress } from "./people-search.ts";

const person = (name: string): UserInfo => ({ id: name, name, email: `${name.toLowerCase()}@example.com` });
const names = (people: readonly UserInfo[]) => people.map(({ name }) => name);

function setUp(known = [person("Bob"), person("Anna")]) {
  const asked: {
    query: string;
    signal: AbortSignal | undefined;
    answer: (people: UserInfo[]) => Promise<void>;
    fail: (error: unknown) => Promise<void>;
  }[] = [];
  let due: (() => void) | undefined;
  const search = createPeopleSearch({
    known: () => known,
    isLeftOut: ({ name }) => name === "Me",
    people: {
      find: (query, { signal } = {}) => {
        const { promise, resolve, reject } = Promise.withResolvers<readonly UserInfo[]>();
        const settled = async (act: () => void) => {
          act();
          await promise.catch(() => {});
          await Promise.resolve();
        };
        asked.push({
          query,
          signal,
          answer: (people) => settled(() => resolve(people)),
          fail: (error) => settled(() => reject(error)),
        });
        return promise;
      },
    },
    clock: {
      now: () => 0,
      later: (_, run) => {
        due = run;
        return () => (due = undefined);
      },
    },
  });
  return { search, asked, pause: () => due?.() };
}

test("people of one's chats are there at once, the most recent first", () => {
  const { search } = setUp([person("Bob"), person("Me"), person("Anna")]);
  expect(names(search.get().people)).toEqual(["Bob", "Anna"]);
  search.ask("an");
  expect(search.get()).toMatchObject({ query: "an", isSearching: true });
  expect(names(search.get().people)).toEqual(["Anna"]);
});

test("the server is asked after a pause, once, and what it finds comes after, each once", async () => {
  const { search, asked, pause } = setUp();
  search.ask("a");
  search.ask("an ");
  expect(asked).toHaveLength(0);
  pause();
  expect(asked.map(({ query }) => query)).toEqual(["an"]);
  await asked[0]?.answer([person("Anna"), person("Me"), person("Andrew")]);
  expect(names(search.get().people)).toEqual(["Anna", "Andrew"]);
  expect(search.get().isSearching).toBe(false);
});

test("an answer to what is no longer asked is not shown", async () => {
  const { search, asked, pause } = setUp();
  search.ask("an");
  pause();
  search.ask("bo");
  expect(asked[0]?.signal?.aborted).toBe(true);
  await asked[0]?.answer([person("Andrew")]);
  expect(names(search.get().people)).toEqual(["Bob"]);
});

test("a failure is told with those who are known, and a refused query is found by nobody", async () => {
  const { search, asked, pause } = setUp();
  search.ask("an");
  pause();
  const failure = new ConnectionError("network");
  await asked[0]?.fail(failure);
  expect(search.get()).toMatchObject({ failure, isSearching: false });
  expect(names(search.get().people)).toEqual(["Anna"]);
  search.ask("q");
  pause();
  await asked[1]?.fail(new ApiError({ code: "invalid_request", detail: "" }));
  expect(search.get().failure).toBeUndefined();
});

test("a whole address is told from a name", () => {
  expect(["a@b.c", " anna@example.com "].every(isAddress)).toBe(true);
  expect(["anna", "a@b", "@b.c", "a b@c.d"].some(isAddress)).toBe(false);
});
