// A floor for fan-out: Bun's own topics and nothing else. What comes in goes out to all, in the bytes of a new message.
const topic = "all";
const id = crypto.randomUUID();
let seq = 0;

Bun.serve({
  hostname: "127.0.0.1",
  port: Number(process.env["PORT"]),
  fetch: (request, server) => (server.upgrade(request) ? undefined : new Response("ready")),
  websocket: {
    idleTimeout: 30,
    backpressureLimit: 16 * 1024 * 1024,
    open: (socket) => void socket.subscribe(topic),
    message(socket, message) {
      const { chat_id, text, request_id, idempotency_key, action } = JSON.parse(String(message)) as Record<
        string,
        string
      >;
      if (action !== "send_message") {
        socket.send(JSON.stringify({ status: "joined", chat_id, request_id }));
        return;
      }
      const sender = { id, name: "Person 1", email: "1@example.org" };
      const data = {
        ...{ id, chat_id, seq: ++seq, version: seq, sender, text, created_at: new Date().toISOString() },
        ...{ is_read: false, read_at: null, idempotency_key },
      };
      const frame = JSON.stringify({ event: "new_message", data, request_id });
      socket.publish(topic, frame);
      socket.send(frame);
    },
  },
});
