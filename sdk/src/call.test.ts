import { describe, expect, test } from "bun:test";
import { ApiError, ConnectionError, isApiError } from "./api-error.ts";
import { createCall, type Fetch } from "./call.ts";
import { createFakeClock } from "./fake-clock.ts";
import { createFakeToken } from "./fake-server.ts";
import { createTokens, type TokenHook } from "./token.ts";

interface Seen {
  url: string;
  init: RequestInit;
}

/** A call whose answers are these, one after the other. */
function createCalls(answers: (() => Response | Promise<Response>)[], hook: TokenHook = () => "t-1") {
  const clock = createFakeClock();
  const seen: Seen[] = [];
  const fetch: Fetch = async (url, init) => {
    seen.push({ url, init });
    const answer = answers.shift();
    if (!answer) throw new Error("No answer is left");
    return answer();
  };
  const call = createCall({
    url: "http://chat.test/api/v1",
    fetch,
    clock,
    tokens: createTokens({ hook, clock }),
  });
  const headers = (index = 0) => new Headers(seen[index]?.init.headers);
  return { call, seen, clock, headers };
}

const refusal = (status: number, body: object, headers: Record<string, string> = {}) =>
  Response.json({ detail: "No", code: "internal", request_id: "r-1", ...body }, { status, headers });
const failure = (promise: Promise<unknown>) => promise.catch((error: unknown) => error);

describe("a call", () => {
  test("goes to its path with what it takes", async () => {
    const { call, seen, headers } = createCalls([() => Response.json([])]);
    const params = { chat_id: "a/b" };
    await call("getHistory", { params, query: { limit: 5, before_seq: 7 } });
    expect(seen[0]?.url).toBe("http://chat.test/api/v1/messages/history/a%2Fb?limit=5&before_seq=7");
    expect(seen[0]?.init.method).toBe("GET");
    expect(headers().get("authorization")).toBe("Bearer t-1");
  });

  test("that needs no token asks for none", async () => {
    const hook = () => {
      throw new Error("Asked for a token");
    };
    const { call, headers, seen } = createCalls([() => Response.json({ access_token: "x" })], hook);
    expect(await call("login", { body: { email: "a@b.c", password: "secret" } })).toEqual({
      access_token: "x",
    });
    expect(headers().has("authorization")).toBe(false);
    expect(seen[0]?.init.body).toBe('{"email":"a@b.c","password":"secret"}');
  });

  test("that needs no token takes one along when it is given", async () => {
    const { call, headers } = createCalls([() => new Response(null, { status: 204 })]);
    await call("logout", {}, { token: "t-2" });
    expect(headers().get("authorization")).toBe("Bearer t-2");
  });

  test("without a body in the answer gives undefined", async () => {
    const { call } = createCalls([() => new Response(null, { status: 204 })]);
    expect(await call("deleteGroup", { params: { group_id: "g" } })).toBeUndefined();
  });

  test("that is refused says code, status, request, fields and when to come again", async () => {
    const fields = [{ loc: ["body", "title"], msg: "Too long", type: "too_big" }];
    const { call } = createCalls([
      () => refusal(503, { code: "overloaded" }, { "retry-after": "2" }),
      () => refusal(422, { code: "invalid_request", detail: fields }),
    ]);
    const first = await failure(call("listChats"));
    expect(isApiError(first, "overloaded", "internal")).toBe(true);
    expect(isApiError(first, "internal")).toBe(false);
    const { code, status, retryable, retryAfterMs, requestId } = first as ApiError;
    expect({ code, status, retryable, retryAfterMs, requestId }).toEqual({
      code: "overloaded",
      status: 503,
      retryable: true,
      retryAfterMs: 2000,
      requestId: "r-1",
    });
    const second = await failure(call("createGroup", { body: { title: "" } }));
    expect((second as ApiError).fields).toEqual(fields);
  });

  test("that a newer server refuses with a code nobody here knows is refused for good", async () => {
    const { call } = createCalls([() => refusal(418, { code: "teapot" })]);
    const { status, retryable } = (await failure(call("listChats"))) as ApiError;
    expect({ status, retryable }).toEqual({ status: 418, retryable: false });
  });

  test.each<[ConnectionError["reason"], () => Response]>([
    ["foreign", () => new Response("<h1>Bad gateway</h1>", { status: 502 })],
    ["foreign", () => new Response("<h1>Sign in to the hotel</h1>")],
    [
      "network",
      () => {
        throw new TypeError("fetch failed");
      },
    ],
  ])("that the server did not answer fails as %s", async (reason, answer) => {
    const { call } = createCalls([answer]);
    const error = await failure(call("listChats"));
    expect(error).toBeInstanceOf(ConnectionError);
    expect((error as ConnectionError).reason).toBe(reason);
  });

  test("that is not answered in time fails, and is broken off", async () => {
    const { call, clock, seen } = createCalls([() => new Promise<Response>(() => {})]);
    const waiting = failure(call("listChats", {}, { timeoutMs: 500 }));
    await clock.advance(500);
    expect(((await waiting) as ConnectionError).reason).toBe("timeout");
    expect(seen[0]?.init.signal?.aborted).toBe(true);
    expect(clock.pending()).toBe(0);
  });

  test("ends with the caller's signal and its reason", async () => {
    const { call, clock, seen } = createCalls([() => new Promise<Response>(() => {})]);
    const ending = new AbortController();
    const waiting = failure(call("listChats", {}, { signal: ending.signal }));
    await clock.advance(1);
    const reason = new Error("Nobody waits any more");
    ending.abort(reason);
    expect(await waiting).toBe(reason);
    expect(seen).toHaveLength(1);
  });
});

