import { describe, expect, test } from "bun:test";
import { Failure } from "../failure.ts";
import { maxBodyBytes, readJson } from "./body.ts";

const request = (body: BodyInit | null, headers: Record<string, string> = {}) =>
  new Request("http://localhost/", { method: "POST", body, headers });

async function refusal(given: Request): Promise<Failure> {
  const error = await readJson(given).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Failure);
  return error as Failure;
}

/** A body of unknown length, which counts what was taken of it. */
function stream(chunks: number, bytes: number) {
  const taken = { chunks: 0 };
  const body = new ReadableStream({
    pull(controller) {
      if (taken.chunks === chunks) return controller.close();
      taken.chunks++;
      controller.enqueue(new Uint8Array(bytes).fill(0x20));
    },
  });
  return { body, taken };
}

test.each([
  "application/json",
  "text/plain",
  "application/json\ta",
  " application/JSON ",
  "multipart/form-data",
  "",
])("the body is JSON whatever the content type says: %p", async (type) => {
  expect(await readJson(request('{"a":"ы"}', { "content-type": type }))).toEqual({ a: "ы" });
});

describe("a body that is too large", () => {
  test("is refused by its length, unread", async () => {
    const { body, taken } = stream(10, 1024);
    const failure = await refusal(request(body, { "content-length": String(maxBodyBytes + 1) }));
    expect(failure).toMatchObject({
      code: "payload_too_large",
      message: "The request body is larger than 128 KiB",
    });
    expect(taken.chunks).toBeLessThan(10);
  });

  test("is refused while it is read when it tells no length, or a false one", async () => {
    for (const headers of [{}, { "content-length": "2" }]) {
      const { body, taken } = stream(1000, 16 * 1024);
      expect((await refusal(request(body, headers as Record<string, string>))).code).toBe(
        "payload_too_large",
      );
      expect(taken.chunks).toBeLessThan(20);
    }
  });

  test("is one byte more than the limit, not the limit", async () => {
    const filled = (bytes: number) => request(`"${"a".repeat(bytes - 2)}"`);
    expect(await readJson(filled(maxBodyBytes))).toHaveLength(maxBodyBytes - 2);
    expect((await refusal(filled(maxBodyBytes + 1))).code).toBe("payload_too_large");
  });
});

test.each([
  ["invalid UTF-8", new Uint8Array([0x22, 0xff, 0x22]), "utf8_invalid", "The body is not valid UTF-8"],
  [
    "a surrogate in UTF-8",
    new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22]),
    "utf8_invalid",
    "The body is not valid UTF-8",
  ],
  ["no body", null, "json_invalid", "A JSON body is required"],
  ["an empty body", "", "json_invalid", "A JSON body is required"],
  ["half a body", '{"a":', "json_invalid", "The body is not valid JSON"],
  ["100,000 levels", "[".repeat(100_000), "json_invalid", "The body is not valid JSON"],
])("%s is refused in words, with a place and a kind", async (_, body, type, msg) => {
  const failure = await refusal(request(body));
  expect(failure.code).toBe("invalid_request");
  expect(failure.fields).toEqual([{ loc: ["body"], msg, type }]);
});

test("a key named __proto__ is a key like any other", async () => {
  const value = await readJson(request('{"__proto__":{"isAdmin":true}}'));
  expect(Object.keys(value as object)).toEqual(["__proto__"]);
  expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
});
