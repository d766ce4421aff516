// What a signed-in person works with: the connection, chats, drafts and people, made together and ended together.
import {
  ApiError,
  createClient,
  createObservable,
  isFailure,
  type Client,
  type ClientOptions,
  type Clock,
  type MyProfile,
  type Observable,
  type UserInfo,
} from "@windi/sdk";
import { readSubject } from "./access.ts";
import { createDrafts, type Drafts } from "./drafts.ts";
import { createPeople, type People } from "./people.ts";
import type { Session } from "./session.ts";
import type { Store } from "./store.ts";

export interface Messenger extends Disposable {
  readonly client: Client;
  readonly me: Observable<MyProfile>;
  readonly drafts: Drafts;
  readonly people: People;
  /** What is still to be done before the person signs out: later it cannot be. */
  readonly farewells: Set<() => Promise<void>>;
  /** Who has read a message, as far as there is room to name them, and how many have. */
  readers(
    chatId: string,
    messageId: string,
  ): Promise<{ readonly readers: readonly UserInfo[]; readonly count: number }>;
  /** Seq of the first message at or after a moment; null when there is none. */
  placeAt(chatId: string, moment: Date): Promise<number | null>;
  close(): void;
}

interface MessengerNeeds extends Pick<ClientOptions, "fetch" | "webSocket" | "random" | "newKey" | "wake"> {
  /** Where the server is, without a slash at the end. */
  url: string;
  session: Session;
  me: MyProfile;
  store: Store;
  clock: Clock;
  /** Calls when the page is hidden or about to go; answers with a way to end this. */
  watchHidden: (hidden: () => void) => () => void;
}

/** A connection that was refused though the person is signed in is tried again after this. */
const againMs = 30_000;

export function createMessenger(needs: MessengerNeeds): Messenger {
  const { session, store, clock, watchHidden, me: initial, url, ...rest } = needs;
  const me = createObservable(initial);
  const client = createClient({
    ...rest,
    url,
    clock,
    userId: initial.id,
    token,
    ticket,
    storage: store.outbox,
    cache: store.cache,
  });
  const drafts = createDrafts({ chats: client.chats, storage: store.drafts, clock });
  const people = createPeople({ client, me });
  let cancelAgain = () => {};

  const stops = [
    session.subscribe((now) => {
      if (now.phase === "signed_in" && now.me.id === initial.id) me.set(now.me);
    }),
    client.onEvent((event) => {
      if (event.event === "user_changed" && event.user.id === initial.id)
        session.changedElsewhere(event.user);
    }),
    client.connection.subscribe((state) => {
      cancelAgain();
      if (state.phase === "subscribed") drafts.flush();
      if (state.phase === "closed" && state.reason === "signed_out" && session.get().phase === "signed_in")
        cancelAgain = clock.later(againMs, client.connect);
    }),
    watchHidden(() => {
      drafts.flush();
      client.keep();
    }),
  ];

  client.connect();
  void loadChats();

  /** What is still under way for this person is not to be done as whoever signs in on this browser next. */
  function refuse(): never {
    throw new ApiError({ code: "session_ended", detail: "Somebody else is signed in by now" });
  }

  async function token(refused: string | undefined): Promise<string> {
    const given = await session.token(refused);
    return readSubject(given) === initial.id ? given : refuse();
  }

  async function ticket(): Promise<string> {
    const given = await session.ticket();
    const now = session.get();
    return now.phase === "signed_in" && now.me.id === initial.id ? given : refuse();
  }

  /** The first page is what is looked at; all of them are what is searched and counted. */
  async function loadChats(): Promise<void> {
    try {
      await client.chats.loadMore();
      await client.chats.loadAll();
    } catch (error) {
      // The session has ended, and says so itself.
      if (!isFailure(error)) throw error;
    }
  }

  let isClosed = false;
  const messenger: Messenger = {
    client,
    me: { get: me.get, subscribe: me.subscribe },
    drafts,
    people,
    farewells: new Set(),
    readers: (chatId, messageId) =>
      client.call("getReaders", { params: { chat_id: chatId, message_id: messageId } }),
    async placeAt(chatId, moment) {
      const input = { params: { chat_id: chatId }, query: { at: moment.toISOString() } };
      return (await client.call("findPlace", input)).seq;
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      cancelAgain();
      for (const stop of stops) stop();
      drafts.end();
      people.end();
      client.close();
      store.close();
    },
    [Symbol.dispose]: () => messenger.close(),
  };
  return messenger;
}
