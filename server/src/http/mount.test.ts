import { expect, test } from "bun:test";
import { endpoints, type ErrorBody, type MyProfile } from "@windi/protocol";
import { Failure } from "../failure.ts";
import { createLog } from "../telemetry.ts";
import { createMount, type Handler } from "./mount.ts";
import { createRateLimiter } from "./rate-limit.ts";
import { createRouter } from "./router.ts";

const alice = { id: "01900000-0000-7000-8000-000000000001", name: "Alice", email: "alice@example.org" };
const profile = { ...alice, shows_presence: true };

/** Asks `GET /auth/me` of a server that has nothing but that. */
async function ask(handler: Handler<typeof endpoints.getMe>, path = "/auth/me") {
  const log = createLog("silent");
  const router = createRouter({ log, publicUrl: undefined, allowedOrigins: [], isStarting: false });
  const rateLimiter = createRateLimiter({ limits: undefined, now: () => 0 });
  const caller = { user: alice, access: { userId: alice.id, passwordVersion: 0 } };
  const mount = createMount({ router, rateLimiter, authenticate: () => Promise.resolve(caller) });
  mount(endpoints.getMe, handler);
  const bindings = { address: "192.0.2.1", requestId: "r-1" };
  const response = await router.fetch(new Request(`http://localhost${path}`), bindings);
  return { status: response.status, body: (await response.json()) as MyProfile | ErrorBody };
}

test("an answer holds what the contract names, and nothing that a rule adds to it", async () => {
  const more = { ...profile, password_hash: "$argon2id$", extra: { secret: "s" } };
  for (const path of ["/auth/me", "/api/v1/auth/me"]) {
    expect(await ask(() => Promise.resolve(more), path)).toEqual({ status: 200, body: profile });
  }
});

test("an answer that the contract does not know is a fault of ours, and is not sent", async () => {
  const wrong = { ...profile, name: undefined } as unknown as MyProfile;
  expect(await ask(() => Promise.resolve(wrong))).toMatchObject({ status: 500, body: { code: "internal" } });
});

test("what a rule refuses is told; what it throws otherwise is not", async () => {
  const refused = await ask(() => Promise.reject(new Failure("chat_exists")));
  expect(refused.body).toEqual({ detail: "Chat already exists", code: "chat_exists", request_id: "r-1" });
  const fault = await ask(() => Promise.reject(new Error("select password_hash from users")));
  expect(fault.status).toBe(500);
  expect(fault.body).toEqual({
    detail: "Internal error; tell the operator the request_id",
    code: "internal",
    request_id: "r-1",
  });
});
