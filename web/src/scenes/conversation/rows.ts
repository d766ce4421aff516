// What the list shows of a chat: messages and what is on its way, by days, in groups of one author, with the unread line.
import type { MessageInfo, OutboxEntry, UserInfo } from "@windi/sdk";

export type RowState = "queued" | "refused" | "sent" | "read";

export interface Row {
  /** The same from the first moment of one's own message until it is history: so its node stays. */
  readonly key: string;
  /** Its place in the chat; what is on its way comes after the newest message. */
  readonly seq: number;
  /** Undefined while it is on its way. */
  readonly message: MessageInfo | undefined;
  readonly entry: OutboxEntry | undefined;
  readonly sender: UserInfo;
  readonly text: string;
  readonly mentions: readonly string[];
  readonly at: number;
  readonly isOwn: boolean;
  readonly isEdited: boolean;
  readonly isDeleted: boolean;
  /** Of one's own messages. */
  readonly state: RowState | undefined;
  /** First and last of a group: one author within five minutes, on one day, on one side of the unread line. */
  readonly isFirst: boolean;
  readonly isLast: boolean;
  /** The unread line is above it. */
  readonly isUnreadStart: boolean;
}

export interface Day {
  readonly key: string;
  readonly at: number;
  readonly rows: readonly Row[];
}

type Content = Omit<Row, "isFirst" | "isLast" | "isUnreadStart">;

const groupMs = 300_000;

export function rowOfMessage(message: MessageInfo, me: string): Content {
  const isOwn = message.sender.id === me;
  return {
    key: isOwn ? (message.idempotency_key ?? message.id) : message.id,
    seq: message.seq,
    message,
    entry: undefined,
    sender: message.sender,
    text: message.text,
    mentions: message.mentions,
    at: Date.parse(message.created_at),
    isOwn,
    isEdited: message.edited_at !== null && message.deleted_at === null,
    isDeleted: message.deleted_at !== null,
    state: isOwn ? (message.is_read ? "read" : "sent") : undefined,
  };
}

/** @param seq where it will be, if nobody else writes first */
export function rowOfEntry(entry: OutboxEntry, seq: number, me: UserInfo): Content {
  const { state } = entry;
  return {
    key: entry.key,
    seq,
    message: undefined,
    entry,
    sender: me,
    text: entry.text,
    mentions: entry.mentions,
    at: state === "sent" ? Date.parse(entry.message.created_at) : entry.createdAt,
    isOwn: true,
    isEdited: false,
    isDeleted: false,
    state: state === "refused" || state === "sent" ? state : "queued",
  };
}

const dayOf = (at: number): string => {
  const date = new Date(at);
  return `${date.getFullYear()}-${date.getMonth() + 1}-${date.getDate()}`;
};

/**
 * @param contents in the order of the chat, with one neighbour on either side of what is shown, where there is one
 * @param shown from and to which seq is shown
 * @param unreadFrom seq of the message under the unread line
 */
export function buildRows(
  contents: readonly Content[],
  shown: { first: number; last: number },
  unreadFrom: number | undefined,
): Row[] {
  const isJoined = (before: Content | undefined, after: Content | undefined): boolean =>
    before !== undefined &&
    after !== undefined &&
    before.sender.id === after.sender.id &&
    after.at - before.at < groupMs &&
    dayOf(before.at) === dayOf(after.at) &&
    after.seq !== unreadFrom;
  return contents.flatMap((content, index) =>
    content.seq < shown.first || content.seq > shown.last
      ? []
      : [
          {
            ...content,
            isFirst: !isJoined(contents[index - 1], content),
            isLast: !isJoined(content, contents[index + 1]),
            isUnreadStart: content.seq === unreadFrom,
          },
        ],
  );
}

/** Rows that are as they were stay the same objects, so that nothing of them is drawn again. */
export function keepSame(rows: readonly Row[], before: ReadonlyMap<string, Row>): Row[] {
  return rows.map((row) => {
    const held = before.get(row.key);
    return held && isSame(held, row) ? held : row;
  });
}

const isSame = (a: Row, b: Row): boolean =>
  (Object.keys(a) as (keyof Row)[]).every((name) => Object.is(a[name], b[name]));

export function splitDays(rows: readonly Row[]): Day[] {
  const days: { key: string; at: number; rows: Row[] }[] = [];
  for (const row of rows) {
    const key = dayOf(row.at);
    const day = days.at(-1);
    // A clock that went back makes no second day of the same name.
    if (day && (day.key === key || row.at < day.at)) day.rows.push(row);
    else days.push({ key, at: row.at, rows: [row] });
  }
  return days;
}
