import { describe, expect, test } from "bun:test";
import { createObservable, type Client } from "@windi/sdk";
import { createLanguage } from "../../messages/language.ts";
import { createNotices } from "../../state/notices.ts";
import { undoMs } from "./local-changes.ts";
import { findActions, type ActionName } from "./actions.ts";
import type { LocalChangesState } from "./local-changes.ts";
import { createMessageActions } from "./message-actions.ts";
import { rowOfEntry, rowOfMessage, type Row } from "./rows.ts";
import { anna, boris, sampleEntry, sampleMessage } from "./sample-messages.ts";

const asRow = (content: ReturnType<typeof rowOfMessage>): Row => ({
  ...content,
  isFirst: true,
  isLast: true,
  isUnreadStart: false,
});
const own = asRow(rowOfMessage(sampleMessage(3, { sender: anna }), anna.id));
const theirs = asRow(rowOfMessage(sampleMessage(4, { sender: boris }), anna.id));

function prepare() {
  const done: unknown[] = [];
  let undone = 0;
  const state = createObservable<LocalChangesState>(new Map());
  const shownMs: number[] = [];
  const notices = createNotices((delayMs) => void shownMs.push(delayMs));
  const run = createMessageActions({
    chatId: "chat",
    client: {
      call: ((id: string, input: unknown) => {
        done.push([id, input]);
        return Promise.resolve();
      }) as Client["call"],
      outbox: { discard: (key: string) => done.push(["discard", key]) > 0 } as unknown as Client["outbox"],
    },
    changes: { ...state, edit() {}, flush: () => Promise.resolve(), remove: () => () => void undone++ },
    language: createLanguage("en", []),
    notices,
    pageUrl: () => "https://chat.example.org/?a=b#/chats/other",
    writeText: (text) => Promise.resolve(void done.push(text)),
    onEdit: (row) => done.push(["edit", row.key]),
    onReaders: ({ id }) => done.push(["readers", id]),
    onUnread: (seq) => done.push(["unread", seq]),
  });
  return { run, done, notices, undone: () => undone, shownMs };
}

describe("offered with a message", () => {
  const offered = (row: Row, isGroup = true): ActionName[] => findActions(row, { isGroup });

  test("is changing it only when it is one's own", () => {
    expect(offered(own)).toContain("edit");
    expect(offered(own)).toContain("delete");
    expect(offered(theirs)).toEqual(["copy", "link", "unread"]);
  });

  test("is who has read it only in a group", () => {
    expect(offered(own)).toContain("readers");
    expect(offered(own, false)).not.toContain("readers");
  });

  test("is nothing that a deleted message has no more", () => {
    expect(offered({ ...own, isDeleted: true })).toEqual(["link", "unread"]);
  });

  test("on its way is giving it up only while that is possible", () => {
    const entry = sampleEntry("k");
    const row = (changed: typeof entry) => asRow(rowOfEntry(changed, 9, anna));
    expect(offered(row(entry))).toEqual(["copy", "discard"]);
    expect(offered(row({ ...entry, state: "sending" }))).toEqual(["copy"]);
  });
});

describe("an action", () => {
  test("copies the address of the message", async () => {
    const { run, done, notices } = prepare();
    run("link", own);
    await Promise.resolve();
    expect(done).toEqual(["https://chat.example.org/?a=b#/chats/chat/3"]);
    expect(notices.get()[0]?.text).toBe("The link is copied.");
  });

  test("deletes at once, with a way back", () => {
    const { run, notices, undone } = prepare();
    run("delete", own);
    notices.get()[0]?.action?.run();
    expect(undone()).toBe(1);
  });

  test("offers the way back for as long as there is one", () => {
    const { run, shownMs } = prepare();
    run("delete", own);
    expect(shownMs).toEqual([undoMs]);
  });

  test("marks as unread from the message on, and stops reading first", () => {
    const { run, done } = prepare();
    run("unread", theirs);
    expect(done).toEqual([
      ["unread", 4],
      ["changeSettings", { params: { chat_id: "chat" }, body: { unread_from: 4 } }],
    ]);
  });

  test("gives up a message that is not sent", () => {
    const { run, done } = prepare();
    run("discard", asRow(rowOfEntry(sampleEntry("k"), 9, anna)));
    expect(done).toEqual([["discard", "k"]]);
  });
});
