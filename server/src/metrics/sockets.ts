// Metrics of real time: open sockets, what goes out to them, what waits for them, and how they end.
import { closeCodes } from "@windi/protocol";
import type { SocketWatch } from "../runtime/bun.ts";
import type { Instruments } from "./instruments.ts";

export interface SocketMetrics extends SocketWatch {
  /** What somebody was told of one chat who asked what they missed. */
  caughtUp(outcome: CatchUpOutcome): void;
  /** A chat's followers were told where it is, since they may have missed something. */
  hinted(): void;
}

/** `deferred`: it did not fit into the answer. */
export type CatchUpOutcome = "changes" | "resync" | "gone" | "deferred";

export interface SocketSources {
  listener: { readonly sockets: number; readonly waiting: { bytes: number; maxBytes: number } };
}

/** Of the WebSocket protocol, and ours. A client may close with any other, so these are all that have a name. */
const knownCodes = new Set([
  ...[1000, 1001, 1002, 1003, 1005, 1006, 1007, 1009, 1011],
  ...Object.values(closeCodes).map(({ code }) => code as number),
]);
const catchUpOutcomes: CatchUpOutcome[] = ["changes", "resync", "gone", "deferred"];

export function createSocketMetrics(
  { counter, counters, gauge }: Instruments,
  sources: Partial<SocketSources>,
): SocketMetrics {
  gauge({ name: "windi_sockets", help: "Open WebSockets." }, () => sources.listener?.sockets);
  gauge(
    { name: "windi_waiting_bytes", help: "Bytes that wait in the server for slow readers." },
    () => sources.listener?.waiting.bytes,
  );
  gauge(
    { name: "windi_waiting_bytes_max", help: "Bytes that wait for the slowest reader." },
    () => sources.listener?.waiting.maxBytes,
  );
  const opened = counter({ name: "windi_sockets_opened_total", help: "WebSockets opened." });
  const closed = counters({
    name: "windi_sockets_closed_total",
    help: "WebSockets closed, by close code; other: one that a client chose.",
    labels: ["code"],
    known: [...knownCodes, "other"].map((code) => [String(code)]),
  });
  const slow = counter({
    name: "windi_slow_closes_total",
    help: "WebSockets cut because too much waited for them. An estimate: they end with 1006 while something waits.",
  });
  const published = counter({
    name: "windi_frames_published_total",
    help: "Frames handed to the sockets of a chat at once.",
  });
  const deliveries = counter({
    name: "windi_deliveries_total",
    help: "Frames handed to a socket, those that were published counted once for each.",
  });
  const catchUps = counters({
    name: "windi_catch_ups_total",
    help: "Chats that somebody asked to catch up with, by what they were told.",
    labels: ["outcome"],
    known: catchUpOutcomes.map((outcome) => [outcome]),
  });
  const hints = counter({
    name: "windi_position_hints_total",
    help: "Chats whose followers were told that they may have missed something.",
  });
  return {
    opened: opened.add,
    closed(code, isSlow) {
      closed(knownCodes.has(code) ? String(code) : "other").add();
      if (isSlow) slow.add();
    },
    published(listeners) {
      published.add();
      deliveries.add(listeners);
    },
    sent: deliveries.add,
    caughtUp: (outcome) => catchUps(outcome).add(),
    hinted: hints.add,
  };
}
