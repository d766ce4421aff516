import { afterAll, beforeAll, expect, test } from "bun:test";
import type { ErrorBody, GroupInfo, UserInfo } from "@windi/protocol";
import { startServer, type Person, type TestServer } from "./harness.ts";

let server: TestServer;
let alice: Person;
let bob: Person;

beforeAll(async () => {
  server = await startServer({ environment: { RATE_LIMITS: "search=20/3600" } });
  [alice, bob] = (await Promise.all(["Alice", "Bob"].map(server.person))) as [Person, Person];
});
afterAll(() => server[Symbol.asyncDispose]());

const find = (person: Person, query: string) =>
  person.call<{ people: UserInfo[] } & ErrorBody>("GET", `/people?${query}`);

test("a stranger is found by the whole address alone; who shares a chat, by name", async () => {
  const address = `query=${encodeURIComponent(bob.user.email)}`;
  expect((await find(alice, address)).body as object).toEqual({ people: [bob.user] });
  expect((await find(alice, "query=bob")).body as object).toEqual({ people: [] });
  await alice.call<GroupInfo>("POST", "/groups", { title: "Garden", member_ids: [bob.user.id] });
  expect((await find(alice, "query=bob")).body as object).toEqual({ people: [bob.user] });
  expect((await find(bob, "query=bob")).body as object).toEqual({ people: [] });
});

test.each([
  ["", "query"],
  ["query=", "query"],
  [`query=${"x".repeat(255)}`, "query"],
  ["query=a&limit=0", "limit"],
  ["query=a&limit=51", "limit"],
])("%p is refused, and the field is named", async (query, field) => {
  const { status, body } = await find(alice, query);
  expect([status, body.code]).toEqual([422, "invalid_request"]);
  expect(body.detail).toMatchObject([{ loc: ["query", field] }]);
});

test("searching is limited, for each person by themself", async () => {
  const carol = await server.person("Carol");
  const statuses = [];
  for (let n = 0; n < 21; n++) statuses.push((await find(carol, "query=a")).status);
  expect(statuses).toEqual([...Array.from({ length: 20 }, () => 200), 429]);
  expect((await find(bob, "query=a")).status).toBe(200);
});
