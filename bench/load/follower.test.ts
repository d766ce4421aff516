import { afterEach, describe, expect, test } from "bun:test";
import type { ServerWebSocket } from "bun";
import { createFollower } from "./follower.ts";
import { createFrameReader } from "./frames.ts";
import { createRecord } from "./record.ts";

const chatId = "00000000-0000-4000-8000-000000000001";

const event = (seq: number, key: string | null = `run-${seq}`) =>
  JSON.stringify({
    event: "new_message",
    data: {
      ...{ id: crypto.randomUUID(), chat_id: chatId, seq, version: seq, sender: { name: "Zoë" }, text: "Hi" },
      ...{ created_at: "", is_read: false, read_at: null, idempotency_key: key },
      ...{ mentions: [], edited_at: null, deleted_at: null },
    },
  });

const servers: Bun.Server<undefined>[] = [];
afterEach(() => servers.splice(0).map((server) => server.stop(true)));

/** Follows one chat on a server that says all this to whoever subscribes, and then that it is over. */
async function follow(frames: readonly string[], seq = 0) {
  const over = Promise.withResolvers<void>();
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request, bun) => (bun.upgrade(request) ? undefined : new Response()),
    websocket: {
      message(socket: ServerWebSocket) {
        socket.send(
          JSON.stringify({ status: "subscribed", chats: [{ chat_id: chatId, seq, version: seq }] }),
        );
        for (const frame of frames) socket.send(frame);
        socket.close(4012);
      },
    },
  });
  servers.push(server);
  const record = createRecord();
  for (let count = 0; count < 10; count++) record.sent(performance.now());
  const follower = createFollower({
    ...{
      url: () => `http://127.0.0.1:${server.port}`,
      token: "",
      place: 0,
      record,
      run: "run",
      texts: ['""'],
    },
    onLost: () => over.resolve(),
  });
  await follower.open();
  await over.promise;
  return { record, seq: follower.seqs.get(chatId) };
}

describe("a follower of the load", () => {
  test("hears a chat from where it is", async () => {
    const { record, seq } = await follow([event(5), event(6)], 4);
    expect({ seq, faults: record.faults, deliveries: record.deliveries }).toEqual({
      ...{ seq: 6, faults: [], deliveries: 2 },
    });
  });

  test.each([
    ["is lost", [event(1), event(3)], "seq 3 after 1"],
    ["is doubled", [event(1), event(1)], "seq 1 again, after 1"],
    ["comes too early", [event(2), event(1)], "seq 2 after 0"],
  ])("finds a message that %s", async (_, frames, fault) => {
    expect((await follow(frames)).record.faults).toContain(fault);
  });

  test("finds a frame that refuses something", async () => {
    const refusal = '{"error":"No","code":"chat_not_found"}';
    expect((await follow([refusal])).record.faults).toEqual([refusal]);
  });
});

test.each([
  [1, ["a", "b".repeat(200), ""]],
  [4096, ["a", "c".repeat(70_000), "b".repeat(200)]],
])("frames are the same in a stream that is cut every %i bytes", (size, texts) => {
  const stream = Buffer.concat(texts.map(frameOf));
  const heard: string[] = [];
  const reader = createFrameReader({
    onText: (chunk, start, end) => void heard.push(chunk.toString("utf8", start, end)),
    onPing() {},
    onClose() {},
  });
  for (let from = 0; from < stream.length; from += size) reader.read(stream.subarray(from, from + size));
  expect(heard).toEqual(texts);
});

function frameOf(text: string): Buffer {
  const header = Buffer.alloc(text.length < 126 ? 2 : text.length < 65_536 ? 4 : 10);
  header[0] = 0x81;
  header[1] = header.length === 2 ? text.length : header.length === 4 ? 126 : 127;
  if (header.length === 4) header.writeUInt16BE(text.length, 2);
  if (header.length === 10) header.writeUInt32BE(text.length, 6);
  return Buffer.concat([header, Buffer.from(text)]);
}
