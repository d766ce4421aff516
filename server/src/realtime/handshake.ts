// Opening a WebSocket: who may, from where, how often; and what becomes of a token or a ticket that is not good.
import type { CloseReason, ErrorCode } from "@windi/protocol";
import type { Logger } from "pino";
import type { Accounts, Caller } from "../accounts/accounts.ts";
import { Failure } from "../failure.ts";
import type { AddressReader } from "../http/address.ts";
import { toBody, toFailure } from "../http/errors.ts";
import { apiHeaders, commonHeaders } from "../http/headers.ts";
import type { Limits } from "../http/limits.ts";
import { isOriginAllowed } from "../http/origin.ts";
import type { RateLimiter } from "../http/rate-limit.ts";
import type { Handshake, SocketHandler } from "../runtime/bun.ts";
import type { Admission } from "./admission.ts";
import { createConnections, rejected } from "./connection.ts";
import type { Subscriptions } from "./subscriptions.ts";
import type { Tasks } from "./tasks.ts";
import type { TurnedAway } from "./turned-away.ts";

interface HandshakeNeeds {
  accounts: Accounts;
  tasks: Tasks;
  subscriptions: Subscriptions;
  rateLimiter: RateLimiter;
  limits: Limits;
  admission: Admission;
  turnedAway: TurnedAway;
  /** Told how each one ended. */
  onOutcome?(outcome: "accepted" | ErrorCode | CloseReason): void;
  readAddress: AddressReader;
  publicUrl: string | undefined;
  allowedOrigins: readonly string[];
  log: Logger;
  now(): number;
  newId(): string;
  isDraining(): boolean;
}

/** Open connections of one user on this node. */
const maxConnectionsPerUser = 20;

/** @param peer address of the other end of the connection */
export type OpenHandshake = (request: Request, peer: string) => Promise<Handshake>;

/** The subprotocol; beside it a client may offer `ticket.<ticket>`, which is no protocol and never answered. */
const ownProtocol = "windi";

export const isWebSocketPath = (path: string) => path === "/ws" || path === "/api/v1/ws";

export function createHandshake(needs: HandshakeNeeds): OpenHandshake {
  const { accounts, tasks, subscriptions, rateLimiter, limits, admission, turnedAway } = needs;
  const { readAddress, log, now, newId } = needs;
  const connect = createConnections({ prepare: tasks.prepare, subscriptions, limits, now });

  function requireWelcome(request: Request, address: string): void {
    const { headers } = request;
    if (headers.get("upgrade")?.toLowerCase() !== "websocket" || !headers.has("sec-websocket-key"))
      throw new Failure("upgrade_required");
    if (!isOriginAllowed(request, needs.publicUrl, needs.allowedOrigins)) throw new Failure("origin_refused");
    if (needs.isDraining()) throw new Failure("draining", { retryAfterSeconds: 1 });
    const verdict = rateLimiter.take("connect", address);
    if (verdict?.isAllowed === false) {
      throw new Failure("rate_limited", {
        retryAfterSeconds: Math.ceil(verdict.retryAfterMs / 1000),
      });
    }
  }

  function turnAway(reason: CloseReason): SocketHandler {
    needs.onOutcome?.(reason);
    return rejected(reason);
  }

  async function identify(request: Request): Promise<Caller | undefined> {
    const ticket = ticketOf(protocolsOf(request));
    if (ticket !== undefined) return accounts.admit(ticket);
    const token = new URL(request.url).searchParams.get("token");
    return token === null ? undefined : accounts.authenticate(token);
  }

  async function open(request: Request): Promise<SocketHandler> {
    const caller = await identify(request);
    if (!caller) return turnAway("unauthenticated");
    if (needs.isDraining()) throw new Failure("draining", { retryAfterSeconds: 1 });
    if (limits && subscriptions.count(caller.user.id) >= maxConnectionsPerUser)
      return turnAway("rate_limited");
    needs.onOutcome?.("accepted");
    return connect(caller);
  }

  return async (request, peer) => {
    const requestId = newId();
    const address = readAddress(peer, request.headers.get("x-forwarded-for"));
    try {
      requireWelcome(request, address);
      const accept = await admission.admit(() => open(request));
      return protocolsOf(request).includes(ownProtocol) ? { accept, protocol: ownProtocol } : { accept };
    } catch (error) {
      const failure = toFailure(error, log, requestId);
      // A visit for which there was no room is none of the address's own.
      if (failure.code === "overloaded") rateLimiter.giveBack("connect", address);
      turnedAway.refused(failure.code, requestId);
      needs.onOutcome?.(failure.code);
      return { refuse: refusal(failure, requestId, needs.publicUrl) };
    }
  };
}

const protocolsOf = ({ headers }: Request): string[] =>
  headers
    .get("sec-websocket-protocol")
    ?.split(",")
    .map((protocol) => protocol.trim()) ?? [];

/** Among the subprotocols, since that is all that a browser lets a page say besides the address. */
function ticketOf(protocols: readonly string[]): string | undefined {
  if (!protocols.includes(ownProtocol)) return undefined;
  const prefix = "ticket.";
  return protocols.find((protocol) => protocol.startsWith(prefix))?.slice(prefix.length);
}

function refusal(failure: Failure, requestId: string, publicUrl: string | undefined): Response {
  const headers: Record<string, string> = {
    ...commonHeaders(publicUrl),
    ...apiHeaders,
    "x-request-id": requestId,
  };
  if (failure.retryAfterSeconds !== undefined) headers["retry-after"] = String(failure.retryAfterSeconds);
  if (failure.code === "upgrade_required") headers["upgrade"] = "websocket";
  return Response.json(toBody(failure, requestId), { status: failure.status, headers });
}
