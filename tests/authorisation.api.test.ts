import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  actions,
  endpoints,
  type ActionName,
  type Endpoint,
  type GroupInfo,
  type MessageInfo,
  type OperationId,
  type SessionToken,
} from "@windi/protocol";
import {
  actionTable,
  callers,
  endpointTable,
  type Caller,
  type EndpointRow,
  type Scene,
} from "./authorisation-table.ts";
import { call, startServer, type Answer, type Person, type TestServer } from "./harness.ts";
import { openSocket, type Frame } from "./socket.ts";

const secret = "canary-q7F2m0XyK9bVtR4sLw8ZcN1pJ6hD3gUa";
const operations = Object.keys(endpoints) as OperationId[];
const actionNames = Object.keys(actions) as ActionName[];
const elsewhere = "01900000-0000-7000-8000-000000000000";

let server: TestServer;
let people: Record<Exclude<Caller, "anonymous">, Person>;
/** One for each prefix: a caller begins a personal chat with somebody but once. */
let strangers: Record<string, Person>;
/** Of a stranger. */
let sessionId: string;

beforeAll(async () => {
  server = await startServer({ environment: { JWT_SECRET_KEY: secret } });
  const [outsider, former, member, creator, one, other] = (await Promise.all(
    ["Outsider", "Former", "Member", "Creator", "Stranger", "Stranger"].map(server.person),
  )) as [Person, Person, Person, Person, Person, Person];
  strangers = { "": one, "/api/v1": other };
  const { user, password } = one;
  const headers = { origin: server.url };
  const body = { email: user.email, password };
  const signedIn = await call<SessionToken>(server.url, "POST", "/auth/sessions", { headers, body });
  sessionId = signedIn.body.session_id;
  people = { outsider, "former member": former, member, creator };
});
afterAll(() => server[Symbol.asyncDispose]());

/** A group whose creator has written a message, with one member and one who was. */
async function newScene(prefix = ""): Promise<Scene> {
  const { creator, member, "former member": former } = people;
  const member_ids = [member.user.id, former.user.id];
  const { id: chatId } = (await creator.call<GroupInfo>("POST", "/groups", { title: "Garden", member_ids }))
    .body;
  const message = await creator.call<MessageInfo>("POST", `/chats/${chatId}/messages`, {
    text: "canary message",
  });
  await creator.call("DELETE", `/groups/${chatId}/members`, { user_ids: [former.user.id] });
  const strangerId = strangers[prefix]?.user.id ?? "";
  return { chatId, messageId: message.body.id, strangerId, memberId: member.user.id, sessionId };
}

const tokenOf = (caller: Caller) => (caller === "anonymous" ? undefined : people[caller].token);

async function callAs(
  caller: Caller,
  endpoint: Endpoint,
  row: EndpointRow,
  scene: Scene,
  prefix = "",
): Promise<Answer> {
  const params = row.params?.(scene) ?? {};
  const path = endpoint.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => params[name] ?? "");
  const answer = await call(
    server.url,
    endpoint.method,
    prefix + path + (row.query === undefined ? "" : `?${row.query}`),
    {
      token: tokenOf(caller),
      body: row.body?.(scene),
      ...(row.headers && { headers: row.headers }),
    },
  );
  expectNoSecret(answer.body, caller);
  return answer;
}

/** The frame that answers; undefined for no answer; the close code as text. */
async function actAs(caller: Caller, frame: object): Promise<Frame | string | undefined> {
  const socket = await openSocket(server.url, tokenOf(caller) ?? "");
  if (caller === "anonymous") {
    socket.send(frame);
    return `closed with ${(await socket.closed).code}`;
  }
  socket.send({ ...frame, request_id: "the-one" });
  await socket.settle();
  for (const heard of socket.frames) expectNoSecret(heard, caller);
  socket.close();
  return socket.frames.find((heard) => heard.request_id === "the-one");
}

