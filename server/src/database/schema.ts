// The tables. Keys lead with chat_id, so that the log can be sharded by chat.
import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  index,
  integer,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";

/** Milliseconds, so that a moment reads the same in an event and in the history. */
const moment = () => timestamp({ withTimezone: true, precision: 3, mode: "date" });

export const users = pgTable(
  "users",
  {
    id: uuid().primaryKey(),
    name: text().notNull(),
    email: text().notNull(),
    /** The address as it is compared: Unicode-normalised and without case. */
    email_key: text().notNull(),
    password_hash: text().notNull(),
    /** Count of changes of the password: tokens of before are not good any more. */
    password_version: integer().notNull().default(0),
    /** Whether others see when this person is online or was last. */
    shows_presence: boolean().notNull().default(true),
    /** When the last connection ended; written for many people at once, some time later. */
    last_seen_at: moment(),
    created_at: moment().notNull().defaultNow(),
  },
  (table) => [uniqueIndex("users_email_key").on(table.email_key)],
);

export const chats = pgTable(
  "chats",
  {
    id: uuid().primaryKey(),
    type: text({ enum: ["personal", "group", "channel"] }).notNull(),
    title: text(),
    creator_id: uuid()
      .notNull()
      .references(() => users.id),
    /** Both people's ids in order; makes two simultaneous requests one personal chat. */
    pair_key: text(),
    /** Position of the newest message; 0 for an empty chat. */
    last_seq: integer().notNull().default(0),
    /** Count of changes of this chat. */
    version: integer().notNull().default(0),
    /** Count of changes of its membership: a send that waited for the chat's lock sees that people came or went. */
    members_version: integer().notNull().default(0),
    /** The version in which the title or the membership last changed. */
    info_version: integer().notNull().default(0),
    member_count: integer().notNull().default(0),
    last_activity_at: moment().notNull().defaultNow(),
    created_at: moment().notNull().defaultNow(),
  },
  (table) => [
    uniqueIndex("chats_pair_key").on(table.pair_key),
    // Deleted, and not all erased yet.
    index("chats_deserted")
      .on(table.id)
      .where(sql`${table.member_count} = 0`),
    check("chats_pair_key_personal", sql`(${table.type} = 'personal') = (${table.pair_key} is not null)`),
  ],
);

export const members = pgTable(
  "members",
  {
    chat_id: uuid()
      .notNull()
      .references(() => chats.id, { onDelete: "cascade" }),
    user_id: uuid()
      .notNull()
      .references(() => users.id),
    role: text({ enum: ["creator", "member"] }).notNull(),
    joined_at: moment().notNull().defaultNow(),
    version: integer().notNull().default(0),
    /** Everything up to this seq is read. */
    read_seq: integer().notNull().default(0),
    /** When the read pointer last moved. */
    read_at: moment(),
    /** Since when the chat stands before all that are not pinned. */
    pinned_at: moment(),
    muted_until: moment(),
    /** Marked as unread from this seq on, until a message at or after it is read. */
    unread_from: integer(),
    /** Counts what the user changes for themself: read pointer, settings, draft. */
    own_version: integer().notNull().default(0),
    /** When it last counted. */
    own_at: moment(),
  },
  (table) => [
    primaryKey({ columns: [table.chat_id, table.user_id] }),
    index("members_user").on(table.user_id, table.chat_id),
    // Who was added lately: for a node that did not hear of it.
    index("members_joined").on(table.user_id, table.joined_at),
  ],
);

/** What somebody has written in a chat and not sent. It goes with the membership. */
export const drafts = pgTable(
  "drafts",
  {
    chat_id: uuid()
      .notNull()
      .references(() => chats.id, { onDelete: "cascade" }),
    user_id: uuid().notNull(),
    text: text().notNull(),
    updated_at: moment().notNull(),
  },
  (table) => [primaryKey({ columns: [table.chat_id, table.user_id] })],
);

/** The log. References to chats and users are kept by the append statement itself, which locks the chat's row. */
export const messages = pgTable(
  "messages",
  {
    chat_id: uuid().notNull(),
    seq: integer().notNull(),
    id: uuid().notNull(),
    sender_id: uuid().notNull(),
    text: text().notNull(),
    idempotency_key: text(),
    version: integer().notNull(),
    created_at: moment().notNull(),
    edited_at: moment(),
    /** A deleted message keeps its row, with an empty text. */
    deleted_at: moment(),
    /** Members whom the text names; null for nobody. */
    mentions: uuid().array(),
  },
  (table) => [
    primaryKey({ columns: [table.chat_id, table.seq] }),
    uniqueIndex("messages_id").on(table.chat_id, table.id),
    uniqueIndex("messages_idempotency_key")
      .on(table.chat_id, table.sender_id, table.idempotency_key)
      .where(sql`${table.idempotency_key} is not null`),
    // How far somebody has written. The condition is always true: it keeps this index from being taken, where
    // statistics see no difference, for looking up an idempotency key, which would read all that a sender has written.
    index("messages_sender")
      .on(table.chat_id, table.sender_id, table.seq)
      .where(sql`${table.seq} > 0`),
    // What was edited or deleted since a version; what is new is found by seq.
    index("messages_changed")
      .on(table.chat_id, table.version)
      .where(sql`${table.edited_at} is not null or ${table.deleted_at} is not null`),
    index("messages_deleted")
      .on(table.chat_id, table.seq)
      .where(sql`${table.deleted_at} is not null`),
  ],
);

/**
 * How far a chat has been read by at least `rank` people (1 or 2), one row per step: when the rank-th of them came to
 * `seq`, and who that was. At most two rows per message, whatever the number of members.
 */
export const read_marks = pgTable(
  "read_marks",
  {
    chat_id: uuid()
      .notNull()
      .references(() => chats.id, { onDelete: "cascade" }),
    rank: smallint().notNull(),
    seq: integer().notNull(),
    user_id: uuid().notNull(),
    read_at: moment().notNull(),
  },
  (table) => [primaryKey({ columns: [table.chat_id, table.rank, table.seq] })],
);

/** Who is mentioned where, so that unread mentions are counted without reading messages. */
export const mentions = pgTable(
  "mentions",
  {
    chat_id: uuid()
      .notNull()
      .references(() => chats.id, { onDelete: "cascade" }),
    user_id: uuid().notNull(),
    seq: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.chat_id, table.user_id, table.seq] })],
);

/** A device on which somebody is signed in. Its refresh token is made from id and generation; nothing of it is stored. */
export const sessions = pgTable(
  "sessions",
  {
    id: uuid().primaryKey(),
    user_id: uuid()
      .notNull()
      .references(() => users.id),
    /** Count of refreshes: only the token of the last one is good. */
    generation: integer().notNull().default(0),
    rotated_at: moment().notNull().defaultNow(),
    /** Browser and system in words. */
    device: text().notNull(),
    /** The network that it was last used from. */
    address: text().notNull(),
    created_at: moment().notNull().defaultNow(),
    last_used_at: moment().notNull().defaultNow(),
    /** When it is over by itself, unless it is refreshed before. */
    ends_at: moment().notNull(),
    /** Ended before that. */
    ended_at: moment(),
  },
  (table) => [
    index("sessions_user")
      .on(table.user_id)
      .where(sql`${table.ended_at} is null`),
    // What is over for long is erased.
    index("sessions_over").on(table.ends_at),
  ],
);

/** Tickets that have opened a WebSocket, until none of that time is good any more. */
export const used_tickets = pgTable(
  "used_tickets",
  { id: text().primaryKey(), used_at: moment().notNull().defaultNow() },
  (table) => [index("used_tickets_age").on(table.used_at)],
);
