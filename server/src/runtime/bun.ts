// The one file that names Bun's server: HTTP and WebSockets on one port, topics, limits, and the end of both.
import { rmSync } from "node:fs";
import type { Server, ServerWebSocket } from "bun";

/** One WebSocket, as the rest of the server sees it. */
export interface Socket {
  send(frame: string): void;
  follow(topic: string): void;
  unfollow(topic: string): void;
  isFollowing(topic: string): boolean;
  /** To all who follow the topic, but for this socket. */
  publishToOthers(topic: string, frame: string): void;
  close(code: number, reason: string): void;
}

/** What becomes of a socket once it is open. */
export interface SocketHandler {
  open(socket: Socket): void;
  /** A text frame. A binary one is `undefined`. `bytes` is its size on the wire. */
  frame(frame: string | undefined, bytes: number): void;
  closed(): void;
}

export type Handshake = { accept: SocketHandler } | { refuse: Response };

export interface ListenNeeds {
  host: string;
  port: number;
  /** @param peer address of the other end of the connection */
  fetch(request: Request, peer: string): Response | Promise<Response>;
  isWebSocketPath(path: string): boolean;
  handshake(request: Request, peer: string): Promise<Handshake>;
  /** A socket that is silent for so long is asked, and closed when it does not answer. */
  idleSeconds?: number;
}

export interface Listener extends AsyncDisposable {
  /** `http://host:port` of this machine. */
  readonly url: string;
  publish(topic: string, frame: string): void;
  /** Takes no new connections from now on. */
  stopAccepting(): void;
}

/** A message of 4096 characters, each escaped, fits. */
const maxFrameBytes = 64 * 1024;
/** What may wait for a slow reader; beyond it the socket is cut, and the client resumes. */
export const maxWaitingBytes = 256 * 1024;
/** The outer wall, answered without a word; what an endpoint reads is far less, and refused with an explanation. */
const maxBodyBytes = 16 * 1024 * 1024;

interface SocketData {
  handler: SocketHandler;
}

/** @throws an error with the code EADDRINUSE or EACCES when the address cannot be taken */
export function listen({
  host,
  port,
  fetch,
  isWebSocketPath,
  handshake,
  idleSeconds = 30,
}: ListenNeeds): Listener {
  const server = Bun.serve<SocketData>({
    hostname: host,
    port,
    development: false,
    // Outside development mode Bun would share the port with another process.
    reusePort: false,
    maxRequestBodySize: maxBodyBytes,
    idleTimeout: 30,
    async fetch(request, bun) {
      // A Host header that is no host makes an address that is none.
      if (!URL.canParse(request.url)) return new Response(null, { status: 400 });
      const peer = bun.requestIP(request)?.address ?? "";
      if (!isWebSocketPath(new URL(request.url).pathname)) return fetch(request, peer);
      const result = await handshake(request, peer);
      if ("refuse" in result) return result.refuse;
      const data: SocketData = { handler: result.accept };
      return bun.upgrade(request, { data }) ? undefined : new Response(null, { status: 400 });
    },
    // What is thrown outside the router: never a page with a stack.
    error: () => new Response(null, { status: 500 }),
    websocket: {
      maxPayloadLength: maxFrameBytes,
      backpressureLimit: maxWaitingBytes,
      closeOnBackpressureLimit: true,
      idleTimeout: idleSeconds,
      sendPings: true,
      perMessageDeflate: false,
      open(ws) {
        ws.data.handler.open(wrap(ws));
      },
      message(ws, message) {
        ws.data.handler.frame(typeof message === "string" ? message : undefined, Buffer.byteLength(message));
      },
      close(ws) {
        ws.data.handler.closed();
      },
    },
  });
  return {
    url: urlOf(server),
    publish: (topic, frame) => void server.publish(topic, frame),
    stopAccepting: () => void server.stop(false),
    [Symbol.asyncDispose]: async () => {
      await server.stop(true);
    },
  };
}

/** HTTP on a file (a Unix socket) that only its owner may open: for tools on the same machine. */
export function listenOnFile(path: string, fetch: (request: Request) => Promise<Response>): AsyncDisposable {
  rmSync(path, { force: true });
  const before = process.umask(0o177);
  try {
    const server = Bun.serve({
      unix: path,
      fetch,
      error: () => new Response(null, { status: 500 }),
    });
    return {
      [Symbol.asyncDispose]: async () => {
        await server.stop(true);
        rmSync(path, { force: true });
      },
    };
  } finally {
    process.umask(before);
  }
}

function wrap(ws: ServerWebSocket<SocketData>): Socket {
  return {
    send: (frame) => void ws.send(frame),
    follow: (topic) => void ws.subscribe(topic),
    unfollow: (topic) => void ws.unsubscribe(topic),
    isFollowing: (topic) => ws.isSubscribed(topic),
    publishToOthers: (topic, frame) => void ws.publish(topic, frame),
    close: (code, reason) => ws.close(code, reason),
  };
}

function urlOf(server: Server<SocketData>): string {
  const host = server.hostname ?? "localhost";
  const reachable = host === "0.0.0.0" || host === "::" ? "localhost" : host;
  return `http://${reachable.includes(":") ? `[${reachable}]` : reachable}:${server.port}`;
}
