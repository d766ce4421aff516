// What must be true after a run, whatever happened in it. Each check answers with what is wrong; nothing is well.
import type { ChangeRecord, Seen, SendRecord, View } from "./history.ts";

export interface Finding {
  check: "lost" | "unexpected" | "duplicate" | "gap" | "divergent" | "wrong";
  what: string;
}

export interface Evidence {
  sends: readonly SendRecord[];
  changes: readonly ChangeRecord[];
  /** Chat → its log, as the database has it at the end. */
  logs: ReadonlyMap<string, readonly Seen[]>;
  /** What each client shows of each chat at the end. */
  views: readonly View[];
}

const describe = (send: SendRecord) => `${send.client} in ${send.chatId}: ${send.text} (${send.key})`;

/** Every acknowledged send is in the log, as its sender's. */
function findLost({ sends, logs }: Evidence): Finding[] {
  return sends.flatMap((send): Finding[] => {
    if (send.outcome !== "acknowledged") return [];
    const stored = logs.get(send.chatId)?.find((message) => message.key === send.key);
    if (!stored) return [{ check: "lost", what: describe(send) }];
    if (stored.senderId === send.userId) return [];
    return [{ check: "wrong", what: `${describe(send)} is ${JSON.stringify(stored)}` }];
  });
}

/** Nothing is in the log that nobody sent, and nothing that was refused. */
function findUnexpected({ sends, logs }: Evidence): Finding[] {
  const known = new Map(sends.map((send) => [`${send.chatId} ${send.key}`, send]));
  return [...logs].flatMap(([chatId, log]) =>
    log.flatMap((message) => {
      const send = known.get(`${chatId} ${message.key}`);
      if (send && send.outcome !== "refused") return [];
      return [{ check: "unexpected" as const, what: `${chatId} ${message.seq}: ${message.text}` }];
    }),
  );
}

function findDuplicates({ logs }: Evidence): Finding[] {
  return [...logs].flatMap(([chatId, log]) => {
    const seen = new Set<string>();
    return log.flatMap((message) => {
      const keys = [`id ${message.id}`, `key ${message.senderId} ${message.key}`];
      const repeated = keys.filter((key) => seen.has(key));
      for (const key of keys) seen.add(key);
      return repeated.map((key) => ({ check: "duplicate" as const, what: `${chatId} ${key}` }));
    });
  });
}

/** Positions are 1, 2, 3, … and no two messages have the same version. */
function findGaps({ logs }: Evidence): Finding[] {
  return [...logs].flatMap(([chatId, log]) => {
    const holes = log.flatMap((message, place) =>
      message.seq === place + 1
        ? []
        : [{ check: "gap" as const, what: `${chatId} ${message.seq} at ${place + 1}` }],
    );
    const versions = new Set(log.map((message) => message.version));
    if (versions.size !== log.length) holes.push({ check: "gap", what: `${chatId} repeats a version` });
    return holes;
  });
}

/** Every client shows the end of the log as the database has it: the same messages, in the same state. */
function findDivergent({ logs, views }: Evidence): Finding[] {
  return views.flatMap(({ client, chatId, messages }) => {
    const log = logs.get(chatId) ?? [];
    const expected = log.slice(log.length - messages.length);
    const isSame = Bun.deepEquals(expected, messages);
    if (isSame && (messages.length > 0 || log.length === 0)) return [];
    const place = messages.findIndex((message, at) => !Bun.deepEquals(message, expected[at]));
    const what = `${client} ${chatId}: ${JSON.stringify(messages[place])} for ${JSON.stringify(expected[place])}`;
    return [{ check: "divergent" as const, what: `${what}; shows ${messages.length} of ${log.length}` }];
  });
}

/** A message is as its last acknowledged change made it, unless a later one may have happened. */
function findUnchanged({ changes, logs }: Evidence): Finding[] {
  const byMessage = Map.groupBy(changes, (change) => `${change.chatId} ${change.seq}`);
  return [...byMessage.values()].flatMap((all) => {
    const done = all.filter((change) => change.outcome === "acknowledged");
    const last = done.toSorted((a, b) => (a.version ?? 0) - (b.version ?? 0)).at(-1);
    if (!last || all.some((change) => change.outcome === "unknown")) return [];
    const message = logs.get(last.chatId)?.[last.seq - 1];
    const isDeleted = done.some((change) => change.text === undefined);
    if (message && message.isDeleted === isDeleted && (isDeleted || message.text === last.text)) return [];
    return [{ check: "wrong" as const, what: `${last.chatId} ${last.seq} is not ${last.text ?? "deleted"}` }];
  });
}

export const check = (evidence: Evidence): Finding[] =>
  [findLost, findUnexpected, findDuplicates, findGaps, findDivergent, findUnchanged].flatMap((find) =>
    find(evidence),
  );
