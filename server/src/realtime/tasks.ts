// A client's frame as a task of its connection: decoded, carried out, answered or refused.
import type { ActionName, ErrorCode, ErrorFrame, ServerFrame } from "@windi/protocol";
import type { Logger } from "pino";
import { Failure } from "../failure.ts";
import { toFailure } from "../http/errors.ts";
import type { Perform } from "./actions.ts";
import type { Connection } from "./connection.ts";
import type { Frames } from "./drain.ts";
import { decode, type Decoded } from "./frames.ts";
import type { Task } from "./inbox.ts";

interface TasksNeeds {
  perform: Perform;
  log: Logger;
  newId(): string;
  /** Knows of each frame that is being handled. */
  frames: Frames;
  watch?: FrameWatch;
}

/** Told of frames. */
export interface FrameWatch {
  received(action: ActionName | "invalid"): void;
  refused(code: ErrorCode): void;
}

export interface Tasks {
  /** Decodes a frame; `undefined` stands for a binary one. */
  prepare(connection: Connection, frame: string | undefined): Task;
}

export function createTasks({ perform, log, newId, frames, watch }: TasksNeeds): Tasks {
  function refuse(connection: Connection, error: unknown, requestId: string | undefined): void {
    const failure = toFailure(error, log, requestId ?? newId());
    watch?.refused(failure.code);
    const frame: ErrorFrame = { error: failure.message, code: failure.code };
    if (failure.retryAfterSeconds !== undefined)
      frame.retry_after_ms = Math.ceil(failure.retryAfterSeconds * 1000);
    connection.answer(withEcho(frame, requestId));
  }

  async function handle(connection: Connection, { requestId, frame, error }: Decoded): Promise<void> {
    try {
      if (frames.isLeaving(connection)) throw new Failure("draining", { retryAfterSeconds: 1 });
      if (error) throw error;
      const answer = await perform(connection, frame, { connection, requestId });
      if (answer) connection.answer(withEcho(answer, requestId));
    } catch (reason) {
      refuse(connection, reason, requestId);
    }
  }

  return {
    prepare(connection, text) {
      const decoded = decode(text);
      watch?.received(decoded.frame?.action ?? "invalid");
      return {
        overlaps: decoded.frame?.action === "send_message",
        run: () => frames.track(connection, handle(connection, decoded)),
      };
    },
  };
}

const withEcho = (frame: ServerFrame, requestId: string | undefined): ServerFrame =>
  requestId === undefined ? frame : { ...frame, request_id: requestId };
