// The HTTP side as a whole: request ids, the access log, headers, files, errors. Endpoints are mounted onto it.
import { Hono } from "hono";
import { cors } from "hono/cors";
import type { Logger } from "pino";
import { errors, type ErrorCode } from "@windi/protocol";
import { Failure } from "../failure.ts";
import { toBody, toFailure } from "./errors.ts";
import { apiHeaders, commonHeaders } from "./headers.ts";
import type { RequestContext } from "./mount.ts";

/** Told of requests. */
export interface RequestWatch {
  /** @param operation the endpoint's id; undefined for files and for what is not there */
  answered(operation: string | undefined, status: number, seconds: number): void;
  failed(code: ErrorCode): void;
}

interface RouterNeeds {
  log: Logger;
  publicUrl: string | undefined;
  /** Origins of other web clients. */
  allowedOrigins: readonly string[];
  /** Until the start is complete, what is not there yet is not `not_found`. */
  isStarting: boolean;
  watch?: RequestWatch;
}

export type Router = Hono<RequestContext>;

export function createRouter({ log, publicUrl, allowedOrigins, isStarting, watch }: RouterNeeds): Router {
  const router: Router = new Hono({ strict: false });
  const common = Object.entries(commonHeaders(publicUrl));

  router.use(async (c, next) => {
    const startedAt = performance.now();
    await next();
    for (const [name, value] of common) c.header(name, value);
    c.header("x-request-id", c.env.requestId);
    const exactMs = performance.now() - startedAt;
    watch?.answered(c.get("operation"), c.res.status, exactMs / 1000);
    const ms = Math.round(exactMs * 10) / 10;
    // A probe that succeeds is no news.
    const level = c.res.ok && isProbe(c.req.path) ? "debug" : "info";
    // The path only: a query may hold a token.
    log[level](
      {
        request_id: c.env.requestId,
        method: c.req.method,
        path: c.req.path,
        status: c.res.status,
        ms,
      },
      "request",
    );
  });

  if (allowedOrigins.length > 0) {
    const exposeHeaders = [
      "X-Request-ID",
      "Retry-After",
      "RateLimit-Limit",
      "RateLimit-Remaining",
      "RateLimit-Reset",
    ];
    const allowHeaders = ["Authorization", "Content-Type"];
    router.use(cors({ origin: [...allowedOrigins], allowHeaders, exposeHeaders, maxAge: 600 }));
  }

  router.onError((error, c) => {
    const failure = toFailure(error, log, c.env.requestId);
    watch?.failed(failure.code);
    for (const [name, value] of Object.entries(apiHeaders)) c.header(name, value);
    if (failure.retryAfterSeconds !== undefined) c.header("retry-after", String(failure.retryAfterSeconds));
    if (failure.status === 401) c.header("www-authenticate", "Bearer");
    return c.json(toBody(failure, c.env.requestId), failure.status as 400);
  });

  router.notFound((c) => {
    if (isStarting)
      throw new Failure("unavailable", { detail: "The server is starting", retryAfterSeconds: 1 });
    const allowed = allowedMethods(router, c.req.path);
    const failure = new Failure(allowed.length > 0 ? "method_not_allowed" : "not_found");
    watch?.failed(failure.code);
    if (allowed.length > 0) c.header("allow", allowed.join(", "));
    for (const [name, value] of Object.entries(apiHeaders)) c.header(name, value);
    return c.json(toBody(failure, c.env.requestId), errors[failure.code].status as 404);
  });

  return router;
}

const isProbe = (path: string) => /^(\/api\/v1)?\/(livez|readyz|health|metrics)$/.test(path);

/** The methods that the path would answer. */
function allowedMethods(router: Router, path: string): string[] {
  const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];
  return methods.filter((method) =>
    router.router.match(method, path)[0].some(([[, route]]) => route.method === method),
  );
}
