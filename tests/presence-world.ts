// Presence on nodes of a test, with one database, one wire and one clock of its own, and sockets that keep what they hear.
import type { Presence as PresenceFrame, ServerFrame } from "@windi/protocol";
import { createMemoryWire } from "../server/src/bus/bus-memory.ts";
import type { NodeMessage } from "../server/src/realtime/node-message.ts";
import { createPresence, presencePace } from "../server/src/presence/presence.ts";
import type { Looker } from "../server/src/presence/view.ts";
import { createLog } from "../server/src/telemetry.ts";

export interface TestLooker extends Looker {
  isOpen: boolean;
  topics: Set<string>;
  frames: PresenceFrame[];
}

export type World = ReturnType<typeof createWorld>;

export function createWorld(nodeCount = 1) {
  const people = new Map<string, { showsPresence: boolean; lastSeenAt: number | null }>();
  const chats = new Map<string, Set<string>>();
  const statements: string[] = [];
  const wire = createMemoryWire<NodeMessage>();
  const timers: { at: number; everyMs: number; call: () => void }[] = [];
  const soon: (() => void)[] = [];
  let time = 1_000_000;
  /** Called when a statement has read and before its answer arrives. */
  let meanwhile: (() => void) | undefined;
  let isDown = false;
  let isLossy = false;

  const rowOf = (userId: string) => {
    const { showsPresence, lastSeenAt } = people.get(userId)!;
    return { user_id: userId, shows_presence: showsPresence, last_seen_at: lastSeenAt };
  };
  function carryOut(statement: string, [ids, moments]: readonly unknown[]): unknown[] {
    if (statement.includes("update users")) {
      (ids as string[]).forEach((id, n) => {
        const person = people.get(id)!;
        if (person.showsPresence) person.lastSeenAt = (moments as number[])[n]!;
      });
      return [];
    }
    if (!statement.includes("join members")) return (ids as string[]).map(rowOf);
    return (ids as string[]).flatMap((chatId) =>
      [...(chats.get(chatId) ?? [])].map((userId) => ({ chat_id: chatId, ...rowOf(userId) })),
    );
  }
  const database = {
    async query<Row>(statement: string, parameters: readonly unknown[] = []): Promise<Row[]> {
      statements.push(statement);
      if (isDown) throw new Error("down");
      const rows = carryOut(statement, parameters);
      await Promise.resolve();
      meanwhile?.();
      return rows as Row[];
    },
  };

  /** Lets everything happen that waits for nothing but its turn. */
  async function settle(): Promise<void> {
    for (let i = 0; i < 20; i++) {
      for (const call of soon.splice(0)) call();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  function createNode(id: string) {
    const sockets = new Set<TestLooker>();
    const published: string[] = [];
    const told: NodeMessage[] = [];
    const bus = wire.connect();
    const presence = createPresence({
      node: id,
      database,
      bus: {
        broadcast(message) {
          told.push(message.head);
          if (!isLossy) bus.broadcast(message);
        },
        listen: bus.listen,
        get isConnected() {
          return bus.isConnected;
        },
        onRestored: bus.onRestored,
      },
      publish(topic, text) {
        published.push(text);
        for (const socket of sockets)
          if (socket.topics.has(topic)) socket.frames.push(JSON.parse(text) as PresenceFrame);
      },
      log: createLog("silent"),
      pace: presencePace,
      clock: {
        now: () => time,
        every(everyMs, call) {
          const timer = { at: time + everyMs, everyMs, call };
          timers.push(timer);
          return { [Symbol.dispose]: () => void timers.splice(timers.indexOf(timer), 1) };
        },
        soon: (call) => void soon.push(call),
      },
    });
    return {
      presence,
      published,
      told,
      connect(userId: string): TestLooker {
        const topics = new Set<string>();
        const frames: PresenceFrame[] = [];
        const looker: TestLooker = {
          ...{ topics, frames, isOpen: true },
          user: { id: userId, name: userId, email: `${userId}@example.org` },
          answer: (frame: ServerFrame) => void frames.push(frame as PresenceFrame),
          socket: {
            follow: (topic) => void topics.add(topic),
            unfollow: (topic) => void topics.delete(topic),
          },
        };
        sockets.add(looker);
        presence.opened(looker);
        return looker;
      },
      disconnect(looker: TestLooker) {
        looker.isOpen = false;
        looker.topics.clear();
        sockets.delete(looker);
        presence.closed(looker);
      },
    };
  }

  const nodes = Array.from({ length: nodeCount }, (_, n) => createNode(`node-${n}`));
  return {
    people,
    chats,
    statements,
    nodes,
    node: nodes[0]!,
    wire,
    settle,
    now: () => time,
    during: (call: (() => void) | undefined) => void (meanwhile = call),
    /** What nodes tell each other from now on gets lost, and nobody knows. */
    lose: (isLost: boolean) => void (isLossy = isLost),
    breakDown: (isBroken: boolean) => void (isDown = isBroken),
    async pass(ms: number) {
      for (const end = time + ms; ;) {
        const next = timers.toSorted((a, b) => a.at - b.at)[0];
        if (!next || next.at > end) {
          time = end;
          return settle();
        }
        time = next.at;
        next.at += next.everyMs;
        next.call();
        await settle();
      }
    },
    /** A chat of people with accounts. */
    chat(id: string, userIds: readonly string[]) {
      chats.set(id, new Set(userIds));
      for (const userId of userIds)
        if (!people.has(userId)) people.set(userId, { showsPresence: true, lastSeenAt: null });
    },
    async switch(presence: { switched(userId: string): void }, userId: string, showsPresence: boolean) {
      people.set(userId, { showsPresence, lastSeenAt: null });
      presence.switched(userId);
      await settle();
    },
  };
}

export const online = (user_id: string) => ({ user_id, is_online: true, last_seen_at: null });
export const offline = (user_id: string, at: number | null) => ({
  user_id,
  is_online: false,
  last_seen_at: at === null ? null : new Date(at).toISOString(),
});
/** What is told of the chat named `chat`. */
export const frame = (online_count: number, ...users: PresenceFrame["users"]): PresenceFrame => ({
  event: "presence",
  chat_id: "chat",
  online_count,
  users,
});
export const names = (count: number) => Array.from({ length: count }, (_, n) => `user-${n}`);
