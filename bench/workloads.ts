// The workloads by name.
import { answer } from "./answer.ts";
import { bus } from "./bus.ts";
import { chatList } from "./chat-list.ts";
import { fanout } from "./fanout.ts";
import { flakyNetworks } from "./flaky-networks.ts";
import { groups } from "./groups.ts";
import { history } from "./history.ts";
import { idle } from "./idle.ts";
import { largeGroup } from "./large-group.ts";
import { nodes } from "./nodes.ts";
import { rollingRestart } from "./rolling-restart.ts";
import type { Result } from "./report.ts";
import type { Sample } from "./rounds.ts";
import { sends } from "./sends.ts";
import { storm } from "./storm.ts";
import { slowReaders } from "./slow-readers.ts";
import { start } from "./start.ts";
import { web } from "./web.ts";

export interface WorkloadOptions {
  /** Length of one measurement. */
  seconds: number;
  rounds: number;
  patienceMs: number;
  onSample(round: number, variant: string, sample: Sample): void;
}

export type Workload = (options: WorkloadOptions) => AsyncGenerator<Result>;

export const workloads: Record<string, Workload> = {
  sends,
  answer,
  groups,
  "large-group": largeGroup,
  fanout,
  idle,
  history,
  "chat-list": chatList,
  "flaky-networks": flakyNetworks,
  storm,
  "slow-readers": slowReaders,
  "rolling-restart": rollingRestart,
  nodes,
  start,
  bus,
  web,
};
