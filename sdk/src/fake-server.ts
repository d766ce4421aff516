// The server that tests talk to: chats, calls and sockets of the contract, without a network.
import type { Clock } from "./clock.ts";
import type { ChatSettings, UserInfo } from "./contract.ts";
import { createFakeChat, type FakeChat } from "./fake-chat.ts";
import { createRoad, noFaults, type Faults } from "./fake-faults.ts";
import { createFakeSockets } from "./fake-socket.ts";
import { sortSummaries } from "./summary.ts";

interface FakeServerNeeds {
  clock: Clock;
  random?: () => number;
  faults?: Faults;
}

/** A token as the client reads it: whose, and until when. */
export function createFakeToken(userId: string, expiresAt: number, mark = ""): string {
  const payload = btoa(JSON.stringify({ sub: userId, exp: Math.floor(expiresAt / 1000), mark }));
  return `head.${payload}.signature`;
}

export function createFakeServer({ clock, random = () => 0.5, faults = { ...noFaults } }: FakeServerNeeds) {
  const chats = new Map<string, FakeChat>();
  const people = new Map<string, UserInfo>();
  const refusedTokens = new Set<string>();
  const road = createRoad({ clock, random, faults });
  /** What was called, in order: `GET /chats/summaries?limit=50`. */
  const calls: string[] = [];
  /** Answers that are due instead of the real ones: `[503, "overloaded"]`. */
  const refusals: { path: RegExp; status: number; code: string; headers?: Record<string, string> }[] = [];

  function authenticate(token: string): UserInfo | undefined {
    if (refusedTokens.has(token)) return undefined;
    const claims = JSON.parse(atob(token.split(".")[1] ?? "")) as { sub: string; exp: number };
    return claims.exp * 1000 > clock.now() ? people.get(claims.sub) : undefined;
  }

  const sockets = createFakeSockets({ clock, road, chats, authenticate });

  /** The chat of this id, if the user is in it. */
  const chatOf = (user: UserInfo, chatId: string) => {
    const chat = chats.get(chatId);
    return chat?.members.has(user.id) ? chat : undefined;
  };

  function handle(url: URL, init: RequestInit): Response {
    const token = (new Headers(init.headers).get("authorization") ?? "").replace("Bearer ", "");
    const path = url.pathname.replace("/api/v1", "");
    calls.push(`${init.method} ${path}${url.search}`);
    const due = refusals.findIndex((refusal) => refusal.path.test(path));
    const [refusal] = due < 0 ? [] : refusals.splice(due, 1);
    if (refusal) return refuse(refusal.status, refusal.code, refusal.headers);
    const user = token === "" ? undefined : authenticate(token);
    if (!user) return refuse(401, "unauthenticated");
    if (path === "/chats/summaries") {
      const mine = [...chats.values()].filter(({ members }) => members.has(user.id));
      const summaries = mine.map((chat) => chat.summaryFor(user.id));
      const start = Number(url.searchParams.get("cursor") ?? 0);
      const end = start + Number(url.searchParams.get("limit"));
      const sorted = sortSummaries(summaries);
      return Response.json({
        chats: sorted.slice(start, end),
        next_cursor: end < sorted.length ? String(end) : null,
      });
    }
    const chat = chatOf(user, /[^/]*chat[^/]*/.exec(path.replace(/^\/chats/, ""))?.[0] ?? "");
    if (!chat) return refuse(404, "chat_not_found");
    if (path.endsWith("/summary")) return Response.json(chat.summaryFor(user.id));
    if (path.endsWith("/settings")) {
      const settings = chat.set(user.id, JSON.parse(init.body as string) as Partial<ChatSettings>);
      const own_version = chat.ownVersion(user.id);
      sockets.tell(user.id, { event: "chat_settings", chat_id: chat.id, own_version, settings });
      return Response.json({ ...settings, own_version });
    }
    if (path.endsWith("/draft")) {
      const draft = chat.write(user.id, (JSON.parse(init.body as string) as { text: string }).text);
      const own_version = chat.ownVersion(user.id);
      sockets.tell(user.id, { event: "draft", chat_id: chat.id, own_version, draft });
      return Response.json({ draft, own_version });
    }
    if (path.endsWith("/readers")) return Response.json({ readers: [], count: 0 });
    if (path.endsWith("/place")) {
      const at = url.searchParams.get("at") ?? "";
      return Response.json({ seq: chat.messages().find(({ created_at }) => created_at >= at)?.seq ?? null });
    }
    if (path.startsWith("/messages/history")) return Response.json(chat.page(url.searchParams));
    const { text, idempotency_key } = JSON.parse(init.body as string) as {
      text: string;
      idempotency_key: string;
    };
    return Response.json(send(user, chat, text, idempotency_key), { status: 201 });
  }

  function send(user: UserInfo, chat: FakeChat, text: string, key: string | null, mentions: string[] = []) {
    const { message, isNew } = chat.send(user, text, key, mentions);
    if (isNew) sockets.publish(chat.id, { event: "new_message", data: message });
    return message;
  }

  return {
    road,
    calls,
    refusals,
    refusedTokens,
    chats,
    sockets,
    webSocket: sockets.webSocket,
    fetch: (url: string, init: RequestInit) => road.call(() => handle(new URL(url), init)),
    person(name: string): UserInfo {
      const person = { id: `user-${name}`, name, email: `${name}@example.org` };
      people.set(person.id, person);
      return person;
    },
    /** A chat of these people; those who listen hear of it. */
    chat(name: string, members: readonly UserInfo[]): FakeChat {
      const chat = createFakeChat(`chat-${name}`, members, () => clock.now());
      chats.set(chat.id, chat);
      for (const { id } of members) sockets.tell(id, { event: "chat_added", chat: chat.summaryFor(id) });
      return chat;
    },
    send,
    edit(chat: FakeChat, seq: number, text: string): void {
      const message = chat.edit(`${chat.id}-${seq}`, text);
      if (message) sockets.publish(chat.id, { event: "message_changed", data: message });
    },
    remove(chat: FakeChat, seq: number): void {
      const message = chat.remove(`${chat.id}-${seq}`);
      if (message) sockets.publish(chat.id, { event: "message_changed", data: message });
    },
    rename: (chat: FakeChat, title: string) => sockets.publish(chat.id, chat.rename(title)),
    /** Another device of this person sets this. */
    set(chat: FakeChat, { id }: UserInfo, change: Partial<ChatSettings>): void {
      const settings = chat.set(id, change);
      const own_version = chat.ownVersion(id);
      sockets.tell(id, { event: "chat_settings", chat_id: chat.id, own_version, settings });
    },
    /** Another device of this person keeps a draft. */
    write(chat: FakeChat, { id }: UserInfo, text: string): void {
      const draft = chat.write(id, text);
      sockets.tell(id, { event: "draft", chat_id: chat.id, own_version: chat.ownVersion(id), draft });
    },
    expel(chat: FakeChat, person: UserInfo): void {
      chat.members.delete(person.id);
      sockets.tell(person.id, { event: "chat_removed", chat_id: chat.id });
    },
    /** The periodic check: whoever is behind learns it. */
    hintPositions(): void {
      for (const chat of chats.values())
        sockets.publish(chat.id, { event: "position", ...chat.position() }, true);
    },
  };
}

export type FakeServer = ReturnType<typeof createFakeServer>;

const refuse = (status: number, code: string, headers: Record<string, string> = {}) =>
  Response.json({ detail: code, code, request_id: "r-1" }, { status, headers });
