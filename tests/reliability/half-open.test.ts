import { expect, setDefaultTimeout, test } from "bun:test";
import type { GroupInfo } from "@windi/protocol";
import type { Clock } from "@windi/sdk";
import { startServer } from "../harness.ts";
import { connectedClient } from "../sdk/signed-in.ts";
import { startTcpProxy } from "../tcp-proxy.ts";
import { until } from "../until.ts";

setDefaultTimeout(60_000);

const factor = 5;
/** Of the client's clock. */
const noticedMs = 45_000;

/** Runs faster than time, so that half a minute of silence passes in some seconds. */
function createFastClock(): Clock {
  const startedAt = Date.now();
  return {
    now: () => startedAt + (Date.now() - startedAt) * factor,
    later(delayMs, run) {
      const timer = setTimeout(run, delayMs / factor);
      return () => clearTimeout(timer);
    },
  };
}

test.each(["deaf", "mute"] as const)(
  "a client that has become %s without being told notices, comes back, and has missed nothing",
  async (mode) => {
    await using server = await startServer();
    await using network = await startTcpProxy(Number(new URL(server.url).port));
    const [alice, bob] = [await server.person("Alice"), await server.person("Bob")];
    const body = { title: "Walks", member_ids: [bob.user.id] };
    const { id: chatId } = (await alice.call<GroupInfo>("POST", "/groups", body)).body;
    const clock = createFastClock();
    const client = await connectedClient(`http://127.0.0.1:${network.port}`, bob, { clock });
    const log = client.chatLog(chatId);
    log.subscribe(() => {});
    await until(() => log.get().status === "ready");

    network.become(mode);
    const brokenAt = clock.now();
    expect((await alice.call("POST", `/chats/${chatId}/messages`, { text: "Meanwhile" })).status).toBe(201);
    await until(() => client.connection.get().phase !== "subscribed", 30_000);
    expect(clock.now() - brokenAt).toBeLessThan(noticedMs);
    network.become("pass");
    await until(() => log.get().messages.at(-1)?.text === "Meanwhile", 30_000);
    await until(() => client.connection.get().phase === "subscribed", 30_000);
    client.close();
  },
);
