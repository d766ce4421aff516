// What an endpoint of the REST API is: one value that the server, the types and the documents are made from.
import type { z } from "zod";
import type { ErrorCode } from "./errors.ts";

export interface Endpoint {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path with parameters in braces, as in OpenAPI: `/groups/{group_id}`. Answers below `/` and below `/api/v1`. */
  path: string;
  tag: "accounts" | "chats" | "groups" | "messages" | "operation";
  summary: string;
  /** `bearer`: needs an access token. `cookie`: takes the refresh token that a browser keeps. `either`: any of both. */
  auth: "none" | "bearer" | "cookie" | "either";
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: z.ZodType;
  /** Status of a success. */
  status: 200 | 201 | 204;
  /** Body of a success; absent for 204. */
  answer?: z.ZodType;
  /** What it may answer besides the errors that every endpoint shares (see `commonErrors`). */
  errors: readonly ErrorCode[];
}

/** Errors that any endpoint may answer, so that none has to list them. */
export const commonErrors = [
  "rate_limited",
  "internal",
  "draining",
  "unavailable",
] as const satisfies ErrorCode[];

/** All errors that an endpoint may answer: its own, those of its kind, and the common ones. */
export function allErrors(endpoint: Endpoint): ErrorCode[] {
  const takesInput = endpoint.params || endpoint.query || endpoint.body;
  return [
    ...endpoint.errors,
    ...(endpoint.auth === "bearer" ? (["unauthenticated"] as const) : []),
    ...(takesInput ? (["invalid_request"] as const) : []),
    ...(endpoint.body ? (["payload_too_large"] as const) : []),
    ...commonErrors,
  ];
}

export const defineEndpoint = <const E extends Endpoint>(endpoint: E): E => endpoint;
