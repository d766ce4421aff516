import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startServer, type TestServer } from "./harness.ts";

let server: TestServer;
let behindTls: TestServer;

beforeAll(async () => {
  const environment = { PUBLIC_URL: "https://chat.example.com", ALLOWED_ORIGINS: "https://app.example.com" };
  [server, behindTls] = await Promise.all([startServer(), startServer({ environment })]);
});
afterAll(() => Promise.all([server, behindTls].map((one) => one[Symbol.asyncDispose]())));

const json = "application/json";
const html = "text/html; charset=utf-8";
type Kind = "page" | "docs" | "worker" | "asset" | "api";

/** Every kind of answer: what is asked, what comes. */
const answers: [string, RequestInit & { headers?: Record<string, string> }, number, Kind][] = [
  ["/", {}, 200, "page"],
  ["/static/index.html", {}, 200, "page"],
  ["/api/v1/static/index.html", {}, 200, "page"],
  ["/", { method: "HEAD" }, 200, "page"],
  ["/sw.js", {}, 200, "worker"],
  ["/manifest.webmanifest", {}, 200, "asset"],
  ["/docs", {}, 200, "docs"],
  ["/api/v1/redoc", {}, 200, "docs"],
  ["/openapi.json", {}, 200, "asset"],
  ["/api/v1/asyncapi.json", {}, 200, "asset"],
  ["/docs/assets/swagger-ui.css", {}, 200, "asset"],
  ["/redoc/assets/redoc.standalone.js", {}, 200, "asset"],
  ["/docs/assets/icon.svg", {}, 200, "asset"],
  ["/livez", {}, 200, "api"],
  ["/health", { method: "HEAD" }, 200, "api"],
  ["/chats", {}, 401, "api"],
  ["/nowhere", {}, 404, "api"],
  ["/static/%2e%2e%2fpackage.json", {}, 404, "api"],
  ["/auth/login", {}, 405, "api"],
  ["/auth/login", { method: "TRACE" }, 405, "api"],
  ["/auth/login", { method: "POST", body: "x".repeat(200_000) }, 413, "api"],
  ["/auth/login", { method: "POST", body: "{}" }, 422, "api"],
  ["/ws", {}, 426, "api"],
];

const policyOf = (response: Response) =>
  new Map(
    (response.headers.get("content-security-policy") ?? "").split("; ").map((rule) => {
      const [name = "", ...values] = rule.split(" ");
      return [name, values.join(" ")] as const;
    }),
  );

function expectCommon(response: Response): void {
  const { headers } = response;
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("referrer-policy")).toBe("same-origin");
  expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
  expect(headers.get("x-frame-options")).toBe("DENY");
  expect(headers.get("x-request-id")).toMatch(/^[\w.-]{1,64}$/);
  const policy = policyOf(response);
  expect(policy.get("default-src")).toBe("'none'");
  expect(policy.get("frame-ancestors")).toBe("'none'");
  expect(headers.get("content-security-policy")).not.toMatch(/unsafe-eval|\*|https?:|script-src [^;]*unsafe/);
  for (const name of ["server", "x-powered-by", "set-cookie"]) expect(headers.get(name)).toBeNull();
}

function expectKind(response: Response, kind: Kind): void {
  const { headers } = response;
  const policy = policyOf(response);
  if (kind === "api") {
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("content-type")).toStartWith(json);
  }
  if (kind === "worker") {
    expect(headers.get("service-worker-allowed")).toBe("/");
    expect(headers.get("content-type")).toBe("text/javascript; charset=utf-8");
    expect(policy.get("connect-src")).toBe("'self'");
    expect(policy.get("trusted-types")).toBe("'none'");
    return expect(policy.has("script-src")).toBe(false);
  }
  expect(headers.get("service-worker-allowed")).toBeNull();
  if (kind === "api" || kind === "asset")
    return expect([...policy.keys()]).toEqual(["default-src", "frame-ancestors"]);
  expect(headers.get("content-type")).toBe(html);
  expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
  expect(headers.get("permissions-policy")).toContain("camera=()");
  for (const rule of ["base-uri", "object-src"]) expect(policy.get(rule)).toBe("'none'");
  for (const rule of ["script-src", "form-action", "connect-src"]) expect(policy.get(rule)).toBe("'self'");
  expect(policy.get("style-src")).toBe(kind === "page" ? "'self'" : "'self' 'unsafe-inline'");
  if (kind === "docs") return undefined;
  expect(headers.get("content-security-policy")).not.toContain("unsafe");
  for (const rule of ["worker-src", "manifest-src"]) expect(policy.get(rule)).toBe("'self'");
  expect(policy.get("require-trusted-types-for")).toBe("'script'");
  return expect(policy.get("trusted-types")).toBe("windi-worker");
}

