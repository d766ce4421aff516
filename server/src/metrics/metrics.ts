// Everything that is counted and measured, for Prometheus to read. No label ever holds an id.
import { Registry } from "prom-client";
import type { BusWatch } from "../bus/bus-watched.ts";
import type { WatchStatement } from "../database/database.ts";
import { createInstruments } from "./instruments.ts";
import { createNodeMetrics, type NodeSources } from "./nodes.ts";
import { createProcessMetrics, type ProcessMetrics } from "./process.ts";
import { createRequestMetrics, type RequestMetrics, type RequestSources } from "./requests.ts";
import { createSendMetrics, type SendMetrics } from "./sends.ts";
import { createSocketMetrics, type SocketMetrics, type SocketSources } from "./sockets.ts";
import { createStatementMetrics, type StatementSources } from "./statements.ts";

/** What is read when somebody asks, from the parts that know it. */
export type Sources = NodeSources & RequestSources & SocketSources & StatementSources;

/** Each part is told of by the one that it is about, through an interface of that part's own. */
export interface Metrics {
  readonly requests: RequestMetrics;
  readonly sends: SendMetrics;
  readonly sockets: SocketMetrics;
  readonly onStatement: WatchStatement;
  readonly bus: BusWatch;
  readonly process: ProcessMetrics;
  /** From now on these are read. */
  attach(sources: Partial<Sources>): void;
  /** In Prometheus' text format. */
  read(): Promise<{ text: string; contentType: string }>;
}

interface MetricsNeeds {
  version: string;
  /** Connections to the database. */
  poolSize: number;
  /** Milliseconds since any moment. */
  now(): number;
}

export function createMetrics({ version, poolSize, now }: MetricsNeeds): Metrics {
  const registry = new Registry();
  const instruments = createInstruments(registry);
  const sources: Partial<Sources> = {};
  return {
    requests: createRequestMetrics(instruments, sources),
    sends: createSendMetrics(instruments),
    sockets: createSocketMetrics(instruments, sources),
    bus: createNodeMetrics(instruments, sources, version),
    onStatement: createStatementMetrics(instruments, sources, { poolSize, now }),
    process: createProcessMetrics(instruments),
    attach: (more) => void Object.assign(sources, more),
    read: async () => ({ text: await registry.metrics(), contentType: registry.contentType }),
  };
}
