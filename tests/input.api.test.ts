import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import {
  endpoints,
  type Endpoint,
  type ErrorBody,
  type FieldError,
  type GroupInfo,
  type MessageInfo,
  type OperationId,
} from "@windi/protocol";
import type { z } from "zod";
import { startServer, type Person, type TestServer } from "./harness.ts";

const anyId = "01900000-0000-7000-8000-000000000000";
let server: TestServer;
let alice: Person;
let bob: Person;
let group: string;
let message: string;

beforeAll(async () => {
  server = await startServer();
  [alice, bob] = await Promise.all([server.person("Alice"), server.person("Bob")]);
  group = (await alice.call<GroupInfo>("POST", "/groups", { title: "Garden" })).body.id;
  message = (await alice.call<MessageInfo>("POST", `/chats/${group}/messages`, { text: "hello" })).body.id;
});
afterAll(() => server[Symbol.asyncDispose]());
afterEach(async () => expect((await alice.call("GET", "/readyz")).status).toBe(200));

/** For every endpoint with a body, one that is right. */
const rightBodies: Partial<Record<OperationId, () => Record<string, unknown>>> = {
  register: () => ({ name: "Anna", email: `${crypto.randomUUID()}@example.org`, password: "password123" }),
  login: () => ({ email: "anna@example.org", password: "password123" }),
  createChat: () => ({ user_id: anyId }),
  createGroup: () => ({ title: "Garden", member_ids: [] }),
  addMembers: () => ({ user_ids: [alice.user.id] }),
  removeMembers: () => ({ user_ids: [anyId] }),
  renameGroup: () => ({ title: "Orchard" }),
  sendMessage: () => ({ text: "hello", idempotency_key: "k", mentions: [] }),
  editMessage: () => ({ text: "hello again", mentions: [] }),
  changeMe: () => ({ shows_presence: true, name: "Alice", current_password: "not this one" }),
  signIn: () => ({ email: "anna@example.org", password: "password123" }),
  changePassword: () => ({ current_password: "not this one", new_password: "password123" }),
  changeSettings: () => ({ is_pinned: false, muted_until: null, unread_from: null }),
  saveDraft: () => ({ text: "hello" }),
  sync: () => ({ chats: [{ chat_id: group, seq: 0, version: 0 }] }),
};

const withBody = (Object.entries(endpoints) as [OperationId, Endpoint][]).filter(([, { body }]) => body);
const shapeOf = (endpoint: Endpoint) => (endpoint.body as z.ZodObject).shape;
const fields = withBody.flatMap(([id, endpoint]) =>
  Object.keys(shapeOf(endpoint)).map((field) => [id, field] as const),
);
const takes = (id: OperationId, field: string, value: unknown) =>
  (shapeOf(endpoints[id])[field] as z.ZodType | undefined)?.safeParse(value).success === true;
/** A body that is none, also where every field may be left out. */
const wrongBody = (id: OperationId) =>
  JSON.stringify({ [Object.keys(rightBodies[id]?.() ?? {})[0] ?? ""]: {} });

/** Sends JSON text as it is. */
async function send(id: OperationId, json: string, contentType = "application/json") {
  const { method, path } = endpoints[id];
  const response = await fetch(server.url + path.replace("{message_id}", message).replace(/\{\w+\}/, group), {
    method,
    body: json,
    headers: { "content-type": contentType, authorization: `Bearer ${alice.token}`, origin: server.url },
  });
  return { status: response.status, body: (await response.json()) as ErrorBody };
}

/** Checks the seed's form of a 422, and answers with what is wrong. */
function problemsOf({ status, body }: { status: number; body: ErrorBody }): FieldError[] {
  expect([status, body.code]).toEqual([422, "invalid_request"]);
  const problems = body.detail as FieldError[];
  for (const problem of problems) {
    expect(Object.keys(problem)).toEqual(["loc", "msg", "type"]);
    expect([problem.msg, problem.type]).not.toContain("");
  }
  return problems;
}

test("every endpoint that takes a body is tried here", () => {
  expect(withBody.map(([id]) => id).toSorted()).toEqual(Object.keys(rightBodies).toSorted() as OperationId[]);
});

