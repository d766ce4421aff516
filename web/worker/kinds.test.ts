import { expect, test } from "bun:test";
import { kindOf } from "./kinds.ts";

const origin = "https://chat.example.com";
const files = new Set(["/static/app-a1b2c3d4.js", "/static/icon.svg"]);
const ask = (path: string, mode = "cors", method = "GET") =>
  kindOf({ method, mode, url: new URL(path, origin).href }, origin, files);

test("the page and its files are kept", () => {
  expect(ask("/", "navigate")).toBe("page");
  expect(ask("/?from=app", "navigate")).toBe("page");
  expect(ask("/static/app-a1b2c3d4.js")).toBe("file");
});

test.each([
  ["the API", "/chats", "cors", "GET"],
  ["the API by its long address", "/api/v1/auth/me", "cors", "GET"],
  ["what is written", "/static/icon.svg", "cors", "POST"],
  ["another page of the server", "/docs", "navigate", "GET"],
  ["a file of another version", "/static/app-99999999.js", "cors", "GET"],
  ["another server", "https://other.example.com/static/icon.svg", "cors", "GET"],
  ["the page as data", "/", "cors", "GET"],
])("%s goes to the network", (_, path, mode, method) => {
  expect(ask(path, mode, method)).toBe("other");
});
