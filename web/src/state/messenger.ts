// Everything that one signed-in person sees and does: chats, messages, marks, and the connection that feeds them.
import type { ChatInfo, ServerFrame, UserInfo } from "@windi/protocol";
import type { Clock } from "../clock.ts";
import { ApiError, type Api } from "../wire/api.ts";
import { createSocket } from "../wire/socket.ts";
import type { Chat } from "./chat.ts";
import { createChatList } from "./chat-list.ts";
import { createHistory } from "./history.ts";
import { createJoins, joinFrame } from "./joins.ts";
import type { Outbox, PendingMessage } from "./outbox.ts";
import { createTyping } from "./typing.ts";

interface MessengerNeeds {
  me: UserInfo;
  api: Api;
  clock: Clock;
  /** These two outlive a session that ends by itself, so that nothing unsent is lost. */
  outbox: Outbox;
  drafts: Map<string, string>;
  /** Address of the WebSocket, token included. */
  socketAddress: () => string;
  /** Is anybody looking, so that polling makes sense. */
  isVisible: () => boolean;
  /** Anything that a view shows may have changed. */
  onChange: () => void;
  /** The token is no longer accepted. */
  onSessionEnd: () => void;
  /** A chat went away that I did not delete myself. */
  onChatGone: (chat: Chat) => void;
}

const lateMs = 2_000;
const pollMs = 15_000;
/** Chats whose last message is fetched for the list at once; the others get theirs as they come to life. */
const peeked = 40;

