import { busContract } from "./bus.contract.ts";
import type { Head } from "./bus.contract.ts";
import { createMemoryWire } from "./bus-memory.ts";

busContract("the bus in memory", () => ({
  ...createMemoryWire<Head>(),
  settle: () => new Promise((resolve) => setImmediate(resolve)),
  passLinger: () => {},
}));
