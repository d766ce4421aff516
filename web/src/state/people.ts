// People: those in a chat, and those who can be found.
import { createObservable, isFailure, type Client, type Observable, type UserInfo } from "@windi/sdk";

export interface People {
  /** By the beginning of a word of the name among those whom one shares a chat with, or by a whole address. */
  find(query: string, options?: { signal?: AbortSignal; limit?: number }): Promise<readonly UserInfo[]>;
  /** A chat's members, oneself included, by name; current while somebody is subscribed. Empty until they are here. */
  members(chatId: string): Observable<readonly UserInfo[]>;
}

interface PeopleNeeds {
  client: Pick<Client, "call" | "chats" | "onEvent" | "connection">;
  me: Observable<UserInfo>;
}

interface Room {
  source: ReturnType<typeof createObservable<readonly UserInfo[]>>;
  watchers: number;
  /** Whether they may have changed since they were asked for. */
  isStale: boolean;
  isLoading: boolean;
}

export function createPeople({ client, me }: PeopleNeeds): People & { end(): void } {
  const rooms = new Map<string, Room>();

  function roomOf(chatId: string): Room {
    const found = rooms.get(chatId);
    if (found) return found;
    const source = createObservable<readonly UserInfo[]>([]);
    const room = { source, watchers: 0, isStale: true, isLoading: false };
    rooms.set(chatId, room);
    return room;
  }

  async function ask(chatId: string): Promise<readonly UserInfo[]> {
    const params = { chat_id: chatId };
    const chat = client.chats.find(chatId) ?? (await client.call("getSummary", { params }));
    if (chat.group_id === null) return [me.get(), ...(chat.peer ? [chat.peer] : [])];
    const { members } = await client.call("getGroup", { params: { group_id: chat.group_id } });
    return members.map(({ user }) => user);
  }

  /** Once at a time, and again if something happened meanwhile. What fails is asked for at the next connection. */
  async function refresh(chatId: string, room: Room): Promise<void> {
    if (room.watchers === 0 || !room.isStale || room.isLoading) return;
    room.isLoading = true;
    room.isStale = false;
    try {
      room.source.set((await ask(chatId)).toSorted(byName));
      room.isLoading = false;
    } catch (error) {
      if (!isFailure(error)) throw error;
      room.isLoading = false;
      room.isStale = true;
      return;
    }
    void refresh(chatId, room);
  }

  function touch(chatId: string): void {
    const room = rooms.get(chatId);
    if (!room) return;
    room.isStale = true;
    void refresh(chatId, room);
  }

  function rename(user: UserInfo): void {
    for (const { source } of rooms.values())
      if (source.get().some(({ id }) => id === user.id))
        source.set(
          source
            .get()
            .map((one) => (one.id === user.id ? user : one))
            .toSorted(byName),
        );
  }

  const stops = [
    client.onEvent((event) => {
      if (event.event === "user_changed") rename(event.user);
      else if (event.event === "members_added" || event.event === "members_removed") touch(event.chat_id);
    }),
    // What happened without a connection, nobody told.
    client.connection.subscribe(({ phase }) => {
      if (phase === "subscribed") for (const chatId of rooms.keys()) touch(chatId);
    }),
    me.subscribe(rename),
  ];

  return {
    async find(query, { signal, limit = 20 } = {}) {
      const options = signal ? { signal } : {};
      return (await client.call("findPeople", { query: { query, limit } }, options)).people;
    },
    members(chatId) {
      const room = roomOf(chatId);
      return {
        get: room.source.get,
        subscribe(listener) {
          room.watchers++;
          void refresh(chatId, room);
          const stop = room.source.subscribe(listener);
          let isEnded = false;
          return () => {
            if (isEnded) return;
            isEnded = true;
            room.watchers--;
            stop();
          };
        },
      };
    },
    end() {
      for (const stop of stops) stop();
    },
  };
}

const byName = (a: UserInfo, b: UserInfo): number => a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1);
