// Metrics of a node among others: is it ready, does it hear the others, how much passes between them.
import type { BusWatch } from "../bus/bus-watched.ts";
import type { Instruments } from "./instruments.ts";

export interface NodeSources {
  isReady(): boolean;
  bus: { readonly isConnected: boolean };
}

export function createNodeMetrics(
  { counter, counters, gauge }: Instruments,
  sources: Partial<NodeSources>,
  version: string,
): BusWatch {
  gauge(
    { name: "windi_build_info", help: "1; the label tells which version runs.", fixed: { version } },
    () => 1,
  );
  gauge({ name: "windi_ready", help: "1 while requests are served: not while starting or draining." }, () =>
    Number(sources.isReady?.() ?? false),
  );
  gauge({ name: "windi_bus_connected", help: "1 while messages to and from other nodes get through." }, () =>
    Number(sources.bus?.isConnected ?? false),
  );
  const messages = counters({
    name: "windi_bus_messages_total",
    help: "Messages between nodes: out, published by this one; in, heard from others.",
    labels: ["direction"],
    known: [["in"], ["out"]],
  });
  const [heard, sent] = [messages("in"), messages("out")];
  const restored = counter({
    name: "windi_bus_restored_total",
    help: "How often the bus was there again after it was away; what was sent meanwhile is lost to other nodes.",
  });
  return { sent: sent.add, heard: heard.add, restored: restored.add };
}
