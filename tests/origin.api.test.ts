import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { call, startServer, type Person, type TestServer } from "./harness.ts";
import { exchange } from "./raw-http.ts";

/** One that knows its address only from the requests, and one that was told. */
let plain: TestServer;
let told: TestServer;
let alice: Person;
let eve: Person;

beforeAll(async () => {
  const environment = {
    PUBLIC_URL: "https://chat.example.com",
    ALLOWED_ORIGINS: "https://app.example.com, http://localhost:5173",
  };
  [plain, told] = await Promise.all([startServer(), startServer({ environment })]);
  [alice, eve] = await Promise.all([plain.person("Alice"), told.person("Eve")]);
});
afterAll(() => Promise.all([plain, told].map((server) => server[Symbol.asyncDispose]())));

/** The status of a handshake with a token that is good. */
async function shake(server: TestServer, headers: string[], target = "/api/v1/ws") {
  const { token } = server === plain ? alice : eve;
  const answer = await exchange(server.url, [
    `GET ${target}?token=${token} HTTP/1.1`,
    ...["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"],
    ...["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="],
    ...headers,
  ]);
  if (answer.status === 403) expect(JSON.parse(answer.text)).toMatchObject({ code: "origin_refused" });
  return answer.status;
}

describe("the WebSocket of a server that was not told its address is open", () => {
  const host = () => new URL(plain.url).host;
  const hostLine = () => `Host: ${host()}`;

  test.each<[string, () => string[], number]>([
    ["to no browser", () => [], 101],
    ["to its own page", () => [`Origin: http://${host()}`], 101],
    ["to its own page behind TLS", () => [`Origin: https://${host()}`], 101],
    ["not to a page without an origin", () => ["Origin: null"], 403],
    ["not to an empty origin", () => ["Origin:"], 403],
    ["not to another page", () => ["Origin: https://evil.example"], 403],
    ["not to a name that begins as its own", () => [`Origin: http://${host()}.evil.example`], 403],
    [
      "not to a name that begins as its own, with any sign between",
      () => [`Origin: http://${host()}Xevil.example`],
      403,
    ],
    ["not to a name that ends as its own", () => [`Origin: http://evil${host()}`], 403],
    ["not to another port", () => ["Origin: http://127.0.0.1:1"], 403],
    ["not to no port", () => ["Origin: http://127.0.0.1"], 403],
    ["not to its own in capitals", () => [`Origin: HTTP://${host()}`], 403],
    ["not to its own with a slash", () => [`Origin: http://${host()}/`], 403],
    ["not to its own behind a user", () => [`Origin: http://${host()}@evil.example`], 403],
    ["not to another scheme", () => [`Origin: ws://${host()}`], 403],
    ["not to two at once", () => [`Origin: http://${host()}`, "Origin: https://evil.example"], 403],
    [
      "not to another page that names a host of its own",
      () => ["Origin: https://evil.example", "X-Forwarded-Host: evil.example"],
      403,
    ],
    ["not to another page with a cookie", () => ["Origin: https://evil.example", "Cookie: a=b"], 403],
  ])("%s", async (_, headers, status) => {
    expect(await shake(plain, [hostLine(), ...headers()])).toBe(status);
  });

  test.each([
    ["//evil.example/ws", 404],
    ["/ws/", 404],
    ["/WS", 404],
    ["/api/v1//ws", 404],
  ])("at its own place alone, not at %s", async (target, status) => {
    expect(await shake(plain, [hostLine(), "Origin: https://evil.example"], target)).toBe(status);
  });
});

describe("the WebSocket of a server that was told its address is open", () => {
  test.each<[string, string[], number]>([
    ["to no browser", [], 101],
    ["to its own page", ["Origin: https://chat.example.com"], 101],
    ["to a page that the operator allows", ["Origin: https://app.example.com"], 101],
    ["to another one", ["Origin: http://localhost:5173"], 101],
    ["not to its own page without TLS", ["Origin: http://chat.example.com"], 403],
    ["not to its own page at another port", ["Origin: https://chat.example.com:8443"], 403],
    ["not to an allowed one at another port", ["Origin: http://localhost:5174"], 403],
    ["not to a part of an allowed one", ["Origin: https://app.example.co"], 403],
    ["not to a child of an allowed one", ["Origin: https://x.app.example.com"], 403],
    ["not to a page without an origin", ["Origin: null"], 403],
    ["not to a page at the name that the request happens to carry", ["Origin: http://evil.example"], 403],
  ])("%s", async (_, headers, status) => {
    expect(await shake(told, ["Host: evil.example", ...headers])).toBe(status);
  });
});

describe("other pages may read the API", () => {
  const ask = (server: TestServer, origin: string, method = "GET", path = "/livez") =>
    call(server.url, method, path, { headers: { origin, "access-control-request-method": "POST" } });

  test("if the operator allows their origin, without credentials", async () => {
    for (const [path, status] of [
      ["/livez", 200],
      ["/chats", 401],
      ["/nowhere", 404],
    ] as const) {
      const answer = await ask(told, "https://app.example.com", "GET", path);
      expect(answer.status).toBe(status);
      expect(answer.headers.get("access-control-allow-origin")).toBe("https://app.example.com");
      expect(answer.headers.get("access-control-allow-credentials")).toBeNull();
      expect(answer.headers.get("access-control-expose-headers")).toContain("RateLimit-Remaining");
      expect(answer.headers.get("vary")).toContain("Origin");
    }
    const { status, headers } = await ask(told, "https://app.example.com", "OPTIONS", "/api/v1/chats");
    expect(status).toBe(204);
    expect(headers.get("access-control-allow-headers")).toContain("Authorization");
    expect(headers.get("access-control-allow-methods")).toContain("DELETE");
  });

  test.each([
    "https://evil.example",
    "null",
    "https://app.example.com.evil.example",
    "https://chat.example.com:1",
  ])("not from %s", async (origin) => {
    for (const method of ["GET", "OPTIONS"]) {
      const { headers } = await ask(told, origin, method);
      expect(headers.get("access-control-allow-origin")).toBeNull();
    }
  });

  test("not at all unless the operator allows somebody", async () => {
    for (const origin of ["https://evil.example", "https://app.example.com", plain.url]) {
      for (const method of ["GET", "OPTIONS"]) {
        const { headers } = await ask(plain, origin, method);
        expect([...headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
      }
    }
  });
});
