// Metrics of the process: how late it is, what it uses of the machine. Names that every dashboard knows.
import { readFileSync, statSync } from "node:fs";
import type { Instruments } from "./instruments.ts";

export interface ProcessMetrics {
  /** A timer that comes at this interval was so late. */
  late(seconds: number, intervalSeconds: number): void;
}

const lagBounds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export function createProcessMetrics({ gauge, total, histogram }: Instruments): ProcessMetrics {
  const lag = histogram({
    name: "windi_loop_lag_seconds",
    help: "How late the event loop is: how long whatever arrives has to wait until somebody looks at it.",
    bounds: lagBounds,
  });
  total({ name: "process_cpu_seconds_total", help: "CPU time used." }, () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  gauge({ name: "process_resident_memory_bytes", help: "Memory in use." }, () => process.memoryUsage.rss());
  gauge(
    { name: "windi_heap_used_bytes", help: "Memory that JavaScript objects take." },
    () => process.memoryUsage().heapUsed,
  );
  const startedAt = Date.now() / 1000 - process.uptime();
  gauge({ name: "process_start_time_seconds", help: "When the process started." }, () => startedAt);
  gauge({ name: "process_open_fds", help: "Open files and sockets. Linux 6.2 or newer." }, countOpenFiles);
  const maxFiles = readMaxFiles();
  gauge({ name: "process_max_fds", help: "Open files and sockets, at most. Linux." }, () => maxFiles);

  return {
    late(seconds, intervalSeconds) {
      lag.observe(seconds);
      // What would have arrived later in the same pause would have waited for the rest of it.
      for (let rest = seconds - intervalSeconds; rest > 0; rest -= intervalSeconds) lag.observe(rest);
    },
  };
}

/** To list the directory would take 40 ms for 9,000 of them; newer kernels say how many there are. */
function countOpenFiles(): number | undefined {
  const count = statSync("/proc/self/fd", { throwIfNoEntry: false })?.size ?? 0;
  return count > 0 ? count : undefined;
}

function readMaxFiles(): number | undefined {
  if (!statSync("/proc/self/limits", { throwIfNoEntry: false })) return undefined;
  const [, count] = /^Max open files +(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
  return count === undefined ? undefined : Number(count);
}
