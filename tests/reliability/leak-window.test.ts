import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { GroupInfo } from "@windi/protocol";
import { createTestDatabase, signIn, startServer, type Person, type TestServer } from "../harness.ts";
import { startNats } from "../nats.ts";
import type { Frame, TestSocket } from "../socket.ts";
import { until } from "../until.ts";

setDefaultTimeout(90_000);

const auditSeconds = 2;
const mostMs = { there: 5000, away: auditSeconds * 1000 + 3000 };

/** What somebody on another node may still hear of a chat that they are out of. */
async function measure(
  nats: "there" | "away",
  end: (alice: Person, chatId: string, bob: Person) => Promise<unknown>,
) {
  await using bus = await startNats();
  const environment = {
    DATABASE_URL: createTestDatabase(),
    JWT_SECRET_KEY: crypto.randomUUID() + crypto.randomUUID(),
    NATS_URL: bus.url,
    AUDIT_SECONDS: String(auditSeconds),
  };
  const start = (): Promise<TestServer> => startServer({ database: "server", environment });
  await using here = await start();
  await using there = await start();
  const [alice, bob] = [await here.person("Alice"), await here.person("Bob")];
  const [bobThere, aliceThere] = [
    await signIn(there.url, bob.user, bob.password),
    await signIn(there.url, alice.user, alice.password),
  ];
  const body = { title: "Garden", member_ids: [bob.user.id] };
  const { id: chatId } = (await alice.call<GroupInfo>("POST", "/groups", body)).body;
  // One device as the seed's clients do it, and one that follows everything.
  const [joined, following] = [await bobThere.connect(chatId), await bobThere.connect()];
  await following.request({ action: "subscribe" });
  const sockets = [joined, following];
  const pens = [await alice.connect(), await aliceThere.connect()];

  let isOver = false;
  const storm = pens.map(async (pen) => {
    while (!isOver) await pen.request({ action: "send_message", chat_id: chatId, text: "storm" });
  });
  const isMessage = (frame: Frame) => frame.event === "new_message" && frame.data.chat_id === chatId;
  const heard = (socket: TestSocket) => socket.frames.filter(isMessage).length;
  await until(() => sockets.every((socket) => heard(socket) > 5));
  if (nats === "away") await bus.kill();
  await end(alice, chatId, bob);
  const endedAt = performance.now();
  const refused = await bobThere.call("GET", `/messages/history/${chatId}`);
  let lastHeardAt = endedAt;
  let counts = sockets.map(heard);
  const goneOf = (socket: TestSocket) =>
    socket.frames.some((frame) => frame.event === "chat_removed" && frame.chat_id === chatId);
  await until(() => {
    const next = sockets.map(heard);
    if (next.some((count, n) => count > (counts[n] ?? 0))) lastHeardAt = performance.now();
    counts = next;
    return goneOf(following) && performance.now() - endedAt > mostMs[nats];
  });
  isOver = true;
  await Promise.all(storm);
  await joined.settle();
  const windowMs = Math.round(lastHeardAt - endedAt);
  const leakedLater = sockets.map(heard).some((count, n) => count > (counts[n] ?? 0));
  for (const socket of [...sockets, ...pens]) socket.close();
  return { windowMs, leakedLater, status: refused.status };
}

const ends: [string, (alice: Person, chatId: string, bob: Person) => Promise<unknown>][] = [
  [
    "is taken out of a group",
    (alice, chatId, bob) => alice.call("DELETE", `/groups/${chatId}/members`, { user_ids: [bob.user.id] }),
  ],
  ["is in a group that is deleted", (alice, chatId) => alice.call("DELETE", `/groups/${chatId}`)],
];

describe.each(["there", "away"] as const)("while NATS is %s", (nats) => {
  test.each(ends)(
    "who %s on one node hears no more of it on the other, soon and for good",
    async (_, end) => {
      const { windowMs, leakedLater, status } = await measure(nats, end);
      console.log(`heard for ${windowMs} ms`);
      expect(status).toBe(404);
      expect(leakedLater).toBe(false);
      expect(windowMs).toBeLessThan(mostMs[nats]);
      // With the bus, it ends before the removal is answered; what was heard then is only read late here.
      if (nats === "there") expect(windowMs).toBeLessThan(1000);
    },
  );
});
