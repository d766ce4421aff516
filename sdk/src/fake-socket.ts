// The sockets of the server that tests talk to: what each action does, and who hears which event.
import type { Clock } from "./clock.ts";
import type { Position, ServerFrame, UserInfo } from "./contract.ts";
import type { FakeChat } from "./fake-chat.ts";
import type { Road } from "./fake-faults.ts";
import type { WebSocketConstructor } from "./wire.ts";

export interface FakeFrame {
  action: string;
  request_id?: string;
  chat_id: string;
  message_id: string;
  text: string;
  idempotency_key: string;
  mentions: string[];
  chats: Position[];
}

interface FakeSocketsNeeds {
  clock: Clock;
  road: Road;
  chats: ReadonlyMap<string, FakeChat>;
  authenticate: (token: string) => UserInfo | undefined;
}

type Listener = (event: { data: unknown; code: number }) => void;

export interface FakeSocket {
  user: UserInfo | undefined;
  isSubscribed: boolean;
  joined: Set<string>;
  /** To this client, in order. */
  deliver(frame: ServerFrame): void;
  /** To this client, if it is still there, now. */
  deliverNow(frame: ServerFrame): void;
  /** Ends the connection; the client learns it. */
  cut(code?: number): void;
  /** From now on nothing goes either way, and nobody is told. */
  freeze(): void;
}

export function createFakeSockets({ clock, road, chats, authenticate }: FakeSocketsNeeds) {
  const open = new Set<FakeSocket>();
  /** What each attempt to connect showed, in order. */
  const entrances: { url: string; protocols: string[] }[] = [];
  /** Frames from clients, in order. */
  const frames: FakeFrame[] = [];
  const control = {
    /** Every attempt to connect fails. */
    isDown: false,
    /** Instead of doing what a frame asks; undefined does it. */
    intercept: (_frame: FakeFrame): ServerFrame | "ignore" | undefined => undefined,
    /** How many chats one answer to catching up holds. */
    mostAnswered: Infinity,
  };

  const listens = (socket: FakeSocket, chatId: string) =>
    socket.isSubscribed && socket.user !== undefined && chats.get(chatId)?.members.has(socket.user.id);

  /** To all who follow the chat; the bus may lose it. `origin` hears it for certain, as its answer. */
  function publish(chatId: string, frame: ServerFrame, isReliable = false, origin?: FakeSocket): void {
    for (const socket of open) {
      if (socket === origin || !listens(socket, chatId)) continue;
      if (isReliable) socket.deliver(frame);
      else road.byBus(() => socket.deliverNow(frame));
    }
  }

  function perform(socket: FakeSocket, user: UserInfo, frame: FakeFrame): void {
    const echo = frame.request_id === undefined ? {} : { request_id: frame.request_id };
    const instead = control.intercept(frame);
    if (instead === "ignore") return;
    if (instead) return socket.deliver({ ...instead, ...echo });
    const chat = chats.get(frame.chat_id);
    const own = chat?.members.has(user.id) ? chat : undefined;
    const { chat_id } = frame;
    if (frame.action === "subscribe") {
      socket.isSubscribed = true;
      const mine = [...chats.values()].filter(({ members }) => members.has(user.id));
      const positions = mine.map((each) => each.position());
      return socket.deliver({ status: "subscribed", chats: positions, is_complete: true, ...echo });
    }
    if (frame.action === "catch_up") {
      const answered = frame.chats.slice(0, control.mostAnswered);
      const changes = answered.map((from) => {
        const asked = chats.get(from.chat_id);
        return asked?.members.has(user.id)
          ? asked.changesSince(from)
          : ({ outcome: "gone", chat_id: from.chat_id } as const);
      });
      const deferred = frame.chats.slice(answered.length).map((from) => from.chat_id);
      return socket.deliver({ status: "caught_up", chats: changes, deferred, ...echo });
    }
    if (frame.action === "leave_chat") {
      socket.joined.delete(chat_id);
      return socket.deliver({ status: "left", chat_id, ...echo });
    }
    if (!own) return socket.deliver({ error: "Chat not found", code: "chat_not_found", ...echo });
    if (frame.action === "join_chat") {
      socket.joined.add(chat_id);
      return socket.deliver({ status: "joined", chat_id, ...echo });
    }
    if (frame.action === "send_message") {
      const { message, isNew } = own.send(user, frame.text, frame.idempotency_key, frame.mentions);
      const event = { event: "new_message", data: message } as const;
      if (isNew) publish(chat_id, event, false, socket);
      return socket.deliver({ ...event, ...echo });
    }
    if (frame.action === "message_read") {
      const seq = Number(frame.message_id.split("-").at(-1));
      const read_seq = own.read(user.id, seq);
      const data = {
        chat_id,
        message_id: frame.message_id,
        user_id: user.id,
        read_at: new Date(clock.now()).toISOString(),
      };
      for (const each of open) if (each.joined.has(chat_id)) each.deliver({ event: "message_read", data });
      const own_version = own.ownVersion(user.id);
      for (const each of open)
        if (each.user?.id === user.id)
          road.late(() => each.deliverNow({ event: "chat_read", chat_id, read_seq, own_version }));
      socket.deliver({ event: "message_read", data, ...echo });
    }
  }

  class Socket implements FakeSocket {
    readonly #listeners: Record<string, Listener[]> = {};
    #isOver = false;
    isSubscribed = false;
    readonly joined = new Set<string>();
    user: UserInfo | undefined;

    constructor(url: string, protocols: string[] = []) {
      entrances.push({ url, protocols });
      road.inOrder(() => {
        if (control.isDown) return this.cut(1006);
        const [, ticket] = protocols;
        const token = new URL(url).searchParams.get("token") ?? "";
        this.user = authenticate(ticket?.replace("ticket.", "") ?? token);
        this.#emit("open", {});
        open.add(this);
        if (!this.user) this.cut(4001);
      });
    }

    addEventListener(type: string, listener: Listener): void {
      (this.#listeners[type] ??= []).push(listener);
    }

    #emit(type: string, event: object): void {
      if (this.#isOver) return;
      for (const listener of this.#listeners[type] ?? []) listener({ data: undefined, code: 0, ...event });
    }

    send(text: string): void {
      road.inOrder(() => {
        if (this.#isOver || !this.user) return;
        const frame = JSON.parse(text) as FakeFrame;
        frames.push(frame);
        perform(this, this.user, frame);
      });
    }

    deliver(frame: ServerFrame): void {
      road.inOrder(() => this.deliverNow(frame));
    }

    deliverNow(frame: ServerFrame): void {
      this.#emit("message", { data: JSON.stringify(frame) });
    }

    cut(code = 1006): void {
      this.#emit("close", { code });
      this.freeze();
    }

    freeze(): void {
      this.#isOver = true;
      open.delete(this);
    }

    close(): void {
      this.freeze();
    }
  }

  return {
    open,
    entrances,
    frames,
    control,
    publish,
    /** To all connections of a user that are subscribed. */
    tell(userId: string, frame: ServerFrame): void {
      const isOwn = "own_version" in frame;
      for (const socket of open) {
        if (socket.user?.id !== userId || !socket.isSubscribed) continue;
        if (isOwn) road.late(() => socket.deliverNow(frame));
        else socket.deliver(frame);
      }
    },
    webSocket: Socket satisfies WebSocketConstructor as WebSocketConstructor,
  };
}