describe("a token", () => {
  test("that is refused is replaced once, and the call is made again", async () => {
    const asked: (string | undefined)[] = [];
    const hook = (refused?: string) => `t-${asked.push(refused)}`;
    const { call, headers } = createCalls(
      [() => refusal(401, { code: "unauthenticated" }), () => Response.json([])],
      hook,
    );
    expect(await call("listChats")).toEqual([]);
    expect(asked).toEqual([undefined, "t-1"]);
    expect(headers(1).get("authorization")).toBe("Bearer t-2");
  });

  test("that is refused twice, or given again, leaves the refusal", async () => {
    const no = () => refusal(401, { code: "unauthenticated" });
    let count = 0;
    for (const hook of [() => `t-${++count}`, () => "same"]) {
      const { call } = createCalls([no, no], hook);
      expect(isApiError(await failure(call("listChats")), "unauthenticated")).toBe(true);
    }
  });

  test("that is refused while another is asked for is said to be refused", async () => {
    const clock = createFakeClock();
    const old = createFakeToken("user-1", clock.now() + 1000, "old");
    const asked: (string | undefined)[] = [];
    const tokens = createTokens({
      clock,
      hook: (refused) => {
        asked.push(refused);
        return Promise.resolve(refused === undefined ? old : "new");
      },
    });
    await tokens.current();
    const [, renewed] = await Promise.all([tokens.current(), tokens.renew(old)]);
    expect(renewed).toBe("new");
    expect(asked).toEqual([undefined, undefined, old]);
  });

  test("is asked for once by many calls", async () => {
    let count = 0;
    const { call } = createCalls(
      Array.from({ length: 3 }, () => () => Response.json([])),
      () => `t-${++count}`,
    );
    await Promise.all([call("listChats"), call("listChats"), call("listChats")]);
    expect(count).toBe(1);
  });

  test("is asked for again half a minute before it expires", async () => {
    let count = 0;
    const { call, clock } = createCalls(
      Array.from({ length: 3 }, () => () => Response.json([])),
      () => createFakeToken("user-1", 1_000_000 + ++count * 60_000),
    );
    await call("listChats");
    await clock.advance(29_000);
    await call("listChats");
    expect(count).toBe(1);
    await clock.advance(2000);
    await call("listChats");
    expect(count).toBe(2);
  });

  test("that cannot be had fails as a connection, unless the server refuses to give one", async () => {
    const down = createCalls([], () => {
      throw new TypeError("fetch failed");
    });
    expect(((await failure(down.call("listChats"))) as ConnectionError).reason).toBe("token");
    const refused = new ApiError({ code: "invalid_credentials", detail: "No" });
    const out = createCalls([], () => Promise.reject(refused));
    expect(await failure(out.call("listChats"))).toBe(refused);
  });
});