export function createMessenger(needs: MessengerNeeds) {
  const { me, api, clock, outbox, drafts, onChange } = needs;
  const chats = createChatList(me.id);
  const typing = createTyping({ clock, onChange });
  const history = createHistory({ api, clock, onChange, onFailure: handleFailure });
  const joins = createJoins({ clock, send: (frame) => socket.send(frame) });
  const socket = createSocket({
    clock,
    address: needs.socketAddress,
    onOpen: handleOpen,
    onFrame: handleFrame,
    onLost: handleLost,
    onRefused: needs.onSessionEnd,
    probe() {
      const chatId = openChatId ?? chats.all()[0]?.id;
      return chatId === undefined ? undefined : joinFrame(chatId);
    },
  });
  /** Per chat, up to which seq this connection was told that I have read. */
  const told = new Map<string, number>();
  let openChatId: string | undefined;
  let isLate = false;
  let isDisposed = false;
  let cancelLate = () => {};
  let cancelPoll = () => {};

  function start(): void {
    watchLateness();
    socket.connect();
    void refresh();
    schedulePoll();
  }

  function watchLateness(): void {
    cancelLate();
    cancelLate = clock.later(lateMs, () => {
      isLate = true;
      onChange();
    });
  }

  function schedulePoll(): void {
    cancelPoll();
    cancelPoll = clock.later(pollMs, () => {
      if (needs.isVisible()) void refresh();
      schedulePoll();
    });
  }

  function handleFailure(chat: Chat | undefined, error: ApiError): void {
    // An answer to a session that is over says nothing about the next one.
    if (isDisposed) return;
    if (error.code === "unauthenticated") needs.onSessionEnd();
    else if (error.code === "chat_not_found" && chat) void refresh();
  }

  /** Reads the list of chats: new ones are joined, those that are gone are dropped. */
  async function refresh(): Promise<void> {
    try {
      const infos = await api.listChats();
      if (!isDisposed) apply(infos);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      handleFailure(undefined, error);
    }
  }

  function apply(infos: readonly ChatInfo[]): void {
    const isFirst = !chats.isLoaded();
    const { added, removed } = chats.replace(infos);
    for (const [index, chat] of added.entries()) {
      if (index < peeked && chat.id !== openChatId) void history.peek(chat, !isFirst);
    }
    if (socket.isOpen()) joins.add(added.map((chat) => chat.id));
    for (const chat of removed) {
      outbox.forget(chat.id);
      needs.onChatGone(chat);
    }
    if (openChatId && added.some((chat) => chat.id === openChatId)) open(openChatId);
    onChange();
  }

  function handleOpen(): void {
    cancelLate();
    isLate = false;
    joins.restart([...(openChatId ? [openChatId] : []), ...chats.all().map((chat) => chat.id)]);
    void refresh();
    onChange();
  }

  function handleLost(): void {
    for (const chat of chats.all()) chat.isJoined = false;
    told.clear();
    joins.stop();
    outbox.connectionLost();
    watchLateness();
    onChange();
  }

  function handleJoined(chatId: string): void {
    const chat = chats.get(chatId);
    if (!chat || chat.isJoined) return;
    chat.isJoined = true;
    // Joined first, then asked: what is committed between the two comes twice rather than never.
    if (chat.isLoaded || chatId === openChatId) void history.refresh(chat);
    else if (chat.log.messages.length > 0) void history.catchUp(chat);
    outbox.flush(chatId);
  }

  function handleFrame(frame: ServerFrame): void {
    if ("status" in frame) {
      if (frame.status === "joined") handleJoined(frame.chat_id);
      return;
    }
    if ("error" in frame) {
      if (frame.request_id) outbox.refuse(frame.request_id, frame.code, frame.retry_after_ms);
      if (frame.code === "chat_not_found") void refresh();
      return;
    }
    if (frame.event === "typing") {
      if (frame.user_id !== me.id) typing.heard(frame.chat_id, frame.user_id, frame.user_name);
      return;
    }
    // The page follows no chat as a whole: nothing else is told to it.
    if (frame.event !== "new_message" && frame.event !== "message_read") return;
    const chat = chats.get(frame.data.chat_id);
    if (!chat) return;
    if (frame.event === "message_read") chat.marks.heard(frame.data);
    else {
      const message = frame.data;
      chat.log.merge([message]);
      chats.raise(chat.id);
      typing.stopped(chat.id, message.sender.id);
      if (message.sender.id === me.id && message.idempotency_key)
        outbox.acknowledge(chat.id, message.idempotency_key);
      if (chat.isLoaded && chat.log.hasGap()) void history.closeHole(chat);
    }
    onChange();
  }

  function open(chatId: string | undefined): void {
    openChatId = chatId;
    const chat = chatId === undefined ? undefined : chats.get(chatId);
    if (chat && !chat.isLoaded) void history.refresh(chat);
    onChange();
  }

  return {
    me,
    api,
    start,
    chats,
    refresh,
    open,
    isLate: () => isLate,
    typists: (chat: Chat) => typing.names(chat.id),
    pending: (chat: Chat): readonly PendingMessage[] => outbox.pending(chat.id),
    hasUnsent: () => !outbox.isEmpty(),
    /** Everybody I share a chat with, by name. */
    knownPeople(): UserInfo[] {
      const people = new Map(
        chats.all().flatMap((chat) => chat.info.members.map(({ user }) => [user.id, user])),
      );
      people.delete(me.id);
      return [...people.values()].toSorted((one, other) => one.name.localeCompare(other.name));
    },
    isLoadingOlder: (chat: Chat) => history.isBusy(chat),
    loadOlder: (chat: Chat) => history.loadOlder(chat),
    /** A chat that I have just made or changed, as the server answered it. */
    async learn(chatId: string): Promise<void> {
      await refresh();
      chats.raise(chatId);
      onChange();
    },
    send(chat: Chat, text: string): void {
      drafts.delete(chat.id);
      outbox.add(chat.id, text);
      typing.said(chat.id);
      chats.raise(chat.id);
    },
    retry: (chat: Chat, key: string) => outbox.retry(chat.id, key),
    discard: (chat: Chat, key: string) => outbox.discard(chat.id, key),
    draft: (chat: Chat) => drafts.get(chat.id) ?? "",
    /** The person changes what they are about to send. */
    writes(chat: Chat, draft: string): void {
      if (draft === "") drafts.delete(chat.id);
      else drafts.set(chat.id, draft);
      if (draft === "") return;
      if (chat.isJoined && typing.shouldSay(chat.id)) socket.send({ action: "typing", chat_id: chat.id });
    },
    /** The message with this seq, and so everything before it, has been seen. */
    saw(chat: Chat, seq: number): void {
      const unread = chat.log.messages.findLast(
        (message) =>
          message.seq <= seq && message.seq > (told.get(chat.id) ?? 0) && chat.marks.isFromOthers(message),
      );
      if (!unread || !socket.send({ action: "message_read", chat_id: chat.id, message_id: unread.id }))
        return;
      told.set(chat.id, unread.seq);
      chat.marks.moveMine(unread.seq);
      onChange();
    },
    /** Puts a message on the wire, if its chat is joined. */
    transmit(chatId: string, message: PendingMessage): boolean {
      if (!chats.get(chatId)?.isJoined) return false;
      const { key, text } = message;
      return socket.send({
        action: "send_message",
        chat_id: chatId,
        text,
        idempotency_key: key,
        request_id: key,
      });
    },
    /** The connection is not to be trusted: take another. */
    reconnect: () => socket.lose(),
    /** The person or the network is back. */
    wake(): void {
      socket.hurry();
      void refresh();
      schedulePoll();
    },
    dispose(): void {
      isDisposed = true;
      cancelLate();
      cancelPoll();
      history.dispose();
      joins.stop();
      socket.stop();
      outbox.connectionLost();
    },
  };
}

export type Messenger = ReturnType<typeof createMessenger>;
