// Metrics of the message path: frames, sends from their arrival to the sockets, batches.
import { actions, type ActionName, type ErrorCode } from "@windi/protocol";
import { secondsBounds, sizeBounds } from "./bounds.ts";
import type { Instruments } from "./instruments.ts";

export interface SendMetrics {
  frame(action: ActionName | "invalid"): void;
  /** How a send ended. */
  ended(outcome: "stored" | "duplicate" | ErrorCode): void;
  /** @param seconds since the send arrived */
  committed(seconds: number): void;
  /** Its event was handed to the sockets. @param seconds since the send arrived */
  delivered(seconds: number): void;
  batch(kind: "sends" | "reads", size: number): void;
}

export function createSendMetrics({ counters, histogram, histograms }: Instruments): SendMetrics {
  const frames = counters({
    name: "windi_frames_received_total",
    help: "Frames from clients, by action; invalid: what the contract does not know.",
    labels: ["action"],
    known: [...Object.keys(actions), "invalid"].map((action) => [action]),
  });
  const sends = counters({
    name: "windi_sends_total",
    help: "Messages sent, over HTTP or WebSocket: stored, duplicate, or the code of the error.",
    labels: ["outcome"],
    known: ["stored", "duplicate", ...actions.send_message.errors].map((outcome) => [outcome]),
  });
  const committed = histogram({
    name: "windi_send_commit_seconds",
    help: "Time from the arrival of a message to its commit.",
    bounds: secondsBounds,
  });
  const delivered = histogram({
    name: "windi_send_deliver_seconds",
    help: "Time from the arrival of a message until its event is handed to the sockets.",
    bounds: secondsBounds,
  });
  const batches = histograms({
    name: "windi_batch_size",
    help: "Messages, or moves of read pointers, that one statement stores.",
    labels: ["kind"],
    bounds: sizeBounds,
    known: [["sends"], ["reads"]],
  });
  return {
    frame: (action) => frames(action).add(),
    ended: (outcome) => sends(outcome).add(),
    committed: committed.observe,
    delivered: delivered.observe,
    batch: (kind, size) => batches(kind).observe(size),
  };
}
