// A node's end of the bus over NATS, with its clock, its log and what it heard in the test's hands.
import type { Head } from "../server/src/bus/bus.contract.ts";
import type { Bus, BusMessage } from "../server/src/bus/bus.ts";
import { connectNatsBus } from "../server/src/bus/bus-nats.ts";
import { createLogTo } from "../server/src/telemetry.ts";
import { until } from "./until.ts";

interface LogLine {
  level: string;
  msg: string;
  server?: string;
  count?: number;
  err?: { message: string };
}

export type BusNode = ReturnType<typeof connectNode>;

/** A bus that tries again at once, whose clock stands still until it is told otherwise. */
export function connectNode(url: string, { pingIntervalMs = 5000 } = {}) {
  const lines: LogLine[] = [];
  const time = { ms: 0, sweep: () => {} };
  const seen = { attempts: 0, restorations: 0 };
  const heard: BusMessage<Head>[] = [];
  const bus = connectNatsBus<Head>({
    url,
    log: createLogTo({ write: (line) => void lines.push(JSON.parse(line) as LogLine) }, "info"),
    clock: {
      now: () => time.ms,
      every: (_, call) => {
        time.sweep = call;
        return { [Symbol.dispose]: () => {} };
      },
    },
    pingIntervalMs,
    retryAfterMs(failures) {
      seen.attempts = failures;
      return 10;
    },
  });
  bus.listen((message) => heard.push(message));
  bus.onRestored(() => void seen.restorations++);
  const pass = (ms: number) => {
    time.ms += ms;
    time.sweep();
  };
  return { bus, heard, lines, seen, pass };
}

export const message = (n: number): BusMessage<Head> => ({ head: { n }, frame: `{"n":${n}}` });
export const connected = (...all: { bus: Bus<Head> }[]) =>
  until(() => all.every(({ bus }) => bus.isConnected));

/** Resolves when the second node has heard of the first, and with it of all that the first sent before. */
export async function reached(from: Bus<Head>, heard: BusMessage<Head>[]): Promise<void> {
  const n = Math.random();
  from.broadcast({ head: { n } });
  await until(() => heard.at(-1)?.head.n === n);
  heard.pop();
}
