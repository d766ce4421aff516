// Floors for delivery: no tokens, no rules, no database; what comes in goes out to all who joined, in the bytes of a new message.
// By Bun's own topics and serialised once; or, with NAIVE set, serialised and sent for each of them.
import type { ServerWebSocket } from "bun";

const isNaive = process.env["NAIVE"] !== undefined;
const sender = { id: crypto.randomUUID(), name: "Person 1", email: "1@example.org" };
const seqs = new Map<string, number>();
const joined = new Map<string, Set<ServerWebSocket<unknown>>>();

function join(socket: ServerWebSocket<unknown>, chatId: string): void {
  if (!isNaive) return void socket.subscribe(chatId);
  const sockets = joined.get(chatId);
  if (sockets) sockets.add(socket);
  else joined.set(chatId, new Set([socket]));
  return undefined;
}

function toEvent({ chat_id = "", text, idempotency_key }: Record<string, string>) {
  const seq = (seqs.get(chat_id) ?? 0) + 1;
  seqs.set(chat_id, seq);
  const head = { id: crypto.randomUUID(), chat_id, seq, version: seq, sender, text };
  const state = { created_at: new Date().toISOString(), is_read: false, read_at: null, idempotency_key };
  const data = { ...head, ...state, mentions: [], edited_at: null, deleted_at: null };
  return { event: "new_message", data };
}

Bun.serve({
  hostname: "127.0.0.1",
  port: Number(process.env["PORT"]),
  fetch: (request, server) => (server.upgrade(request) ? undefined : new Response("ready")),
  websocket: {
    idleTimeout: 30,
    backpressureLimit: 16 * 1024 * 1024,
    message(socket, message) {
      const frame = JSON.parse(String(message)) as Record<string, string>;
      const { action, chat_id = "", request_id } = frame;
      if (action === "join_chat") {
        join(socket, chat_id);
        socket.send(JSON.stringify({ status: "joined", chat_id, request_id }));
        return;
      }
      const event = toEvent(frame);
      if (isNaive) {
        for (const one of joined.get(chat_id) ?? [])
          one.send(JSON.stringify(one === socket ? { ...event, request_id } : event));
        return;
      }
      const text = JSON.stringify(event);
      socket.publish(chat_id, text);
      socket.send(`${text.slice(0, -1)},"request_id":${JSON.stringify(request_id)}}`);
    },
    close(socket) {
      if (isNaive) for (const sockets of joined.values()) sockets.delete(socket);
    },
  },
});
