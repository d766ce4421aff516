import { describe, expect, test } from "bun:test";
import { createFakeWorld } from "../../../sdk/src/fake-world.ts";
import { createDrafts } from "./drafts.ts";
import type { DraftStorage, StoredDraft } from "./store.ts";

function createMemory(kept: readonly StoredDraft[] = []) {
  const drafts = new Map(kept.map((draft) => [draft.chatId, draft]));
  const storage: DraftStorage = {
    load: async () => [...drafts.values()],
    save: async (draft) => void drafts.set(draft.chatId, draft),
    remove: async (chatId) => void drafts.delete(chatId),
  };
  return { drafts, storage };
}

async function createTalk(kept: readonly StoredDraft[] = []) {
  const world = createFakeWorld();
  const { server, alice, bob, clock } = world;
  const chat = server.chat("talk", [alice, bob]);
  const memory = createMemory(kept);
  async function device(storage: DraftStorage) {
    const client = await world.connected(alice);
    void client.chats.loadMore();
    await clock.advance(10);
    const drafts = createDrafts({ chats: client.chats, storage, clock });
    await clock.advance(10);
    return { client, drafts, draft: drafts.of(chat.id) };
  }
  const here = await device(memory.storage);
  const stored = () => chat.summaryFor(alice.id).draft?.text;
  const saves = () => server.calls.filter((call) => call.startsWith("PUT")).length;
  const fromElsewhere = async (text: string) => {
    server.write(chat, alice, text);
    await clock.advance(10);
  };
  return { ...world, ...here, chat, memory, device, stored, saves, fromElsewhere };
}

describe("a draft", () => {
  test("is here at once, kept here at once, and at the server after a second of rest", async () => {
    const { draft, stored, saves, clock, memory, chat } = await createTalk();
    draft.write("De");
    await clock.advance(900);
    draft.write("Dear");
    expect(draft.get()).toBe("Dear");
    await clock.advance(900);
    expect(memory.drafts.get(chat.id)).toMatchObject({ chatId: chat.id, text: "Dear" });
    expect(stored()).toBeUndefined();
    await clock.advance(200);
    expect(stored()).toBe("Dear");
    expect(saves()).toBe(1);
    expect(memory.drafts.size).toBe(0);
  });

  test("is saved at once when the composer is left, and when the page is hidden", async () => {
    const { draft, drafts, stored, clock } = await createTalk();
    draft.focus();
    draft.write("Dear");
    draft.blur();
    await clock.advance(10);
    expect(stored()).toBe("Dear");
    draft.write("Dear Bob");
    drafts.flush();
    await clock.advance(10);
    expect(stored()).toBe("Dear Bob");
  });

  test("that is sent is none any more, and was perhaps never told", async () => {
    const { draft, stored, saves, clock } = await createTalk();
    draft.write("Quick");
    draft.clear();
    await clock.advance(2000);
    expect(draft.get()).toBe("");
    expect(saves()).toBe(0);
    draft.write("Slow");
    await clock.advance(1100);
    draft.clear();
    await clock.advance(10);
    expect(stored()).toBeUndefined();
  });

  test("reaches the other device, and is taken away there", async () => {
    const { draft, device, clock } = await createTalk();
    const phone = await device(createMemory().storage);
    draft.write("Dear");
    await clock.advance(1100);
    expect(phone.draft.get()).toBe("Dear");
    draft.clear();
    await clock.advance(10);
    expect(phone.draft.get()).toBe("");
  });

  test("from elsewhere does not take the place of what is being written", async () => {
    const { draft, fromElsewhere, stored, clock } = await createTalk();
    draft.focus();
    draft.write("Here");
    await clock.advance(1100);
    await fromElsewhere("Elsewhere");
    expect(draft.get()).toBe("Here");
    draft.write("Here again");
    draft.blur();
    await clock.advance(10);
    expect(draft.get()).toBe("Here again");
    expect(stored()).toBe("Here again");
  });

  test("that is still to go is newer than what came meanwhile", async () => {
    const { draft, fromElsewhere, stored, clock } = await createTalk();
    draft.write("Here");
    await fromElsewhere("Elsewhere");
    await clock.advance(2000);
    expect(draft.get()).toBe("Here");
    expect(stored()).toBe("Here");
  });

  test("from elsewhere comes when the composer is left untouched", async () => {
    const { draft, fromElsewhere } = await createTalk();
    draft.focus();
    await fromElsewhere("Elsewhere");
    expect(draft.get()).toBe("");
    draft.blur();
    expect(draft.get()).toBe("Elsewhere");
  });

  test("that is older than what was written here meanwhile does not undo it", async () => {
    const { draft, clock, stored, server } = await createTalk();
    server.road.faults.callMs = 100;
    server.road.faults.socketMs = 200;
    draft.write("one");
    await clock.advance(1050);
    draft.write("one two");
    draft.blur();
    const seen: string[] = [];
    draft.subscribe((text) => seen.push(text));
    await clock.advance(5000);
    expect(new Set(seen)).toEqual(new Set(["one two"]));
    expect(stored()).toBe("one two");
  });

  test("waits for the network, through a reload too", async () => {
    const { draft, drafts, stored, clock, server, memory, device } = await createTalk();
    server.road.faults.lostCall = 1;
    draft.write("Below ground");
    await clock.advance(30_000);
    expect(stored()).toBeUndefined();
    drafts.end();
    server.road.faults.lostCall = 0;
    const reloaded = await device(memory.storage);
    expect(reloaded.draft.get()).toBe("Below ground");
    await clock.advance(10);
    expect(stored()).toBe("Below ground");
    expect(memory.drafts.size).toBe(0);
  });

  test.each([
    ["written", "Old"],
    ["taken away", ""],
  ])("%s by an earlier run does not undo what another device has written since", async (_, text) => {
    const { chat, device, clock, fromElsewhere, stored, server, drafts } = await createTalk();
    const at = clock.now();
    drafts.end();
    await clock.advance(60_000);
    await fromElsewhere("New");
    const left = createMemory([{ chatId: chat.id, text, at, told: "Before" }]);
    server.calls.length = 0;
    const reloaded = await device(left.storage);
    await clock.advance(2000);
    expect(reloaded.draft.get()).toBe("New");
    expect(stored()).toBe("New");
    expect(server.calls.filter((call) => call.startsWith("PUT"))).toEqual([]);
    expect(left.drafts.size).toBe(0);
  });

  test("of an earlier run is saved when nobody else has written, whatever the clock here says", async () => {
    const { chat, device, clock, fromElsewhere, stored, drafts } = await createTalk();
    drafts.end();
    await fromElsewhere("Dear");
    const left = createMemory([{ chatId: chat.id, text: "Dear Bob", at: 0, told: "Dear" }]);
    await device(left.storage);
    await clock.advance(10);
    expect(stored()).toBe("Dear Bob");
  });

  test("that the server refuses is not sent again and again", async () => {
    const { draft, drafts, saves, clock, server } = await createTalk();
    server.refusals.push({ path: /draft/, status: 404, code: "chat_not_found" });
    draft.write("Too late");
    await clock.advance(1100);
    drafts.flush();
    await clock.advance(10);
    expect(saves()).toBe(1);
  });

  test("longer than a message stays here", async () => {
    const { draft, saves, clock, memory, chat } = await createTalk();
    draft.write("x".repeat(4097));
    await clock.advance(1100);
    expect(saves()).toBe(0);
    expect(memory.drafts.get(chat.id)?.text).toHaveLength(4097);
    draft.write("short");
    await clock.advance(1100);
    expect(saves()).toBe(1);
  });
});
