// One WebSocket client of the load generator: a plain socket, a handshake, frames.
import { connect } from "node:net";
import { createFrameReader, encodePong, type FrameReader } from "./frames.ts";

export interface Client {
  readonly reader: FrameReader;
  /** Writes an encoded frame. */
  write(frame: Buffer): void;
  /** Stops reading, so that what the server sends waits there; there is no way back but to close. */
  stall(): void;
  close(): void;
}

export interface ClientOptions {
  /** The server's `http://host:port`. */
  url: string;
  token: string;
  /** Clients of different numbers come from different addresses, so that ports do not run out. */
  number?: number;
  onText?: (chunk: Buffer, start: number, end: number) => void;
  /** The server ended the connection. */
  onEnd(reason: string): void;
}

/** The handshake was answered with something else than 101, or not at all. */
export class HandshakeRefused extends Error {
  override readonly name = "HandshakeRefused";
  readonly retryAfterMs: number | undefined;

  constructor(reason: string) {
    super(`No WebSocket: ${reason.split("\r\n")[0]}`);
    const [, seconds] = /\r\nretry-after: *(\d+)/i.exec(reason) ?? [];
    this.retryAfterMs = seconds === undefined ? undefined : Number(seconds) * 1000;
  }
}

/** Of one address, so that its ports do not run out. To name an address costs: the first clients do not. */
const clientsPerAddress = 20_000;
const accepted = Buffer.from("HTTP/1.1 101 ");

/** Resolves when the server has accepted. */
export function openClient({ url, token, number = 0, onText, onEnd }: ClientOptions): Promise<Client> {
  const { hostname, port } = new URL(url);
  const { promise, resolve, reject } = Promise.withResolvers<Client>();
  const source = Math.floor(number / clientsPerAddress);
  const socket = connect({
    ...{ host: hostname, port: Number(port), noDelay: true },
    ...(source > 0 && { localAddress: `127.0.0.${1 + source}` }),
  });
  let isOpen = false;
  let isClosing = false;
  let greeting = Buffer.alloc(0);

  const client: Client = {
    reader: createFrameReader({
      onText,
      onPing: (payload) => socket.write(encodePong(payload)),
      onClose: (code) => end(`closed with ${code}`),
    }),
    write: (frame) => void socket.write(frame),
    stall: () => void socket.pause(),
    close() {
      isClosing = true;
      socket.destroy();
    },
  };

  function end(reason: string): void {
    if (isClosing) return;
    isClosing = true;
    socket.destroy();
    if (isOpen) onEnd(reason);
    else reject(new HandshakeRefused(reason));
  }

  function greet(chunk: Buffer): void {
    greeting = Buffer.concat([greeting, chunk]);
    const length = greeting.indexOf("\r\n\r\n");
    if (length < 0) return;
    if (!greeting.subarray(0, accepted.length).equals(accepted))
      return end(greeting.toString("latin1", 0, length));
    isOpen = true;
    resolve(client);
    if (greeting.length > length + 4) client.reader.read(greeting.subarray(length + 4));
  }

  socket.on("connect", () => {
    const lines = [
      `GET /ws?token=${token} HTTP/1.1`,
      `Host: ${hostname}:${port}`,
      "Upgrade: websocket",
      "Connection: Upgrade",
      "Sec-WebSocket-Key: bG9hZCBnZW5lcmF0b3Ihcw==",
      "Sec-WebSocket-Version: 13",
    ];
    socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  });
  socket.on("data", (chunk: Buffer) => (isOpen ? client.reader.read(chunk) : greet(chunk)));
  socket.on("error", (error) => end(error.message));
  socket.on("close", () => end("the connection was lost"));
  return promise;
}
