import { afterAll, beforeAll, expect, test } from "bun:test";
import type { ErrorBody } from "@windi/protocol";
import { call, startServer, type Person, type TestServer } from "./harness.ts";
import { openPage } from "./page-visitor.ts";

let server: TestServer;
let alice: Person;

beforeAll(async () => {
  const limits = "password=3/9000,refresh=3/9000,ticket=3/9000,profile=3/9000,login_account=3/9000";
  server = await startServer({ environment: { RATE_LIMITS: limits } });
  alice = await server.person("Alice");
});
afterAll(() => server[Symbol.asyncDispose]());

/** The codes of as many answers. */
async function times(
  count: number,
  ask: (n: number) => Promise<{ body: unknown }>,
): Promise<(string | undefined)[]> {
  const codes: (string | undefined)[] = [];
  for (let n = 0; n < count; n++) codes.push(((await ask(n)).body as ErrorBody | undefined)?.code);
  return codes;
}
const put = (person: Person, current_password: string, new_password = "battery staple") =>
  person.call("PUT", "/auth/me/password", { current_password, new_password });

test("a password cannot be guessed by who is signed in, whichever way", async () => {
  const email = `${crypto.randomUUID()}@example.org`;
  const bob = await server.person("Bob");
  const guess = (n: number) =>
    n % 2 ? put(bob, "wrong") : bob.call("PATCH", "/auth/me", { email, current_password: "wrong" });
  const wrong = "wrong_password";
  expect(await times(5, guess)).toEqual([wrong, wrong, wrong, "rate_limited", "rate_limited"]);
  expect(await times(1, () => put(bob, bob.password))).toEqual(["rate_limited"]);
  expect(await times(1, () => put(alice, "wrong"))).toEqual([wrong]);
});

test("tries that do not fail for the password cost nothing", async () => {
  const carol = await server.person("Carol");
  const taken = { email: alice.user.email, current_password: carol.password };
  expect(await times(5, () => carol.call("PATCH", "/auth/me", taken))).toEqual(
    Array.from({ length: 5 }, () => "user_exists"),
  );
});

test("signing in for a page counts with signing in for a token", async () => {
  const dave = await server.person("Dave");
  const body = { email: dave.user.email, password: "wrong" };
  const page = openPage(server.url);
  const wrong = "invalid_credentials";
  const codes = await times(4, (n) => page.post(n % 2 ? "/auth/login" : "/auth/sessions", body));
  expect(codes).toEqual([wrong, wrong, wrong, "rate_limited"]);
});

test("whoever guesses from many addresses is slowed, and locks nobody out where they are signed in", async () => {
  const environment = { TRUSTED_PROXIES: "127.0.0.1", RATE_LIMITS: "login_everywhere=3/9000" };
  await using behind = await startServer({ environment });
  const [erin, nobody] = [await behind.person("Erin"), { email: `${crypto.randomUUID()}@example.org` }];
  const signInFrom = (address: string, person: { email: string }, password: string) =>
    openPage(behind.url, { origin: behind.url, "x-forwarded-for": address }).post("/auth/sessions", {
      email: person.email,
      password,
    });
  expect((await signInFrom("192.0.2.7", erin.user, erin.password)).status).toBe(201);
  for (const person of [erin.user, nobody]) {
    const codes = await times(5, (n) => signInFrom(`198.51.${n}.1`, person, "wrong"));
    const wrong = "invalid_credentials";
    expect(codes).toEqual([wrong, wrong, wrong, "rate_limited", "rate_limited"]);
  }
  expect((await signInFrom("203.0.113.1", erin.user, erin.password)).status).toBe(429);
  expect((await signInFrom("192.0.2.9", erin.user, erin.password)).status).toBe(201);
  expect(await times(1, () => signInFrom("192.0.2.9", erin.user, "wrong"))).toEqual(["invalid_credentials"]);
  expect((await signInFrom("192.0.2.9", nobody, "wrong")).status).toBe(429);
});

test("whoever guesses on one device does not keep another from changing the password", async () => {
  const frank = await server.person("Frank");
  const [one, other] = [await openPage(server.url).signIn(frank), await openPage(server.url).signIn(frank)];
  const change = ({ access_token: token }: { access_token: string }, current_password: string) =>
    call(server.url, "PUT", "/auth/me/password", {
      token,
      body: { current_password, new_password: "battery staple" },
    });
  const wrong = "wrong_password";
  expect(await times(4, () => change(one, "wrong"))).toEqual([wrong, wrong, wrong, "rate_limited"]);
  expect(await times(4, () => put(frank, "wrong"))).toEqual([wrong, wrong, wrong, "rate_limited"]);
  expect((await change(other, frank.password)).status).toBe(204);
});

test("a session is refreshed so often, and no other waits for it", async () => {
  const [page, other] = [openPage(server.url), openPage(server.url)];
  await Promise.all([page.signIn(alice), other.signIn(alice)]);
  const refresh = () => page.post("/auth/refresh");
  expect(await times(4, refresh)).toEqual([undefined, undefined, undefined, "rate_limited"]);
  expect((await other.post("/auth/refresh")).status).toBe(200);
});

test("tickets and names are given so often", async () => {
  const ask = () => alice.call("POST", "/auth/ws-ticket");
  const rename = (n: number) => alice.call("PATCH", "/auth/me", { name: `Alice ${n}` });
  const expected = [undefined, undefined, undefined, "rate_limited"];
  expect(await times(4, ask)).toEqual(expected);
  expect(await times(4, rename)).toEqual(expected);
  expect((await alice.call("PATCH", "/auth/me", { shows_presence: false })).status).toBe(200);
});
