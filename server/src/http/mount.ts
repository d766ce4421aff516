// Binds an endpoint of the contract to a rule: limits, token, input, answer and errors are handled here, once for all.
import { endpoints, type Endpoint, type UserInfo } from "@windi/protocol";
import type { Context, Hono } from "hono";
import type { z } from "zod";
import type { Access } from "../accounts/tokens.ts";
import { Failure } from "../failure.ts";
import { readJson } from "./body.ts";
import { createBrowser, type Browser } from "./cookie.ts";
import { toFieldErrors } from "./errors.ts";
import { apiHeaders } from "./headers.ts";
import type { LimitName } from "./limits.ts";
import { requireOwnPage } from "./origin.ts";
import type { RateLimiter, Verdict } from "./rate-limit.ts";
import { bearerToken, type Authenticate } from "./session.ts";

/** What the server knows of a request beside the request itself. */
export interface RequestContext {
  Bindings: { address: string; requestId: string; isForwardedHttps?: boolean };
  /** The id of the endpoint that answers. */
  Variables: { operation?: string };
}

type Output<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

export interface Call<E extends Endpoint> {
  params: Output<E["params"]>;
  query: Output<E["query"]>;
  body: Output<E["body"]>;
  /** Who calls; only where the endpoint needs a token. */
  user: E["auth"] extends "bearer" ? UserInfo : undefined;
  /** What the token says; only where the endpoint needs one. */
  access: E["auth"] extends "bearer" ? Access : undefined;
  /** The access token that came along, as it came; only where it need not be good. */
  bearer: E["auth"] extends "either" ? string | undefined : undefined;
  /** Holds a cookie for the server; only where pages of others are refused. */
  browser: "origin_refused" extends E["errors"][number] ? Browser : undefined;
  userAgent: string | undefined;
  /** The client's address as a key for limits. */
  address: string;
  /** Takes from a limit, one if nothing else is said, and notes it in the answer's headers. @throws Failure `rate_limited` */
  limit(name: LimitName, key: string, cost?: number): void;
}

export type Handler<E extends Endpoint> = (
  call: Call<E>,
) => Promise<E["answer"] extends z.ZodType ? z.output<E["answer"]> : void>;
/** Makes an endpoint answer at its path, and below /api/v1. */
export type Mount = <E extends Endpoint>(endpoint: E, handler: Handler<E>) => void;

interface MountNeeds {
  router: Hono<RequestContext>;
  authenticate: Authenticate;
  rateLimiter: RateLimiter;
  publicUrl?: string | undefined;
}

export const prefixes = ["", "/api/v1"] as const;

export function createMount({ router, authenticate, rateLimiter, publicUrl }: MountNeeds): Mount {
  const operationIds = new Map<Endpoint, string>(Object.entries(endpoints).map(([id, own]) => [own, id]));
  return (endpoint, handler) => {
    const operation = operationIds.get(endpoint);
    const path = endpoint.path.replaceAll(/\{(\w+)\}/g, ":$1");
    for (const prefix of prefixes) {
      router.on(endpoint.method, prefix + path, async (c) => {
        c.set("operation", operation);
        for (const [name, value] of Object.entries(apiHeaders)) c.header(name, value);
        const limit = (name: LimitName, key: string, cost?: number) =>
          takeFrom(rateLimiter, c, name, key, cost);
        const isForOwnPages = endpoint.errors.includes("origin_refused");
        if (isForOwnPages) requireOwnPage(c.req.raw, publicUrl);
        const caller =
          endpoint.auth === "bearer" ? await authenticate(c.req.header("authorization")) : undefined;
        if (caller) limit("request", caller.user.id);
        const call = {
          params: check(endpoint.params, c.req.param(), "path"),
          query: check(endpoint.query, c.req.query(), "query"),
          body: endpoint.body ? check(endpoint.body, await readJson(c.req.raw), "body") : undefined,
          ...caller,
          bearer: endpoint.auth === "either" ? bearerToken(c.req.header("authorization")) : undefined,
          browser: isForOwnPages ? browserOf(c, publicUrl) : undefined,
          userAgent: c.req.header("user-agent"),
          address: c.env.address,
          limit,
        };
        const answer = await handler(call as Parameters<typeof handler>[0]);
        // The schema is also what keeps in what it does not name.
        return endpoint.answer
          ? c.json(endpoint.answer.parse(answer), endpoint.status as 200)
          : c.body(null, 204);
      });
    }
  };
}

const browserOf = (c: Context<RequestContext>, publicUrl: string | undefined): Browser =>
  createBrowser({
    request: c.req.raw,
    publicUrl,
    isForwardedHttps: c.env.isForwardedHttps === true,
    setCookie: (header) => c.header("set-cookie", header),
  });

function check(schema: z.ZodType | undefined, value: unknown, where: string): unknown {
  if (!schema) return undefined;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new Failure("invalid_request", { fields: toFieldErrors(result.error.issues, where) });
}

function takeFrom(
  rateLimiter: RateLimiter,
  c: Context<RequestContext>,
  name: LimitName,
  key: string,
  cost?: number,
): void {
  const verdict = rateLimiter.take(name, key, cost);
  if (!verdict) return;
  for (const [header, value] of Object.entries(limitHeaders(verdict))) c.header(header, value);
  if (!verdict.isAllowed) {
    throw new Failure("rate_limited", {
      retryAfterSeconds: Math.ceil(verdict.retryAfterMs / 1000),
    });
  }
}

function limitHeaders({ limit, remaining, resetSeconds }: Verdict): Record<string, string> {
  return {
    "ratelimit-limit": String(limit),
    "ratelimit-remaining": String(remaining),
    "ratelimit-reset": String(resetSeconds),
  };
}
