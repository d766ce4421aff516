import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import type { ErrorBody } from "@windi/protocol";
import { call, startServer, type TestServer } from "./harness.ts";
import { chunk, exchange, type RawAnswer } from "./raw-http.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server[Symbol.asyncDispose]());
afterEach(async () => expect((await call(server.url, "GET", "/readyz")).status).toBe(200));

const megabyte = 1024 * 1024;
const head = (...headers: string[]) => ["POST /api/v1/auth/login HTTP/1.1", "Host: localhost", ...headers];
const bodyOf = ({ text }: RawAnswer) => JSON.parse(text) as ErrorBody;
const piece = new Uint8Array(64 * 1024).fill(0x20);

describe("a body of 10 MB is refused in words", () => {
  test("from fetch", async () => {
    const body = new Uint8Array(10 * megabyte).fill(0x20);
    const response = await fetch(`${server.url}/auth/register`, { method: "POST", body });
    const answer = (await response.json()) as ErrorBody;
    expect([response.status, answer.code, answer.detail]).toEqual([
      413,
      "payload_too_large",
      "The request body is larger than 128 KiB",
    ]);
  });

  test("that announces its length, before it is there", async () => {
    const answer = await exchange(server.url, head(`Content-Length: ${10 * megabyte}`), [piece]);
    expect([answer.status, bodyOf(answer).code]).toEqual([413, "payload_too_large"]);
  });

  test("in chunks, without a length", async () => {
    const pieces = Array.from({ length: 160 }, () => chunk(piece));
    const answer = await exchange(server.url, head("Transfer-Encoding: chunked"), [...pieces, "0\r\n\r\n"]);
    expect([answer.status, bodyOf(answer).code]).toEqual([413, "payload_too_large"]);
  });
});

test("a body that is larger than any is refused too", async () => {
  const answer = await exchange(server.url, head(`Content-Length: ${100 * megabyte}`), [piece]);
  expect(answer.status).toBe(413);
});

test("a body that nobody asked for does not matter", async () => {
  const pieces = Array.from({ length: 32 }, () => chunk(piece));
  const request = ["GET /livez HTTP/1.1", "Host: localhost", "Transfer-Encoding: chunked"];
  expect((await exchange(server.url, request, [...pieces, "0\r\n\r\n"])).status).toBe(200);
});

test.each([
  ["invalid UTF-8", [0x7b, 0xff, 0x7d], "The body is not valid UTF-8"],
  ["a surrogate in UTF-8", [0x22, 0xed, 0xa0, 0x80, 0x22], "The body is not valid UTF-8"],
  ["an overlong NUL", [0x22, 0xc0, 0x80, 0x22], "The body is not valid UTF-8"],
  ["UTF-16", [0xff, 0xfe, 0x7b, 0x00], "The body is not valid UTF-8"],
  ["a NUL that is not escaped", [0x22, 0x00, 0x22], "The body is not valid JSON"],
])("%s is 422", async (_, bytes, msg) => {
  const response = await fetch(`${server.url}/auth/login`, { method: "POST", body: new Uint8Array(bytes) });
  const answer = (await response.json()) as ErrorBody;
  expect([response.status, answer.detail]).toEqual([422, [{ loc: ["body"], msg, type: expect.any(String) }]]);
});

test.each<[string, string[], number]>([
  ["no Host", ["GET /livez HTTP/1.1"], 400],
  ["a Host that is none", ["GET /livez HTTP/1.1", "Host: a b["], 400],
  ["a length that is none", head("Content-Length: 9999999999999999999999"), 400],
  ["a length below zero", head("Content-Length: -1"), 400],
  ["a length and chunks at once", head("Content-Length: 5", "Transfer-Encoding: chunked"), 400],
  ["a header of 100 KB", ["GET /livez HTTP/1.1", "Host: localhost", `X-Long: ${"x".repeat(100_000)}`], 431],
  ["a target of 100 KB", [`GET /${"x".repeat(100_000)} HTTP/1.1`, "Host: localhost"], 431],
  ["an asterisk for a target", ["GET * HTTP/1.1", "Host: localhost"], 400],
  ["a target that is garbage", ["GET /%ff%zz%00 HTTP/1.1", "Host: localhost"], 404],
  ["a target above the root", ["GET /static/../../../../etc/passwd HTTP/1.1", "Host: localhost"], 404],
  [
    "a target above the root, encoded",
    ["GET /static/..%2f..%2fpackage.json HTTP/1.1", "Host: localhost"],
    404,
  ],
  ["a method that is not for this path", ["TRACE /livez HTTP/1.1", "Host: localhost"], 405],
  [
    "a handshake without a key",
    ["GET /ws HTTP/1.1", "Host: localhost", "Upgrade: websocket", "Connection: Upgrade"],
    426,
  ],
])("%s is the client's fault", async (_, request, status) => {
  expect((await exchange(server.url, request)).status).toBe(status);
});

test("what is not HTTP is answered by an end", async () => {
  expect([0, 400]).toContain((await exchange(server.url, ["\x16\x03\x01\x00\xa5\x01\x00\x00"])).status);
});
