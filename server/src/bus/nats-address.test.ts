import { expect, test } from "bun:test";
import { parseNatsUrl } from "./nats-address.ts";

test.each([
  ["nats://nats", [{ host: "nats", port: 4222 }]],
  ["nats://10.0.0.1:4000/", [{ host: "10.0.0.1", port: 4000 }]],
  ["nats://[::1]:4000", [{ host: "::1", port: 4000 }]],
  [
    "nats://a:1, nats://b:2",
    [
      { host: "a", port: 1 },
      { host: "b", port: 2 },
    ],
  ],
])("%s names servers", (url, servers) => {
  expect(parseNatsUrl(url)).toEqual({ servers, credentials: undefined, needsTls: false });
});

test("a user's name and password are decoded", () => {
  expect(parseNatsUrl("nats://us%20er:p%40ss%3A1@nats").credentials).toEqual({
    user: "us er",
    pass: "p@ss:1",
  });
});

test("a name without a password is a token", () => {
  expect(parseNatsUrl("nats://s3cret@nats").credentials).toEqual({ token: "s3cret" });
});

test("the credentials of one address count for all", () => {
  expect(parseNatsUrl("nats://a,nats://user:pass@b").credentials).toEqual({ user: "user", pass: "pass" });
});

test("tls:// asks for TLS", () => {
  expect(parseNatsUrl("tls://nats").needsTls).toBe(true);
});

test.each([
  "",
  "nats",
  "nats:4222",
  "http://nats:4222",
  "nats://",
  "nats://nats:port",
  "nats://nats:4222/path",
  "nats://nats?tls=1",
  "nats://nats,",
  "nats://a b",
  "nats://p%zz@nats",
])("%j is no address of NATS", (url) => {
  expect(() => parseNatsUrl(url)).toThrow();
});
