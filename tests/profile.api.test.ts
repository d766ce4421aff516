import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { ErrorBody, GroupInfo, MessageInfo, MyProfile } from "@windi/protocol";
import {
  call,
  signIn,
  startNodes,
  startServer,
  type DatabaseKind,
  type Person,
  type TestNodes,
  type TestServer,
} from "./harness.ts";
import type { Frame, TestSocket } from "./socket.ts";
import { until } from "./until.ts";

const kinds: DatabaseKind[] = ["embedded", "server"];
const codeOf = ({ status, body }: { status: number; body: ErrorBody }) => `${status} ${body.code}`;

describe.each(kinds)("what people change of themselves, on the %s database", (database) => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ database });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const change = (person: Person, body: object) =>
    person.call<MyProfile & ErrorBody>("PATCH", "/auth/me", body);
  const login = (email: string, password: string) =>
    call<ErrorBody>(server.url, "POST", "/auth/login", { body: { email, password } });

  test("a name is another at once, and everything else stays", async () => {
    const alice = await server.person("Alice");
    const changed = await change(alice, { name: "Alicia" });
    expect(changed.body).toEqual({ ...alice.user, name: "Alicia", shows_presence: true } as never);
    expect((await alice.call("GET", "/auth/me")).body).toEqual(changed.body);
    expect((await change(alice, { shows_presence: false })).body.name).toBe("Alicia");
    expect((await alice.call("GET", "/auth/me")).body).toMatchObject({
      name: "Alicia",
      shows_presence: false,
    });
  });

  test("an address is another with the password only, and one signs in with it", async () => {
    const alice = await server.person("Alice");
    const email = `New.${crypto.randomUUID()}@example.org`;
    expect(codeOf(await change(alice, { email }))).toBe("422 invalid_request");
    expect(codeOf(await change(alice, { email, current_password: "wrong" }))).toBe("403 wrong_password");
    const changed = await change(alice, { email, current_password: alice.password });
    expect(changed.body.email).toBe(email);
    expect((await login(email.toLowerCase(), alice.password)).status).toBe(200);
    expect(codeOf(await login(alice.user.email, alice.password))).toBe("401 invalid_credentials");
    expect((await alice.call("GET", "/auth/me")).status).toBe(200);
  });

  test("an address of somebody else is refused, however it is spelt, and nothing is changed by that", async () => {
    const [alice, bob] = [await server.person("Alice"), await server.person("Bob")];
    const email = bob.user.email.toUpperCase();
    const body = { name: "Changed", email, current_password: alice.password };
    expect(codeOf(await change(alice, body))).toBe("409 user_exists");
    expect((await alice.call<MyProfile>("GET", "/auth/me")).body.name).toBe("Alice");
    const own = { email: alice.user.email.toUpperCase(), current_password: alice.password };
    expect((await change(alice, own)).body.email).toBe(own.email);
  });

  test.each([
    { name: "" },
    { name: "   " },
    { name: "a".repeat(129) },
    { name: null },
    { email: "no address", current_password: "correct horse" },
    { email: null, current_password: "correct horse" },
    { shows_presence: "yes" },
    {},
    { current_password: "correct horse" },
    { name: { $ne: null } },
  ])("%j is not taken", async (body) => {
    const alice = await server.person("Alice");
    expect(codeOf(await change(alice, body))).toBe("422 invalid_request");
  });

  test("fields that are not one's to change are not changed", async () => {
    const alice = await server.person("Alice");
    const more = { id: crypto.randomUUID(), password_hash: "x", password_version: 7, created_at: null };
    await change(alice, { name: "Alicia", ...more });
    expect((await alice.call<MyProfile>("GET", "/auth/me")).body.id).toBe(alice.user.id);
    expect((await login(alice.user.email, alice.password)).status).toBe(200);
  });

  test("a password is another with the one of before only, and ends the tokens of before", async () => {
    const alice = await server.person("Alice");
    const put = (body: object) => alice.call<ErrorBody>("PUT", "/auth/me/password", body);
    const next = { current_password: alice.password, new_password: "battery staple" };
    expect(codeOf(await put({ ...next, current_password: "wrong" }))).toBe("403 wrong_password");
    expect(codeOf(await put({ ...next, new_password: "short" }))).toBe("422 invalid_request");
    expect((await put(next)).status).toBe(204);
    expect(codeOf(await put(next))).toBe("401 unauthenticated");
    expect(codeOf(await login(alice.user.email, alice.password))).toBe("401 invalid_credentials");
    const again = await signIn(server.url, alice.user, next.new_password);
    expect((await again.call("GET", "/auth/me")).status).toBe(200);
  });

  test("of two changes of the password at the same moment one is refused", async () => {
    const alice = await server.person("Alice");
    const put = (new_password: string) =>
      alice.call("PUT", "/auth/me/password", { current_password: alice.password, new_password });
    const answers = await Promise.all(["battery staple", "staple battery"].map(put));
    const refused = answers.filter(({ status }) => status !== 204);
    expect(refused).toHaveLength(1);
    expect([401, 403]).toContain(refused[0]?.status ?? 0);
  });
});

