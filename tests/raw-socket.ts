// A WebSocket client made by hand on a TCP connection: for what no proper client sends, and for one that stops reading.
import { connect, type Socket } from "node:net";

export const opcodes = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface RawFrame {
  opcode: number;
  payload: Buffer;
}

export interface RawSocket {
  /** The server's answer to the request to upgrade. */
  readonly status: number;
  readonly frames: RawFrame[];
  /** Sends one whole, masked frame. */
  send(opcode: number, payload: string | Uint8Array): void;
  sendJson(frame: object): void;
  /** The next frame that was not taken yet; undefined when the connection has ended. */
  next(): Promise<RawFrame | undefined>;
  nextJson(): Promise<Record<string, unknown>>;
  /** Reads no more from the connection, as a client does that hangs; nothing is answered, pings neither. */
  pause(): void;
  resume(): void;
  /** Resolves when the connection has ended; the code is that of the server's close frame, 1006 without one. */
  readonly closed: Promise<number>;
  destroy(): void;
}

export interface RawRequest {
  /** The request's target, to the letter. */
  target: string;
  headers?: Record<string, string>;
  /** Whether pings are answered. */
  answersPings?: boolean;
  /** Ends it, also while the upgrade is not answered. */
  signal?: AbortSignal;
}

export async function openRawSocket(url: string, request: RawRequest): Promise<RawSocket> {
  const { host, hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const { signal } = request;
  if (signal?.aborted) socket.destroy();
  else signal?.addEventListener("abort", () => void socket.destroy(), { once: true });
  const frames: RawFrame[] = [];
  const unclaimed: RawFrame[] = [];
  const waiting: ((frame: RawFrame | undefined) => void)[] = [];
  const upgraded = Promise.withResolvers<number>();
  const ended = Promise.withResolvers<number>();
  let status = 0;
  let closeCode = 1006;
  let isOver = false;
  let buffer = Buffer.alloc(0);

  function take(frame: RawFrame) {
    frames.push(frame);
    if (frame.opcode === opcodes.close && frame.payload.length >= 2)
      closeCode = frame.payload.readUInt16BE(0);
    if (frame.opcode === opcodes.ping && request.answersPings !== false)
      write(socket, opcodes.pong, frame.payload);
    if (frame.opcode >= opcodes.close) return;
    const waiter = waiting.shift();
    if (waiter) waiter(frame);
    else unclaimed.push(frame);
  }

  socket.on("data", (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk]);
    if (status === 0) {
      const end = buffer.indexOf("\r\n\r\n");
      if (end === -1) return;
      status = Number(buffer.subarray(9, 12).toString());
      buffer = buffer.subarray(end + 4);
      upgraded.resolve(status);
    }
    if (status !== 101) return;
    for (let read = decode(buffer); read; read = decode(buffer)) {
      buffer = buffer.subarray(read.size);
      take(read.frame);
    }
  });
  socket.on("error", () => {});
  socket.on("close", () => {
    isOver = true;
    upgraded.resolve(status);
    ended.resolve(closeCode);
    for (const waiter of waiting.splice(0)) waiter(undefined);
  });

  const headers = {
    Host: host,
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
    ...request.headers,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.write(`${[`GET ${request.target} HTTP/1.1`, ...lines].join("\r\n")}\r\n\r\n`);
  await upgraded.promise;

  function next(): Promise<RawFrame | undefined> {
    const frame = unclaimed.shift();
    if (frame || isOver) return Promise.resolve(frame);
    return new Promise((resolve) => waiting.push(resolve));
  }

  return {
    status,
    frames,
    send: (opcode, payload) => write(socket, opcode, payload),
    sendJson: (frame) => write(socket, opcodes.text, JSON.stringify(frame)),
    next,
    async nextJson() {
      const frame = await next();
      if (!frame) throw new Error(`The connection ended with ${await ended.promise}`);
      return JSON.parse(frame.payload.toString()) as Record<string, unknown>;
    },
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    closed: ended.promise,
    destroy: () => void socket.destroy(),
  };
}

function write(socket: Socket, opcode: number, payload: string | Uint8Array): void {
  const body = typeof payload === "string" ? Buffer.from(payload) : Buffer.from(payload);
  // A mask of zeros is a mask too, and leaves the bytes as they are.
  const mask = Buffer.alloc(4);
  socket.write(Buffer.concat([Buffer.from([0x80 | opcode]), lengthOf(body.length), mask, body]));
}

function lengthOf(size: number): Buffer {
  if (size < 126) return Buffer.from([0x80 | size]);
  const extended = Buffer.alloc(size < 65_536 ? 3 : 9);
  extended[0] = 0x80 | (size < 65_536 ? 126 : 127);
  if (size < 65_536) extended.writeUInt16BE(size, 1);
  else extended.writeBigUInt64BE(BigInt(size), 1);
  return extended;
}

/** The first frame in the buffer, if all of it is there. A server's frames are not masked. */
function decode(buffer: Buffer): { frame: RawFrame; size: number } | undefined {
  if (buffer.length < 2) return undefined;
  const opcode = (buffer[0] ?? 0) & 0x0f;
  const short = (buffer[1] ?? 0) & 0x7f;
  const start = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (buffer.length < start) return undefined;
  const length =
    short === 126 ? buffer.readUInt16BE(2) : short === 127 ? Number(buffer.readBigUInt64BE(2)) : short;
  if (buffer.length < start + length) return undefined;
  return { frame: { opcode, payload: buffer.subarray(start, start + length) }, size: start + length };
}