/** Fails on a key that names a secret, on the secrets themselves, and on addresses shown to who shares no chat. */
function expectNoSecret(body: unknown, caller: Caller): void {
  const text = JSON.stringify(body) ?? "";
  expect(
    [...text.matchAll(/"(\w*)":/g)]
      .map(([, key]) => key)
      .filter((key) => /hash|secret|password/i.test(key ?? "")),
  ).toEqual([]);
  for (const marker of [secret, "$argon2", "correct horse"]) expect(text).not.toContain(marker);
  if (caller === "member" || caller === "creator") return;
  const shown = [people.creator.user.email, people.member.user.email, "canary message"];
  for (const marker of shown) expect(text).not.toContain(marker);
}

const without = (body: unknown) => ({ ...(body as object), request_id: "" });
const statusOf = ({ status, body }: Answer) =>
  status < 400 ? String(status) : `${status} ${(body as { code: string }).code}`;

function kindOf(answer: Frame | string | undefined): string {
  if (answer === undefined) return "no answer";
  if (typeof answer === "string") return answer;
  if (answer.code === "chat_not_found") return "404 chat_not_found";
  return answer.code ?? answer.status ?? answer.event ?? "";
}

test("the table has every endpoint and every action", () => {
  expect(Object.keys(endpointTable).toSorted()).toEqual(operations.toSorted());
  expect(Object.keys(actionTable).toSorted()).toEqual(actionNames.toSorted());
});

describe.each(["", "/api/v1"])("endpoints below %p", (prefix) => {
  test.each(operations)("%s answers each caller as the table says", async (id) => {
    const scene = await newScene(prefix);
    const got: string[] = [];
    // In this order, since the creator may end it.
    for (const caller of callers)
      got.push(statusOf(await callAs(caller, endpoints[id], endpointTable[id], scene, prefix)));
    expect(got).toEqual([...endpointTable[id].expected]);
  });
});

test.each(operations.filter((id) => endpoints[id].auth === "bearer"))(
  "%s asks for a token before it looks at anything else",
  async (id) => {
    const path = endpoints[id].path.replaceAll(/\{\w+\}/g, "not-an-id");
    const headers = { "content-type": "text/plain" };
    const answer = await call(server.url, endpoints[id].method, path, { headers });
    expect(statusOf(answer)).toBe("401 unauthenticated");
  },
);

test.each(actionNames)("%s answers each caller as the table says", async (name) => {
  const { frame, expected } = actionTable[name];
  const scene = await newScene();
  const got = await Promise.all(
    callers.map(async (caller) => kindOf(await actAs(caller, { action: name, ...frame(scene) }))),
  );
  expect(got).toEqual([...expected]);
});

describe("who is not in a chat cannot tell it from one that does not exist:", () => {
  const strangers = ["outsider", "former member"] as const;

  test.each(operations.filter((id) => endpointTable[id].hidesExistence))("%s", async (id) => {
    const scene = await newScene();
    for (const caller of strangers) {
      const [there, nowhere] = [scene, { ...scene, chatId: elsewhere }].map((about) =>
        callAs(caller, endpoints[id], endpointTable[id], about),
      ) as [Promise<Answer>, Promise<Answer>];
      expect(without((await there).body)).toEqual(without((await nowhere).body));
      expect([...(await there).headers.keys()]).toEqual([...(await nowhere).headers.keys()]);
    }
  });

  test.each(actionNames.filter((name) => actionTable[name].hidesExistence))("%s", async (name) => {
    const scene = await newScene();
    for (const caller of strangers) {
      const [there, nowhere] = await Promise.all(
        [scene, { ...scene, chatId: elsewhere }].map((about) =>
          actAs(caller, { action: name, ...actionTable[name].frame(about) }),
        ),
      );
      expect({ ...(there as Frame), chat_id: "" }).toEqual({ ...(nowhere as Frame), chat_id: "" });
    }
  });
});

test("every endpoint that hides existence takes a chat, and none that takes one lets a stranger in", () => {
  for (const id of operations) {
    const { expected, hidesExistence } = endpointTable[id];
    if (!endpoints[id].path.includes("{")) continue;
    for (const answer of expected.slice(0, 3)) expect(answer).toMatch(/^40[134] /);
    expect(hidesExistence === true).toBe(endpoints[id].path.includes("{chat_id}"));
  }
});
