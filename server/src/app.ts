// The composition root: every long-lived part is built here, once, and disposed in reverse.
import { join } from "node:path";
import type { Logger } from "pino";
import { createAccounts } from "./accounts/accounts.ts";
import { mountAccounts } from "./accounts/accounts.routes.ts";
import { createPasswords } from "./accounts/passwords.ts";
import { loadOrCreateSecret } from "./accounts/secret-file.ts";
import { createTokens } from "./accounts/tokens.ts";
import { createMemoryWire } from "./bus/bus-memory.ts";
import { createChats } from "./chats/chats.ts";
import { mountChats } from "./chats/chats.routes.ts";
import type { Config } from "./config.ts";
import type { Database } from "./database/database.ts";
import { lockDirectory } from "./database/directory-lock.ts";
import { openEmbeddedDatabase } from "./database/embedded.ts";
import { databaseFailure } from "./database/failures.ts";
import { createServerDatabase } from "./database/server.ts";
import { createControl } from "./demo/control.ts";
import { createAddressReader } from "./http/address.ts";
import { createDocuments } from "./http/docs.ts";
import { createMount } from "./http/mount.ts";
import { loadPage } from "./http/page.ts";
import { createRateLimiter } from "./http/rate-limit.ts";
import { createRouter, type Router } from "./http/router.ts";
import { createAuthenticate } from "./http/session.ts";
import { serveFiles } from "./http/static.ts";
import { createAppender } from "./messages/append.ts";
import { createMessages, toMessageInfo } from "./messages/messages.ts";
import { mountMessages } from "./messages/messages.routes.ts";
import { createReads } from "./messages/reads.ts";
import { mountOperation, type Phase } from "./operation/operation.routes.ts";
import { createActions } from "./realtime/actions.ts";
import { createFanout, type Origin } from "./realtime/fanout.ts";
import { closeAll, createHandshake, isWebSocketPath, type OpenHandshake } from "./realtime/handshake.ts";
import { createSubscriptions } from "./realtime/subscriptions.ts";
import { listen, listenOnFile } from "./runtime/bun.ts";
import { createUnderWay } from "./under-way.ts";

export interface App {
  readonly url: string;
  /** Resolves when requests are served; rejects when they never will be. */
  readonly ready: Promise<void>;
  /** Finishes what is under way, sends every client away to come back, and stops; within 10 s. */
  drain(): Promise<void>;
}

interface AppNeeds {
  config: Config;
  log: Logger;
  version: string;
  /** The web client's build. */
  webDirectory: string;
}

/** A part of what may take 10 s in all. */
const drainStepMs = 3000;
/** Batches under way at once: PGlite is one connection; a server syncs one batch while the next is prepared. */
const lanes = { embedded: 1, server: 2 };

/** Listens at once, answering 503 until the database is there. */
export function startApp({ config, log, version, webDirectory }: AppNeeds): App {
  const parts = new AsyncDisposableStack();
  const now = () => performance.now();
  const newId = () => Bun.randomUUIDv7();
  const requests = createUnderWay();
  const frames = createUnderWay();
  const subscriptions = createSubscriptions();
  const rateLimiter = createRateLimiter({ limits: config.rateLimits, now });
  const readAddress = createAddressReader(config.trustedProxies);
  const { publicUrl, allowedOrigins } = config;
  const { kind } = config.database;
  let phase: Phase = "starting";
  const isDraining = () => phase === "draining";

  if (kind === "embedded") parts.use(lockDirectory(config.dataDir));

  const starting = createRouter({ log, publicUrl, allowedOrigins, isStarting: true });
  mountOperation(createMount({ router: starting, authenticate: refuseAll, rateLimiter }), {
    phase: () => phase,
    version,
    kind,
  });
  let router: Router = starting;
  let handshake: OpenHandshake | undefined;

  const listener = parts.use(
    listen({
      host: config.host,
      port: config.port,
      isWebSocketPath: (path) => handshake !== undefined && isWebSocketPath(path),
      handshake: (request, peer) => (handshake as OpenHandshake)(request, peer),
      fetch(request, peer) {
        const address = readAddress(peer, request.headers.get("x-forwarded-for"));
        return requests.track(
          Promise.resolve(router.fetch(request, { address, requestId: requestIdOf(request, newId) })),
        );
      },
    }),
  );

  async function openDatabase(): Promise<Database> {
    const database =
      config.database.kind === "embedded"
        ? await openEmbeddedDatabase(join(config.dataDir, "database"))
        : createServerDatabase(config.database);
    parts.use(database);
    for (;;) {
      try {
        await database.migrate();
        return database;
      } catch (error) {
        if (isDraining() || !databaseFailure(error)) throw error;
        log.warn({ err: error }, "waiting for the database");
        await Bun.sleep(1000);
      }
    }
  }

  async function start(): Promise<void> {
    const database = await openDatabase();
    const secret = config.jwt.secret ?? loadOrCreateSecret(config.dataDir);
    const tokens = createTokens({ ...config.jwt, secret, now: Date.now });
    const passwords = createPasswords();
    const accounts = createAccounts({ database, passwords, tokens, newId });
    const bus = parts.use(createMemoryWire().connect());
    const fanout = createFanout({ publish: listener.publish, subscriptions, bus });
    const chats = createChats({ database, newId, revoke: fanout.revoke });
    const appender = createAppender<Origin | undefined>({
      database,
      newId,
      lanes: lanes[kind],
      onCommitted: (message, origin) =>
        fanout.deliver(message.chatId, { event: "new_message", data: toMessageInfo(message) }, origin),
    });
    const messages = createMessages({ database, appender });
    const reads = createReads({ database });
    const actions = createActions({
      ...{ chats, messages, reads, subscriptions, fanout, rateLimiter, log, newId, isDraining },
      underWay: frames,
    });

    const whole = createRouter({ log, publicUrl, allowedOrigins, isStarting: false });
    const mount = createMount({
      router: whole,
      authenticate: createAuthenticate({ accounts }),
      rateLimiter,
    });
    mountOperation(mount, { phase: () => phase, version, kind, database });
    mountAccounts(mount, { accounts, rateLimiter });
    mountChats(mount, { chats });
    mountMessages(mount, { messages });
    serveFiles(whole, createDocuments({ publicUrl }));
    serveFiles(whole, await loadPage(webDirectory));

    if (kind === "embedded") {
      const control = createControl({ database, passwords, appender, newId, log });
      parts.use(listenOnFile(join(config.dataDir, "control.sock"), control));
    }
    handshake = createHandshake({
      ...{ accounts, actions, subscriptions, rateLimiter, readAddress, publicUrl, allowedOrigins },
      ...{ limits: config.rateLimits, log, now, newId, isDraining },
    });
    router = whole;
    if (!isDraining()) phase = "ready";
  }

  return {
    url: listener.url,
    ready: start(),
    async drain() {
      phase = "draining";
      const lateFrames = await frames.idle(drainStepMs);
      closeAll(subscriptions);
      listener.stopAccepting();
      const lateRequests = await requests.idle(drainStepMs);
      if (lateFrames + lateRequests > 0)
        log.warn({ frames: lateFrames, requests: lateRequests }, "left unfinished");
      await parts.disposeAsync();
    },
  };
}

/** The caller's own id of the request, if it is a plain one, so that logs of both sides can be joined. */
function requestIdOf(request: Request, newId: () => string): string {
  const given = request.headers.get("x-request-id");
  return given !== null && /^[\w.-]{1,64}$/.test(given) ? given : newId();
}

const refuseAll = () => Promise.reject(new Error("No endpoint needs a user before the start is complete"));
