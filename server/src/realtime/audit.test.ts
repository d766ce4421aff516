import { describe, expect, test } from "bun:test";
import type { Queries } from "../database/database.ts";
import { createAudit } from "./audit.ts";
import type { Connection } from "./connection.ts";
import { createGate } from "./gate.ts";
import { createInterest } from "./interest.ts";
import { createRevocations } from "./revocations.ts";
import { createSubscriptions } from "./subscriptions.ts";

const [chatId, userId] = ["chat-1", "bob"];
const turns = () => new Promise((resolve) => setImmediate(resolve));
const ignore = () => {};

/** A database in which one person is in one chat or not; what it was asked, it answers when the test says so. */
function createMembership() {
  const state = { isMember: true };
  const waiting: (() => void)[] = [];
  const answer = async <Row>(rows: readonly object[], isHeldBack: boolean): Promise<Row[]> => {
    if (isHeldBack) await new Promise<void>((resolve) => waiting.push(resolve));
    return rows as Row[];
  };
  const database: Queries = {
    query(statement) {
      if (statement.includes("audit")) {
        const position = { chat_id: chatId, seq: 1, version: 1 };
        return answer([{ ...position, members_version: 1 }], false);
      }
      if (statement.includes("joined_at")) return answer([], false);
      return answer(state.isMember ? [{ chat_id: chatId, user_id: userId }] : [], true);
    },
  };
  const release = async () => {
    waiting.shift()?.();
    await turns();
  };
  return { state, database, waiting, release };
}

/** A node on which Bob hears a chat that he was taken out of; nobody told the node. */
async function createNode({ isSubscribed }: { isSubscribed: boolean }) {
  const membership = createMembership();
  const told: object[] = [];
  const topics = new Set<string>();
  const connection: Connection = {
    ...{ user: { id: userId, name: "Bob", email: "bob@example.org" }, isOpen: true, isSubscribed: false },
    ...{ sessionId: undefined, passwordVersion: 0 },
    socket: {
      follow: (topic) => void topics.add(topic),
      unfollow: (topic) => void topics.delete(topic),
      isFollowing: (topic) => topics.has(topic),
      ...{ send: ignore, publishToOthers: ignore, close: ignore },
    },
    answer: (frame) => void told.push(frame),
    close: ignore,
  };
  const [gate, interest] = [createGate(), createInterest({ follow: ignore, unfollow: ignore })];
  const watch = { opened: ignore, closed: ignore, look: ignore, leave: ignore };
  const subscriptions = createSubscriptions({ gate, interest, watch });
  const bus = { broadcast: ignore } as never;
  const revocations = createRevocations({
    ...{ subscriptions, bus, newId: () => "id", after: () => ignore },
  });
  const audit = createAudit({
    ...{ database: membership.database, gate, interest, subscriptions, revocations },
    ...{ hint: ignore, admit: ignore, membersChanged: ignore, now: () => 0 },
    lookAtPeople: () => Promise.resolve(),
    lookAtOwn: () => Promise.resolve(),
    summary: () => Promise.resolve(undefined),
  });
  subscriptions.add(connection);
  if (isSubscribed)
    await subscriptions.subscribe(connection, () =>
      Promise.resolve([{ chat_id: chatId, seq: 1, version: 1 }]),
    );
  else await subscriptions.join(connection, chatId, () => Promise.resolve(true));
  membership.state.isMember = false;
  const hears = () => subscriptions.hears(connection, chatId);
  return { ...membership, audit, subscriptions, connection, told, hears };
}

describe("the audit takes out who is in the chat no more", () => {
  test("and tells their devices", async () => {
    const { audit, release, hears, told } = await createNode({ isSubscribed: true });
    const running = audit.run();
    await turns();
    await release();
    await release();
    await running;
    expect(hears()).toBe(false);
    expect(told).toEqual([{ event: "chat_removed", chat_id: chatId }]);
  });

  test("but not who came back while it asked", async () => {
    const { audit, release, hears, told, state, subscriptions } = await createNode({ isSubscribed: true });
    const running = audit.run();
    await turns();
    state.isMember = true;
    const admitting = subscriptions.admit(chatId, [userId], () => Promise.resolve([userId]), ignore);
    await release();
    await release();
    await Promise.all([running, admitting]);
    expect([hears(), told]).toEqual([true, []]);
  });

  test("and lets in who comes back while it asks again", async () => {
    const { audit, release, hears, state, ...node } = await createNode({ isSubscribed: false });
    const running = audit.run();
    await turns();
    await release();
    // Asked again, with Bob outside; his client is told that he is in, and joins.
    expect(node.waiting).toHaveLength(1);
    state.isMember = true;
    const joining = node.subscriptions.join(node.connection, chatId, () => Promise.resolve(state.isMember));
    await turns();
    await release();
    await running;
    expect(await joining).toBe(true);
    expect(hears()).toBe(true);
  });
});
