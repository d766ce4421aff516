// Who is online: put together from the connections of this node, what other nodes tell, and who looks at which chat.
import type { Logger } from "pino";
import type { Bus } from "../bus/bus.ts";
import type { Queries } from "../database/database.ts";
import type { Publish } from "../realtime/audience.ts";
import type { NodeMessage } from "../realtime/node-message.ts";
import type { Clock } from "../clock.ts";
import { createDevices } from "./devices.ts";
import { createLastSeen } from "./last-seen.ts";
import type { PresenceHead } from "./news.ts";
import { createReading } from "./reading.ts";
import { createRoster } from "./roster.ts";
import type { Looker } from "./view.ts";
import { createViews } from "./views.ts";
import { readMembers, readProfiles, saveLastSeen } from "./presence.store.ts";

export interface Presence extends AsyncDisposable {
  /** A connection of this node, whatever it does. */
  opened(connection: Looker): void;
  closed(connection: Looker): void;
  /** From now on it is told who is online in the chat, of which its user is a member. */
  look(connection: Looker, chatId: string): void;
  leave(connection: Looker, chatId: string): void;
  /** People joined the chat or left it, whoever told. */
  membersChanged(chatId: string): void;
  /** A user of this node has changed `shows_presence`; committed. */
  switched(userId: string): void;
}

export interface PresencePace {
  /** All that happens within this time is told at once, to other nodes and to sockets. */
  tellMs: number;
  holdMs: number;
  aliveMs: number;
  forgetMs: number;
  /** When people were last seen is written once in this time. */
  writeMs: number;
}

export const presencePace: PresencePace = {
  tellMs: 3000,
  holdMs: 5000,
  aliveMs: 10_000,
  forgetMs: 30_000,
  writeMs: 15_000,
};

interface PresenceNeeds {
  /** This process, by a name that no other has or had. */
  node: string;
  database: Queries;
  bus: Pick<Bus<NodeMessage>, "broadcast" | "listen" | "isConnected" | "onRestored">;
  publish: Publish;
  log: Logger;
  pace: PresencePace;
  clock: Clock;
}

export function createPresence({ node, database, bus, publish, log, pace, clock }: PresenceNeeds): Presence {
  const { now, soon } = clock;
  const roster = createRoster({
    node,
    now,
    onChange: (userId) => views.settle(userId),
    onSwitch: (userId) => views.switched(userId),
    onMissed: () => views.doubtAll(),
    // What went is in the database after two writes at the latest.
    pace: { ...pace, rememberMs: 2 * pace.writeMs + pace.forgetMs },
  });
  const lastSeen = createLastSeen({ save: (moments) => saveLastSeen(database, moments) });
  const devices = createDevices({
    now,
    holdMs: pace.holdMs,
    came: roster.came,
    went(userId, endedAtMs) {
      roster.went(userId, endedAtMs);
      lastSeen.note(userId, endedAtMs);
    },
  });
  const reading = createReading({
    soon,
    readMembers: (chatIds) => readMembers(database, chatIds),
    readProfiles: (userIds) => readProfiles(database, userIds),
    onMembers: (chatId, rows) => views.onMembers(chatId, rows),
    onProfile: (row) => views.onProfile(row),
    onFault: (error) => log.warn({ err: error }, "presence not read, tried again"),
  });
  const views = createViews({
    isOnline: roster.isOnline,
    wentAt: roster.wentAt,
    publish,
    reading,
    now,
    soon,
  });

  const tell = (head: PresenceHead) => bus.broadcast({ head });
  const write = () =>
    lastSeen
      .write()
      .catch((error: unknown) => log.warn({ err: error }, "last seen not written, tried again"));

  function tellAll(): void {
    devices.expire();
    for (const head of roster.gather(bus.isConnected)) tell(head);
    views.flush();
  }

  bus.listen(({ head }) => {
    if (head.kind === "presence") roster.hear(head);
  });
  bus.onRestored(() => {
    roster.restart();
    views.doubtAll();
  });
  const telling = clock.every(pace.tellMs, tellAll);
  const writing = clock.every(pace.writeMs, () => void write());

  return {
    opened: ({ user }) => devices.opened(user.id),
    closed(connection) {
      views.leaveAll(connection);
      devices.closed(connection.user.id);
    },
    look: views.look,
    leave: views.leave,
    membersChanged: views.membersChanged,
    switched(userId) {
      views.switched(userId);
      tell(roster.switched(userId));
    },
    async [Symbol.asyncDispose]() {
      telling[Symbol.dispose]();
      writing[Symbol.dispose]();
      tell(roster.bye());
      devices.clear();
      await write();
    },
  };
}
