// The one file that names Bun's server: HTTP and WebSockets on one port, topics, limits, and the end of both.
import { rmSync } from "node:fs";
import type { Server, ServerWebSocket } from "bun";
import { createBacklog } from "./backlog.ts";
import { createHeartbeat, type Beating } from "./heartbeat.ts";

/** One WebSocket, as the rest of the server sees it. */
export interface Socket {
  send(frame: string): void;
  follow(topic: string): void;
  unfollow(topic: string): void;
  isFollowing(topic: string): boolean;
  /** To all who follow the topic, as this socket does, but for this socket. */
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

/** Told of what happens to sockets, frame by frame but not delivery by delivery. */
export interface SocketWatch {
  opened(): void;
  /** @param isSlow cut for what waited for it, as far as can be told */
  closed(code: number, isSlow: boolean): void;
  /** A frame was handed to so many sockets. */
  published(listeners: number): void;
  /** A frame was handed to one socket. */
  sent(): void;
}

/** `protocol`: which of the subprotocols that the client offers is spoken; without it the first one is said to be. */
export type Handshake = { accept: SocketHandler; protocol?: string } | { refuse: Response };

export interface ListenNeeds {
  host: string;
  port: number;
  /** Other processes of this user listen on the same port, and each connection goes to one of them. */
  isPortShared?: boolean;
  /** @param peer address of the other end of the connection */
  fetch(request: Request, peer: string): Response | Promise<Response>;
  isWebSocketPath(path: string): boolean;
  handshake(request: Request, peer: string): Promise<Handshake>;
  /** A socket that is silent for so long, though it was asked, is cut. */
  silenceSeconds?: number;
  watch?: Partial<SocketWatch>;
}

export interface Listener extends AsyncDisposable {
  /** `http://host:port` of this machine. */
  readonly url: string;
  publish(topic: string, frame: string): void;
  /** Open sockets. */
  readonly sockets: number;
  /** What waits for all sockets, and for the slowest of them, in bytes, as it was half a second ago or later. */
  readonly waiting: { bytes: number; maxBytes: number };
  /** Takes no new connections from now on; WebSockets stay. */
  stopAccepting(): void;
}

/** A message of 4096 characters, each escaped, fits. */
const maxFrameBytes = 64 * 1024;
/** What may wait for a slow reader; beyond it the socket is cut, and the client resumes. */
export const maxWaitingBytes = 256 * 1024;
/** What is left of a socket that was closed, whose other end never says that it heard of it, goes after so long. */
const lingerSeconds = 60;
/** The outer wall, answered without a word; what an endpoint reads is far less, and refused with an explanation. */
const maxBodyBytes = 16 * 1024 * 1024;

/** The code of a connection that ended without a close frame, which is also how a slow reader is cut. */
const cutCode = 1006;

/** Told before a frame goes out. */
interface Outgoing {
  /**
   * @param except how many of those who follow the topic do not get it
   * @returns whether anybody gets it
   */
  toTopic(topic: string, frame: string, except: number): boolean;
  toSocket(): void;
  /** This socket did not take a frame at once. */
  fellBehind(ws: BunSocket): void;
}

/** @throws an error with the code EADDRINUSE or EACCES when the address cannot be taken */
export function listen({
  host,
  port,
  isPortShared = false,
  fetch,
  isWebSocketPath,
  handshake,
  silenceSeconds = 40,
  watch,
}: ListenNeeds): Listener {
  const backlog = createBacklog<BunSocket>(maxWaitingBytes);
  const heartbeat = createHeartbeat<HandledSocket>({ silenceSeconds, now: () => performance.now() });
  const beat = setInterval(heartbeat.look, heartbeat.intervalMs);
  beat.unref();
  const hear = ({ data }: BunSocket) => void (data.silentTurns = 0);
  const server = Bun.serve<HandledSocket>({
    hostname: host,
    port,
    development: false,
    // Outside development mode Bun would always share the port with another process.
    reusePort: isPortShared,
    maxRequestBodySize: maxBodyBytes,
    idleTimeout: 30,
    async fetch(request, bun) {
      // A Host header that is no host makes an address that is none.
      if (!URL.canParse(request.url)) return new Response(null, { status: 400 });
      const peer = bun.requestIP(request)?.address ?? "";
      if (!isWebSocketPath(new URL(request.url).pathname)) return fetch(request, peer);
      const result = await handshake(request, peer);
      if ("refuse" in result) return result.refuse;
      const data = new HandledSocket(result.accept, outgoing);
      const { protocol } = result;
      const headers = protocol === undefined ? {} : { "sec-websocket-protocol": protocol };
      return bun.upgrade(request, { data, headers }) ? undefined : new Response(null, { status: 400 });
    },
    // What is thrown outside the router: never a page with a stack.
    error: () => new Response(null, { status: 500 }),
    websocket: {
      maxPayloadLength: maxFrameBytes,
      backpressureLimit: maxWaitingBytes,
      closeOnBackpressureLimit: true,
      idleTimeout: lingerSeconds,
      sendPings: false,
      perMessageDeflate: false,
      open(ws) {
        backlog.add(ws);
        heartbeat.add(ws.data);
        watch?.opened?.();
        ws.data.open(ws);
      },
      ping: hear,
      pong: hear,
      // What waited has been taken.
      drain: hear,
      message(ws, message) {
        hear(ws);
        ws.data.handler.frame(typeof message === "string" ? message : undefined, Buffer.byteLength(message));
      },
      close(ws, code) {
        const isBehind = backlog.remove(ws);
        heartbeat.remove(ws.data);
        watch?.closed?.(code, isBehind && code === cutCode);
        ws.data.handler.closed();
      },
    },
  });
  const outgoing: Outgoing = {
    toTopic(topic, frame, except) {
      const listeners = server.subscriberCount(topic) - except;
      watch?.published?.(listeners);
      if (listeners <= 0) return false;
      backlog.published(frame.length, listeners);
      return true;
    },
    toSocket: () => watch?.sent?.(),
    fellBehind: backlog.fellBehind,
  };
  return {
    url: urlOf(server),
    publish(topic, frame) {
      if (outgoing.toTopic(topic, frame, 0)) server.publish(topic, frame);
    },
    get sockets() {
      return server.pendingWebSockets;
    },
    get waiting() {
      return backlog.waiting;
    },
    stopAccepting: () => void server.stop(false),
    [Symbol.asyncDispose]: async () => {
      backlog[Symbol.dispose]();
      clearInterval(beat);
      await server.stop(true);
    },
  };
}

/** HTTP alone, on a port of its own. @throws as `listen` does */
export function listenOnPort(
  address: { host: string; port: number },
  fetch: (request: Request) => Promise<Response>,
): AsyncDisposable & { readonly url: string } {
  const server = Bun.serve({
    hostname: address.host,
    port: address.port,
    development: false,
    reusePort: false,
    fetch,
    error: () => new Response(null, { status: 500 }),
  });
  return { url: urlOf(server), [Symbol.asyncDispose]: () => server.stop(true) };
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

type BunSocket = ServerWebSocket<HandledSocket>;

/** What Bun keeps with each of its sockets. A class, since there are many of them. */
class HandledSocket implements Socket, Beating {
  silentTurns = 0;
  turn = 0;
  readonly handler: SocketHandler;
  private readonly outgoing: Outgoing;
  /** There before the handler hears of this socket. */
  private ws!: BunSocket;

  constructor(handler: SocketHandler, outgoing: Outgoing) {
    this.handler = handler;
    this.outgoing = outgoing;
  }

  open(ws: BunSocket): void {
    this.ws = ws;
    this.handler.open(this);
  }

  send(frame: string): void {
    this.outgoing.toSocket();
    if (this.ws.send(frame) <= 0) this.outgoing.fellBehind(this.ws);
  }

  follow(topic: string): void {
    this.ws.subscribe(topic);
  }

  unfollow(topic: string): void {
    this.ws.unsubscribe(topic);
  }

  isFollowing(topic: string): boolean {
    return this.ws.isSubscribed(topic);
  }

  publishToOthers(topic: string, frame: string): void {
    if (this.outgoing.toTopic(topic, frame, 1)) this.ws.publish(topic, frame);
  }

  close(code: number, reason: string): void {
    this.ws.close(code, reason);
  }

  ask(): void {
    this.ws.ping();
  }

  cut(): void {
    this.ws.terminate();
  }
}

function urlOf(server: Pick<Server<unknown>, "hostname" | "port">): string {
  const host = server.hostname ?? "localhost";
  const reachable = host === "0.0.0.0" || host === "::" ? "localhost" : host;
  return `http://${reachable.includes(":") ? `[${reachable}]` : reachable}:${server.port}`;
}
