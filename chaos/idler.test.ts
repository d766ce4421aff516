import { expect, test } from "bun:test";
import { startTcpProxy } from "../tests/tcp-proxy.ts";
import { startIdler } from "./idler.ts";

test("who idles stops at once, also where the network never answers", async () => {
  await using network = await startTcpProxy(1);
  network.become("hole");
  const asked = Promise.withResolvers<void>();
  const idler = startIdler(() => {
    asked.resolve();
    return `http://127.0.0.1:${network.port}`;
  }, "any");
  await asked.promise;
  await idler.stop();
  expect(idler.cuts).toBe(0);
}, 2000);
