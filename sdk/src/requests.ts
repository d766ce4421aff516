// Frames that wait for their answer: matched by request_id, given up after a time, all of them when the connection ends.
import { ApiError, ConnectionError } from "./api-error.ts";
import type { Clock } from "./clock.ts";
import type { ServerFrame } from "./contract.ts";

interface Waiting {
  resolve(frame: ServerFrame): void;
  reject(error: ApiError | ConnectionError): void;
}

interface RequestsNeeds {
  clock: Clock;
  /** Puts a frame on the wire. */
  send: (frame: object) => void;
  /** A request was not answered in time. */
  onTimeout: () => void;
}

export interface Requests {
  ask(frame: object, timeoutMs: number): Promise<ServerFrame>;
  /** Gives a frame to whoever asked for it. */
  answer(frame: ServerFrame): void;
  /** Nothing more is answered. */
  end(): void;
}

export function createRequests({ clock, send, onTimeout }: RequestsNeeds): Requests {
  const waiting = new Map<string, Waiting>();
  let count = 0;

  return {
    ask(frame, timeoutMs) {
      const requestId = String(++count);
      return new Promise<ServerFrame>((resolve, reject) => {
        const cancel = clock.later(timeoutMs, () => {
          entry.reject(new ConnectionError("timeout"));
          onTimeout();
        });
        const end = () => {
          cancel();
          waiting.delete(requestId);
        };
        const entry: Waiting = {
          resolve(answer) {
            end();
            resolve(answer);
          },
          reject(error) {
            end();
            reject(error);
          },
        };
        waiting.set(requestId, entry);
        send({ ...frame, request_id: requestId });
      });
    },
    answer(frame) {
      const entry = waiting.get(("request_id" in frame && frame.request_id) || "");
      if (!entry) return;
      if (!("error" in frame)) return entry.resolve(frame);
      const { code, error: detail, retry_after_ms: retryAfterMs, request_id: requestId } = frame;
      entry.reject(new ApiError({ code, detail, retryAfterMs, requestId }));
    },
    end() {
      for (const entry of [...waiting.values()]) entry.reject(new ConnectionError("closed"));
    },
  };
}
