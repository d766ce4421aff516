import { expect, test } from "bun:test";
import { listen, maxWaitingBytes, type Listener, type Socket } from "../server/src/runtime/bun.ts";
import { openRawSocket, opcodes, type RawSocket } from "./raw-socket.ts";
import { until } from "./until.ts";

const topic = "chat";

/** A listener whose sockets all follow one topic; the path of a socket that has ended is in `ended`. */
function listenOn(silenceSeconds = 40) {
  const ended: string[] = [];
  const sockets = new Map<string, Socket>();
  const listener = listen({
    host: "127.0.0.1",
    port: 0,
    silenceSeconds,
    fetch: () => new Response(),
    isWebSocketPath: () => true,
    async handshake({ url }) {
      const { pathname } = new URL(url);
      return {
        accept: {
          open(socket) {
            sockets.set(pathname, socket);
            socket.follow(topic);
          },
          frame: () => {},
          closed: () => void ended.push(pathname),
        },
      };
    },
  });
  return { listener, sockets, ended };
}

const numbers = ({ frames }: RawSocket) =>
  frames
    .filter(({ opcode }) => opcode === opcodes.text)
    .map(({ payload }) => Number.parseInt(payload.toString(), 10));
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

/** Each way a frame takes to a socket. */
const ways: [string, (listener: Listener, sockets: Map<string, Socket>, frame: string) => void][] = [
  ["published to all", ({ publish }, _, frame) => publish(topic, frame)],
  ["published to the others", (_, sockets, frame) => sockets.get("/sender")?.publishToOthers(topic, frame)],
  [
    "sent to each",
    (_, sockets, frame) => ["/stalled", "/reader"].forEach((path) => sockets.get(path)?.send(frame)),
  ],
];

test.each(ways)(
  "a reader that stops is cut at its limit, without a hole in what it got; others get all in order (%s)",
  async (_, deliver) => {
    const { listener, sockets, ended } = listenOn();
    await using _listener = listener;
    const open = (target: string) => openRawSocket(listener.url, { target });
    const [stalled, reader] = await Promise.all([open("/stalled"), open("/reader"), open("/sender")]);
    stalled.pause();

    const padding = ` ${"x".repeat(32 * 1024)}`;
    let count = 0;
    // The kernel takes some megabytes for the stalled one before anything waits in the server.
    while (!ended.includes("/stalled")) {
      if (count > 2000) throw new Error("The stalled reader is kept");
      deliver(listener, sockets, count + padding);
      expect(await reader.next()).toBeDefined();
      count++;
    }
    for (let i = 0; i < 20; i++) deliver(listener, sockets, count++ + padding);
    while (numbers(reader).length < count) await reader.next();
    expect(numbers(reader)).toEqual(upTo(count));
    expect(ended).toEqual(["/stalled"]);

    stalled.resume();
    expect(await stalled.closed).toBe(1006);
    const got = numbers(stalled);
    expect(got).toEqual(upTo(got.length));
    expect(count - 20 - got.length).toBeLessThanOrEqual((2 * maxWaitingBytes) / padding.length);
  },
);

test.each([false, true])(
  "a connection whose other end is gone without a word is noticed; one that is only quiet is kept (frames go out: %p)",
  async (isBusy) => {
    const { listener, ended } = listenOn(4);
    await using _listener = listener;
    const quiet = await openRawSocket(listener.url, { target: "/quiet" });
    const gone = await openRawSocket(listener.url, { target: "/gone", answersPings: false });
    const sending = setInterval(() => isBusy && listener.publish(topic, "on and on"), 100);
    expect(await gone.closed).toBe(1006);
    clearInterval(sending);
    expect(gone.frames.map(({ opcode }) => opcode)).toContain(opcodes.ping);
    expect(ended).toEqual(["/gone"]);
    listener.publish(topic, "still there");
    await until(() => quiet.frames.at(-1)?.payload.toString() === "still there");
  },
  30_000,
);
