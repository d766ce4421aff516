// One connection to NATS, from its start to its end; the only file that names the client. Whoever wants another opens another.
import { connect as connectSocket } from "node:net";
import type { NatsConnection } from "@nats-io/transport-node";
import type { NatsAddress } from "./nats-address.ts";

export interface NatsLink {
  /** Host and port. */
  readonly server: string;
  /** From now on what is published there is heard. After the end of the connection it does nothing. */
  subscribe(subject: string): { unsubscribe(): void };
  /** Answers whether it was taken: it is not while too much waits, nor when it is too large for this NATS. */
  publish(subject: string, data: Uint8Array): boolean;
  /** Resolves when the server has done what it was asked so far, or when the connection has ended. */
  settled(): Promise<void>;
  /** Resolves at the end of the connection, with the reason if there is one. */
  readonly ended: Promise<Error | undefined>;
  close(): Promise<void>;
}

interface LinkNeeds {
  address: NatsAddress;
  /** Gets what comes in on any subject: one function for all of them costs no memory for each. */
  hear(data: Uint8Array): void;
  /** A connection on which nothing came for three of these is dead. */
  pingIntervalMs: number;
  /** What the server refuses while it goes on, such as a subject that this user may not hear. */
  onRefusal(error: Error): void;
}

const timeoutMs = 5000;
/** How much may be on its way to a server that does not say that it has it. */
const maxUnconfirmedBytes = 32 * 2 ** 20;
const confirmEveryBytes = 256 * 2 ** 10;

/** Rejects with the reason if no server can be reached or lets us in. */
export async function openNatsLink(needs: LinkNeeds): Promise<NatsLink> {
  const { address, hear, pingIntervalMs, onRefusal } = needs;
  const { host, port } = await firstToSpeak(address.servers);
  const { connect } = await import("@nats-io/transport-node");
  const connection = await connect({
    servers: host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`,
    ...address.credentials,
    ...(address.needsTls ? { tls: {} } : {}),
    name: "windi",
    noEcho: true,
    timeout: timeoutMs,
    reconnect: false,
    pingInterval: pingIntervalMs,
    maxPingOut: 2,
  });
  void watch(connection, onRefusal);
  return wrap(connection, hear);
}

function wrap(connection: NatsConnection, hear: LinkNeeds["hear"]): NatsLink {
  const ended = connection.closed().then((error) => error ?? undefined);
  const options = {
    callback(error: Error | null, message: { data: Uint8Array }) {
      if (error === null) hear(message.data);
    },
  };
  let unconfirmed = 0;
  let isConfirming = false;

  async function settled(): Promise<void> {
    await Promise.race([connection.flush().catch(() => ended), ended]);
  }

  async function confirm(): Promise<void> {
    isConfirming = true;
    while (unconfirmed >= confirmEveryBytes && !connection.isClosed()) {
      const bytes = unconfirmed;
      await settled();
      unconfirmed -= bytes;
    }
    isConfirming = false;
  }

  return {
    server: connection.getServer(),
    ended,
    settled,
    subscribe: (subject) =>
      connection.isClosed() ? { unsubscribe() {} } : connection.subscribe(subject, options),
    publish(subject, data) {
      if (connection.isClosed() || unconfirmed > maxUnconfirmedBytes) return false;
      if (data.length > (connection.info?.max_payload ?? Infinity)) return false;
      connection.publish(subject, data);
      unconfirmed += data.length;
      if (unconfirmed >= confirmEveryBytes && !isConfirming) void confirm();
      return true;
    },
    close: () => connection.close(),
  };
}

/** Closes a connection that is dead: by itself the client would first wait until its last bytes have left. */
async function watch(connection: NatsConnection, onRefusal: (error: Error) => void): Promise<void> {
  for await (const status of connection.status()) {
    if (status.type === "staleConnection") void connection.close();
    if (status.type === "error") onRefusal(status.error);
  }
}

/** The first server that speaks, as NATS does by itself. The client would leave a socket open on each that is silent. */
async function firstToSpeak<Server extends { host: string; port: number }>(servers: readonly Server[]) {
  try {
    return await Promise.any(servers.map(hearFrom));
  } catch (error) {
    throw error instanceof AggregateError ? error.errors[0] : error;
  }
}

function hearFrom<Server extends { host: string; port: number }>(server: Server): Promise<Server> {
  return new Promise<Server>((resolve, reject) => {
    const socket = connectSocket(server);
    const silent = new Error(`${server.host}:${server.port} does not answer as NATS does`);
    socket.setTimeout(timeoutMs, () => socket.destroy(silent));
    socket.once("data", () => {
      resolve(server);
      socket.destroy();
    });
    socket.once("error", reject);
    socket.once("close", () => reject(silent));
  });
}
