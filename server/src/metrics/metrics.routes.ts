// GET /metrics: what Prometheus reads, for whoever has the token.
import { createHash, timingSafeEqual } from "node:crypto";
import { Failure } from "../failure.ts";
import { apiHeaders } from "../http/headers.ts";
import type { Router } from "../http/router.ts";
import { bearerToken } from "../http/session.ts";
import type { Metrics } from "./metrics.ts";

/** @param token without one, whoever can reach the router may read */
export function mountMetrics(router: Router, metrics: Metrics, token: string | undefined): void {
  router.get("/metrics", async (c) => {
    if (token !== undefined && !isSame(bearerToken(c.req.header("authorization")), token))
      throw new Failure("unauthenticated");
    const { text, contentType } = await metrics.read();
    return c.body(text, 200, { ...apiHeaders, "content-type": contentType });
  });
}

/** Takes the same time wherever they differ: hashes have one length, and are compared to the end. */
const isSame = (given: string | undefined, token: string) =>
  timingSafeEqual(digestOf(given ?? ""), digestOf(token));
const digestOf = (text: string) => createHash("sha256").update(text).digest();