describe("another name, on two nodes", () => {
  let nodes: TestNodes;
  let alice: Person;
  let bob: Person;
  let group: string;
  let open: TestSocket[];

  beforeAll(async () => {
    nodes = await startNodes({ AUDIT_SECONDS: "1" });
    const [one, other] = nodes.servers;
    alice = await one.person("Alice");
    const { user, password } = await one.person("Bob");
    bob = await signIn(other.url, user, password);
    const body = { title: "Garden", member_ids: [bob.user.id] };
    group = (await alice.call<GroupInfo>("POST", "/groups", body)).body.id;
    const elsewhere = await signIn(other.url, alice.user, alice.password);
    open = [await alice.connect(group), await elsewhere.connect(group), await bob.connect()];
    await open[2]?.request({ action: "subscribe" });
  });
  afterAll(() => nodes[Symbol.asyncDispose]());

  const isChange = (name: string) => (frame: Frame) =>
    frame.event === "user_changed" && (frame as { user?: { name: string } }).user?.name === name;
  const nameUnder = async (socket: TestSocket) => {
    const { data } = await socket.request({ action: "send_message", chat_id: group, text: "hello" });
    return (data as MessageInfo).sender.name;
  };

  test("is told to who shares a chat, once per chat, and to nobody else", async () => {
    const [, , there] = open as [TestSocket, TestSocket, TestSocket];
    const stranger = await (await nodes.servers[1].person("Eve")).connect();
    await stranger.request({ action: "subscribe" });
    await alice.call("PATCH", "/auth/me", { name: "Alicia" });
    expect(await there.next(isChange("Alicia"))).toEqual({
      event: "user_changed",
      user: { ...alice.user, name: "Alicia" },
    } as never);
    await Promise.all([there.settle(), stranger.settle()]);
    expect(there.frames.filter(isChange("Alicia"))).toHaveLength(1);
    expect(stranger.frames.filter(isChange("Alicia"))).toEqual([]);
  });

  test("is what the person's open connections send under, on both", async () => {
    const [here, there] = open as [TestSocket, TestSocket];
    expect([await nameUnder(here), await nameUnder(there)]).toEqual(["Alicia", "Alicia"]);
  });

  test("is found by the next look where nobody told", async () => {
    const [here, there] = open as [TestSocket, TestSocket];
    nodes.wire.interrupt();
    await alice.call("PATCH", "/auth/me", { name: "Ali" });
    expect(await nameUnder(here)).toBe("Ali");
    await until(async () => (await nameUnder(there)) === "Ali");
    nodes.wire.restore();
  });

  test("is not told where there is nothing of it", async () => {
    await alice.call("PATCH", "/auth/me", { shows_presence: true });
    await open[2]?.settle();
    expect(open[2]?.frames.filter(({ event }) => event === "user_changed")).toHaveLength(1);
  });
});
