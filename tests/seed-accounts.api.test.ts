import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { AccessToken, ErrorBody, FieldError, MyProfile, UserInfo } from "@windi/protocol";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { call, startServer, type TestServer } from "./harness.ts";

let server: TestServer;
const password = "password123";

beforeAll(async () => {
  server = await startServer({
    environment: { JWT_ALGORITHM: "HS384", JWT_ACCESS_TOKEN_EXPIRES_MINUTES: "7" },
  });
});
afterAll(() => server[Symbol.asyncDispose]());

describe.each(["", "/api/v1"])("accounts below %p", (prefix) => {
  const post = <Body>(path: string, body: unknown) => call<Body>(server.url, "POST", prefix + path, { body });
  const newAddress = () => `${crypto.randomUUID()}@Example.com`;

  test("registering answers 201 with id, name and address, and nothing else", async () => {
    const email = newAddress();
    const { status, body } = await post<UserInfo>("/auth/register", { name: "Анна 🌲", email, password });
    expect(status).toBe(201);
    expect(body).toEqual({ id: expect.stringMatching(/^[0-9a-f-]{36}$/), name: "Анна 🌲", email });
  });

  test("an address that is taken is 409, whatever its case", async () => {
    const email = newAddress();
    await post("/auth/register", { name: "Anna", email, password });
    for (const taken of [email, email.toLowerCase(), email.toUpperCase()]) {
      const { status, body } = await post<ErrorBody>("/auth/register", {
        name: "Anna",
        email: taken,
        password,
      });
      expect([status, body.detail, body.code]).toEqual([409, "User already exists", "user_exists"]);
    }
  });

  test("of people who register one address at the same moment, one gets it", async () => {
    const email = newAddress();
    const answers = await Promise.all(
      [email, email.toLowerCase(), email.toUpperCase()].map((one) =>
        post("/auth/register", { name: "Anna", email: one, password }),
      ),
    );
    expect(answers.map((answer) => answer.status).toSorted((a, b) => a - b)).toEqual([201, 409, 409]);
  });

  test.each<[string, object, string]>([
    ["no name", { name: undefined }, "name"],
    ["an empty name", { name: "" }, "name"],
    ["a blank name", { name: " \u3000\n" }, "name"],
    ["a name of 129 characters", { name: "x".repeat(129) }, "name"],
    ["no address", { email: undefined }, "email"],
    ["what is no address", { email: "anna" }, "email"],
    ["no password", { password: undefined }, "password"],
    ["a password of 7 characters", { password: "1234567" }, "password"],
    ["a password of 513 bytes", { password: "я".repeat(257) }, "password"],
  ])("%s is 422 and names the field", async (_, change, field) => {
    const { status, body } = await post<ErrorBody>("/auth/register", {
      name: "Anna",
      email: newAddress(),
      password,
      ...change,
    });
    expect([status, body.code]).toEqual([422, "invalid_request"]);
    const details = body.detail as FieldError[];
    expect(details).not.toBeEmpty();
    for (const detail of details)
      expect(detail).toEqual({ loc: ["body", field], msg: expect.any(String), type: expect.any(String) });
  });

  test("a name of 128 characters and a password of 8 are taken, counted as people count", async () => {
    const request = { name: "🌲".repeat(128), email: newAddress(), password: "🌲".repeat(8) };
    expect((await post("/auth/register", request)).status).toBe(201);
    expect((await post("/auth/login", request)).status).toBe(200);
  });

  test("signing in answers a JWT whose sub is the user, with the algorithm and life that are set", async () => {
    const email = newAddress();
    const { id } = (await post<UserInfo>("/auth/register", { name: "Anna", email, password })).body;
    const { status, body } = await post<AccessToken>("/auth/login", {
      email: ` ${email.toLowerCase()} `,
      password,
    });
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(["access_token"]);
    const { sub, exp = 0, iat = 0 } = decodeJwt(body.access_token);
    expect([sub, exp - iat]).toEqual([id, 7 * 60]);
    expect(Math.abs(iat - Date.now() / 1000)).toBeLessThan(60);
    expect(decodeProtectedHeader(body.access_token).alg).toBe("HS384");
    const me = await call<MyProfile>(server.url, "GET", `${prefix}/auth/me`, { token: body.access_token });
    expect([me.status, me.body]).toEqual([200, { id, name: "Anna", email, shows_presence: true }]);
  });

  test("an unknown address and a wrong password get the same 401", async () => {
    const email = newAddress();
    await post("/auth/register", { name: "Anna", email, password });
    const [unknown, wrong] = await Promise.all([
      post<ErrorBody>("/auth/login", { email: newAddress(), password }),
      post<ErrorBody>("/auth/login", { email, password: "password124" }),
    ]);
    expect([unknown.status, unknown.body.detail]).toEqual([401, "Invalid email or password"]);
    expect({ ...unknown.body, request_id: "" }).toEqual({ ...wrong.body, request_id: "" });
    expect([...unknown.headers.keys()]).toEqual([...wrong.headers.keys()]);
  });

  test.each(["email", "password"])("signing in without %s is 422", async (field) => {
    const request = { email: newAddress(), password, [field]: undefined };
    const { status, body } = await post<ErrorBody>("/auth/login", request);
    expect([status, body.detail]).toEqual([422, [expect.objectContaining({ loc: ["body", field] })]]);
  });

  test.each([undefined, "", "Bearer", "Bearer ", "Basic YTpi", "Bearer a b", "bearer garbage"])(
    "a protected call with Authorization: %p is 401 and says how to sign in",
    async (authorization) => {
      const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
      const {
        status,
        body,
        headers: sent,
      } = await call<ErrorBody>(server.url, "GET", `${prefix}/chats`, { headers });
      expect([status, body.code, sent.get("www-authenticate")]).toEqual([401, "unauthenticated", "Bearer"]);
      expect(body.detail).toContain("Authorization: Bearer");
    },
  );
});