describe.each(fields)("%s: the field %s", (id, field) => {
  const isListOfIds = field.endsWith("_ids") || field === "mentions";
  const isSwitch = field === "shows_presence" || field === "is_pinned";
  const wrong: [string, string][] = [
    ["NUL", String.raw`"a\u0000b"`],
    ["half of a surrogate pair", String.raw`"a\ud800"`],
    ["an operator", '{"$ne":null}'],
    ["an object", '{"toString":"x","length":5}'],
    ["a list of lists", '[["a"]]'],
    ["a list of operators", '[{"$gt":""}]'],
    ["a number", "12345678"],
    ["a number beyond all numbers", "1e999"],
    ["not true or false, or one of these", isSwitch ? '"true"' : "true"],
    ["30,000 levels", `${"[".repeat(30_000)}${"]".repeat(30_000)}`],
    ["100,000 characters", `"${"x".repeat(100_000)}"`],
    ["more ids than may come at once", `[${Array.from({ length: 1001 }, () => `"${anyId}"`).join(",")}]`],
    ["SQL", `["'); drop table users; --"]`],
  ];

  test.each(wrong)("that is %s is 422 and named", async (_, json) => {
    const others = Object.entries(rightBodies[id]?.() ?? {}).filter(([name]) => name !== field);
    const parts = [
      ...others.map(([name, value]) => `"${name}":${JSON.stringify(value)}`),
      `"${field}":${json}`,
    ];
    const problems = problemsOf(await send(id, `{${parts.join(",")}}`));
    for (const problem of problems) expect(problem.loc.slice(0, 2)).toEqual(["body", field]);
    expect(problems.length).toBeGreaterThan(0);
    if (isListOfIds && json.startsWith("[[")) expect(problems[0]?.loc).toEqual(["body", field, 0]);
  });

  test("that is null or missing is 422 where it is needed", async () => {
    for (const value of [null, undefined]) {
      if (takes(id, field, value)) continue;
      const problems = problemsOf(await send(id, JSON.stringify({ ...rightBodies[id]?.(), [field]: value })));
      expect(problems.map(({ loc }) => loc)).toEqual([["body", field]]);
    }
  });
});

describe.each(withBody.map(([id]) => id))("%s", (id) => {
  test.each(["", "null", "[]", '"text"', "1e999", "{", "{}{}", "undefined", "\ufeff", "[".repeat(100_000)])(
    "with the body %.20s is 422 for the body, or for its first field",
    async (json) => {
      const problems = problemsOf(await send(id, json));
      expect(problems.map(({ loc }) => loc)).toEqual([["body"]]);
    },
  );

  test.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/json\ta",
    "multipart/form-data",
    "image/png",
  ])("sent as %p is checked all the same", async (contentType) => {
    expect(problemsOf(await send(id, wrongBody(id), contentType)).length).toBeGreaterThan(0);
    const hidden = `{"__proto__":{"a":1},${wrongBody(id).slice(1)}`;
    expect(problemsOf(await send(id, hidden, contentType)).length).toBeGreaterThan(0);
  });

  test("takes no field from __proto__ and gives none to other objects", async () => {
    const right = JSON.stringify(rightBodies[id]?.());
    const nested = await send(id, `{"__proto__":${right},"constructor":{"prototype":${right}}}`);
    // Where nothing must be named, nothing is.
    if ((endpoints[id] as Endpoint).body?.safeParse({}).success === true) expect(nested.status).toBe(200);
    else expect(problemsOf(nested).length).toBeGreaterThan(0);
    const { status } = await send(
      id,
      `{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},${right.slice(1)}`,
    );
    expect(status).toBeLessThan(422);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});

describe("an id in a path", () => {
  const paths = Object.values(endpoints as Record<string, Endpoint>).filter(({ path }) => path.includes("{"));

  test.each(paths)("$method $path is checked before anything else", async ({ method, path, body }) => {
    const name = /\{(\w+)\}/.exec(path)?.[1] ?? "";
    for (const id of [
      "1",
      "null",
      "%00",
      "%ff%zz",
      "__proto__",
      "'%20or%201=1%20--",
      `${anyId}%0a`,
      "x".repeat(4000),
    ]) {
      const answer = await alice.call<ErrorBody>(method, path.replace(/\{\w+\}/, id), body ? {} : undefined);
      expect(problemsOf(answer)[0]?.loc).toEqual(["path", name]);
    }
  });
});

test("a refused request changes nothing", async () => {
  const before = await alice.call("GET", "/chats");
  await send("createGroup", JSON.stringify({ title: "Half", member_ids: [alice.user.id, "x"] }));
  await send("addMembers", JSON.stringify({ user_ids: [bob.user.id, "x"] }));
  expect((await alice.call("GET", "/chats")).body).toEqual(before.body);
  expect((await alice.call<GroupInfo>("GET", `/groups/${group}`)).body.members).toHaveLength(1);
});
