// Metrics of what comes in from outside: HTTP requests, handshakes, refusals, sign-ins that wait.
import { actions, closeCodes, commonErrors, errors, type CloseReason, type ErrorCode } from "@windi/protocol";
import { defaultLimits, type LimitName } from "../http/limits.ts";
import type { RequestWatch } from "../http/router.ts";
import { secondsBounds } from "./bounds.ts";
import type { Instruments } from "./instruments.ts";

export interface RequestMetrics extends RequestWatch {
  /** @param outcome `accepted`, or why the connection was refused or closed at once */
  handshake(outcome: "accepted" | ErrorCode | CloseReason): void;
  frameRefused(code: ErrorCode): void;
  limited(name: LimitName): void;
}

export interface RequestSources {
  passwords: { readonly waiting: number };
}

/** What a frame may be answered with. */
function frameErrors(): ErrorCode[] {
  const own = Object.values(actions).flatMap(({ errors }): readonly ErrorCode[] => errors);
  return [...new Set([...own, ...commonErrors, "invalid_request" as const])];
}

const known = (table: object) => Object.keys(table).map((name) => [name]);

export function createRequestMetrics(
  { counters, histograms, gauge }: Instruments,
  sources: Partial<RequestSources>,
): RequestMetrics {
  const answered = counters({
    name: "windi_http_requests_total",
    help: "HTTP requests answered, by operation of the API (none: files, metrics, unknown paths) and status.",
    labels: ["operation", "status"],
  });
  const seconds = histograms({
    name: "windi_http_request_seconds",
    help: "Time from an HTTP request to its answer.",
    labels: ["operation"],
    bounds: secondsBounds,
  });
  const failed = counters({
    name: "windi_errors_total",
    help: "Errors answered, over HTTP or to a frame, by code.",
    labels: ["via", "code"],
    known: [
      ...Object.keys(errors).map((code) => ["http", code]),
      ...frameErrors().map((code) => ["frame", code]),
    ],
  });
  const handshakes = counters({
    name: "windi_handshakes_total",
    help: "WebSockets asked for: accepted, or why not.",
    labels: ["outcome"],
    known: [["accepted"], ...known(closeCodes)],
  });
  const limited = counters({
    name: "windi_rate_limited_total",
    help: "What was refused by a limit, by the limit's name.",
    labels: ["limit"],
    known: known(defaultLimits),
  });
  gauge(
    {
      name: "windi_passwords_waiting",
      help: "Registrations and sign-ins that wait for their password's hash.",
    },
    () => sources.passwords?.waiting,
  );
  return {
    answered(operation = "none", status, duration) {
      answered(operation, String(status)).add();
      seconds(operation).observe(duration);
    },
    failed: (code) => failed("http", code).add(),
    frameRefused: (code) => failed("frame", code).add(),
    handshake: (outcome) => handshakes(outcome).add(),
    limited: (name) => limited(name).add(),
  };
}
