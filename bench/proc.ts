// What /proc tells of a process's memory and of the connections of a port.
import { readFileSync } from "node:fs";

export const residentKiB = (pid: number) =>
  Number(/^Rss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1]);

const established = "01";

/** Connections to this port of this machine that neither side has ended, as the side of the port sees it. */
export function establishedOn(port: number): number {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(suffix) && state === established).length;
}