describe("every answer carries its headers:", () => {
  const titled = answers.map((row) => [`${row[1].method ?? "GET"} ${row[0]}: ${row[2]}`, ...row] as const);

  test.each(titled)("%s", async (_, path, request, status, kind) => {
    for (const one of [server, behindTls]) {
      const response = await fetch(one.url + path, { redirect: "manual", ...request });
      expect(response.status).toBe(status);
      expectCommon(response);
      expectKind(response, kind);
      const policy = one === server ? null : "max-age=31536000; includeSubDomains";
      expect(response.headers.get("strict-transport-security")).toBe(policy);
    }
  });

  test("a handshake that is refused", async () => {
    const headers = {
      upgrade: "websocket",
      connection: "Upgrade",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      origin: "null",
    };
    const response = await fetch(`${server.url}/ws`, { headers });
    expect(response.status).toBe(403);
    expectCommon(response);
    expectKind(response, "api");
  });

  test("an answer to a browser that asks for another page", async () => {
    const headers = { origin: "https://app.example.com", "access-control-request-method": "POST" };
    const response = await fetch(`${behindTls.url}/chats`, { method: "OPTIONS", headers });
    expect(response.status).toBe(204);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  });

  test.each<[string, Kind]>([
    ["/", "page"],
    ["/docs", "docs"],
    ["/docs/assets/start.js", "asset"],
  ])("%s that is not sent again", async (path, kind) => {
    const { headers } = await fetch(server.url + path);
    const etag = headers.get("etag") ?? "";
    const again = await fetch(server.url + path, { headers: { "if-none-match": etag } });
    expect([again.status, await again.text(), again.headers.get("etag")]).toEqual([304, "", etag]);
    expectCommon(again);
    expectKind(again, kind);
    expect((await fetch(server.url + path, { headers: { "if-none-match": '"other"' } })).status).toBe(200);
  });
});

test("the service worker and the manifest are asked for again each time, and are what browsers know them by", async () => {
  for (const [path, type] of [
    ["/sw.js", "text/javascript; charset=utf-8"],
    ["/manifest.webmanifest", "application/manifest+json"],
  ] as const) {
    const { headers } = await fetch(server.url + path);
    expect([headers.get("content-type"), headers.get("cache-control")]).toEqual([type, "no-cache"]);
    expect((await fetch(`${server.url}/static${path}`)).status).toBe(404);
  }
});

test.each(["/", "/docs", "/redoc", "/static/index.html"])(
  "%s has no script and no handler in the page itself, and loads from here alone",
  async (path) => {
    const page = await (await fetch(server.url + path)).text();
    for (const [tag, content] of page.matchAll(/<script[^>]*>([^<]*)/g)) {
      expect(tag).toContain("src=");
      expect(content?.trim()).toBe("");
    }
    expect(page).not.toMatch(/<[^>]+\son\w+=/i);
    expect(page).not.toMatch(/(src|href|action)=["']?(https?:)?\/\//i);
  },
);

test("a request id of the caller's is kept if it is a plain one, and replaced if not", async () => {
  const idFor = async (id: string) =>
    (await fetch(`${server.url}/livez`, { headers: { "x-request-id": id } })).headers.get("x-request-id");
  expect(await idFor("trace-1.2_3")).toBe("trace-1.2_3");
  for (const id of ["", "a b", "x".repeat(65), "<script>", "é"])
    expect(await idFor(id)).toMatch(/^[0-9a-f-]{36}$/);
});
