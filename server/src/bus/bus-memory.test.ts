import { busContract } from "./bus.contract.ts";
import { createMemoryWire } from "./bus-memory.ts";

busContract("the bus in memory", () => ({
  ...createMemoryWire(),
  settle: () => new Promise((resolve) => setImmediate(resolve)),
}));
