// Calls of the REST API: one function, typed by the operation.
import { ApiError, ConnectionError } from "./api-error.ts";
import type { Clock } from "./clock.ts";
import type { Calls, ErrorCode, FieldError, OperationId } from "./contract.ts";
import { needsToken, routes } from "./routes.ts";
import type { Tokens } from "./token.ts";

/** `params`, `query` and `body`, as far as the operation has them. */
export type CallInput<Id extends OperationId> = Pick<
  Calls[Id],
  Extract<keyof Calls[Id], "params" | "body">
> & { query?: Calls[Id] extends { query: infer Query } ? Query : undefined };

export type CallAnswer<Id extends OperationId> = Calls[Id]["answer"];

/** The codes that an operation may be refused with. */
export type CallErrorCode<Id extends OperationId> = Calls[Id]["errors"];

export interface CallOptions {
  signal?: AbortSignal;
  /** 20 seconds unless given. */
  timeoutMs?: number;
  /** Sent along with an operation that needs none, such as `logout`. */
  token?: string | undefined;
}

type CallArguments<Id extends OperationId> =
  Partial<CallInput<Id>> extends CallInput<Id>
    ? [input?: CallInput<Id>, options?: CallOptions]
    : [input: CallInput<Id>, options?: CallOptions];

/** Fails with `ApiError` when the server refuses, with `ConnectionError` when it does not answer. */
export type Call = <Id extends OperationId>(id: Id, ...rest: CallArguments<Id>) => Promise<CallAnswer<Id>>;

/** As much of `fetch` as is used. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

interface CallNeeds {
  url: string;
  fetch: Fetch;
  tokens: Tokens;
  clock: Clock;
}

interface AnyInput {
  params?: Record<string, string>;
  query?: Record<string, unknown>;
  body?: unknown;
}

const defaultTimeoutMs = 20_000;

export function createCall({ url, fetch, tokens, clock }: CallNeeds): Call {
  async function request(id: OperationId, input: AnyInput, token: string | undefined, signal: AbortSignal) {
    const headers: Record<string, string> = { accept: "application/json" };
    if (token !== undefined) headers["authorization"] = `Bearer ${token}`;
    if (input.body !== undefined) headers["content-type"] = "application/json";
    const [method = "", path = ""] = routes[id].split(" ");
    const body = input.body === undefined ? {} : { body: JSON.stringify(input.body) };
    const init = { method, headers, signal, ...body, cache: "no-store", credentials: "omit" } as const;
    try {
      const answer = await fetch(url + fill(path, input.params) + search(input.query), init);
      return { answer, text: await answer.text() };
    } catch (cause) {
      throw new ConnectionError("network", { cause });
    }
  }

  async function attempt(
    id: OperationId,
    input: AnyInput,
    given: string | undefined,
    signal: AbortSignal,
  ): Promise<unknown> {
    if (!needsToken(id)) return read(await request(id, input, given, signal));
    const token = await tokens.current();
    const first = await request(id, input, token, signal);
    if (first.answer.status !== 401) return read(first);
    const renewed = await tokens.renew(token);
    return read(renewed === undefined ? first : await request(id, input, renewed, signal));
  }

  async function call(
    id: OperationId,
    input: AnyInput = {},
    { signal, timeoutMs = defaultTimeoutMs, token }: CallOptions = {},
  ): Promise<unknown> {
    signal?.throwIfAborted();
    const ending = new AbortController();
    const abort = () => ending.abort(signal?.reason);
    signal?.addEventListener("abort", abort);
    const cancel = clock.later(timeoutMs, () => ending.abort(new ConnectionError("timeout")));
    const ended = new Promise<never>((_, reject) => {
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- the caller's own reason
      ending.signal.addEventListener("abort", () => reject(ending.signal.reason));
    });
    try {
      return await Promise.race([attempt(id, input, token, ending.signal), ended]);
    } finally {
      cancel();
      signal?.removeEventListener("abort", abort);
    }
  }

  return call as Call;
}

const fill = (path: string, params: Record<string, string> = {}): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));

function search(query: Record<string, unknown> = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return given.length === 0
    ? ""
    : `?${new URLSearchParams(given.map(([key, value]) => [key, String(value)]))}`;
}

function read({ answer, text }: { answer: Response; text: string }): unknown {
  if (answer.status === 204) return undefined;
  const json = parse(text);
  if (answer.ok && json !== undefined) return json;
  const { code, detail, request_id: requestId } = (json ?? {}) as Record<string, unknown>;
  if (answer.ok || typeof code !== "string") throw new ConnectionError("foreign");
  const seconds = Number(answer.headers.get("retry-after") ?? Number.NaN);
  throw new ApiError({
    code: code as ErrorCode,
    detail: typeof detail === "string" ? detail : "The request is not valid",
    status: answer.status,
    retryAfterMs: Number.isFinite(seconds) ? seconds * 1000 : undefined,
    requestId: typeof requestId === "string" ? requestId : undefined,
    fields: Array.isArray(detail) ? (detail as FieldError[]) : [],
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
