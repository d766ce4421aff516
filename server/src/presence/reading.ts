// Reading who is in chats and who shows presence: one statement at a time, for all that are asked about meanwhile.
import type { MemberRow, ProfileRow } from "./presence.store.ts";

export interface Reading {
  /** The chat's members are wanted. */
  chat(chatId: string): void;
  /** Something about the person is another than what was read. */
  person(userId: string): void;
  /** Whether something is being read now: what changes meanwhile may not be in it. */
  readonly isBusy: boolean;
  /** Goes on with what could not be read. */
  resume(): void;
}

interface ReadingNeeds {
  readMembers(chatIds: readonly string[]): Promise<MemberRow[]>;
  readProfiles(userIds: readonly string[]): Promise<ProfileRow[]>;
  /** @param rows the chat's members; nobody if the chat is gone */
  onMembers(chatId: string, rows: readonly MemberRow[]): void;
  onProfile(row: ProfileRow): void;
  /** It is tried again when `resume` is called. */
  onFault(error: unknown): void;
  /** Calls back after what is being done now, so that what it asks for is read together. */
  soon(call: () => void): void;
}

const maxChats = 100;
const maxPeople = 1000;

export function createReading(needs: ReadingNeeds): Reading {
  const { readMembers, readProfiles, onMembers, onProfile, onFault, soon } = needs;
  const chats = new Set<string>();
  const people = new Set<string>();
  let isBusy = false;

  async function readChats(chatIds: readonly string[]): Promise<void> {
    const rows = new Map<string, MemberRow[]>(chatIds.map((id) => [id, []]));
    for (const row of await readMembers(chatIds)) rows.get(row.chat_id)?.push(row);
    for (const [chatId, members] of rows) onMembers(chatId, members);
  }

  async function readPeople(userIds: readonly string[]): Promise<void> {
    for (const row of await readProfiles(userIds)) onProfile(row);
  }

  /** Takes ids out before they are read: what is asked for meanwhile is read once more. */
  async function readSome(
    ids: Set<string>,
    most: number,
    read: (some: readonly string[]) => Promise<void>,
  ): Promise<void> {
    const some = [...ids.keys().take(most)];
    for (const id of some) ids.delete(id);
    try {
      if (some.length > 0) await read(some);
    } catch (error) {
      for (const id of some) ids.add(id);
      throw error;
    }
  }

  async function readAll(): Promise<void> {
    try {
      while (chats.size + people.size > 0) {
        await readSome(chats, maxChats, readChats);
        await readSome(people, maxPeople, readPeople);
      }
    } catch (error) {
      onFault(error);
    } finally {
      isBusy = false;
    }
  }

  function resume(): void {
    if (isBusy || chats.size + people.size === 0) return;
    isBusy = true;
    soon(() => void readAll());
  }

  return {
    resume,
    chat(chatId) {
      chats.add(chatId);
      resume();
    },
    person(userId) {
      people.add(userId);
      resume();
    },
    get isBusy() {
      return isBusy;
    },
  };
}
