// The composition root: every long-lived part is built here, once, and disposed in reverse.
import { join } from "node:path";
import type { Logger } from "pino";
import { createAccounts } from "./accounts/accounts.ts";
import { mountAccounts } from "./accounts/accounts.routes.ts";
import { scheduleErasure } from "./accounts/erasure.ts";
import type { AccountNews } from "./accounts/news.ts";
import { createPasswords } from "./accounts/passwords.ts";
import { createProfiles } from "./accounts/profile.ts";
import { createRefreshTokens } from "./accounts/refresh-tokens.ts";
import { loadOrCreateSecret } from "./accounts/secret-file.ts";
import { createSessions } from "./accounts/sessions.ts";
import { mountSessions } from "./accounts/sessions.routes.ts";
import { createTickets } from "./accounts/tickets.ts";
import { createTokens } from "./accounts/tokens.ts";
import { createMemoryWire, type MemoryWire } from "./bus/bus-memory.ts";
import { watchBus } from "./bus/bus-watched.ts";
import { connectNatsBus } from "./bus/bus-nats.ts";
import { createChats } from "./chats/chats.ts";
import { mountChats } from "./chats/chats.routes.ts";
import { createOwn } from "./chats/own.ts";
import { mountOwn } from "./chats/own.routes.ts";
import { readSummary } from "./chats/summaries.store.ts";
import { ConfigError, type Config } from "./config.ts";
import type { Database } from "./database/database.ts";
import { lockDirectory } from "./database/directory-lock.ts";
import { openEmbeddedDatabase } from "./database/embedded.ts";
import { databaseFailure } from "./database/failures.ts";
import { createServerDatabase } from "./database/server.ts";
import { createControl } from "./demo/control.ts";
import { createAddressReader, createHttpsReader } from "./http/address.ts";
import { createDocuments } from "./http/docs.ts";
import { createMount } from "./http/mount.ts";
import { loadPage } from "./http/page.ts";
import { createRateLimiter } from "./http/rate-limit.ts";
import { createRouter, type Router } from "./http/router.ts";
import { createAuthenticate } from "./http/session.ts";
import { serveFiles } from "./http/static.ts";
import { createMetrics } from "./metrics/metrics.ts";
import { mountMetrics } from "./metrics/metrics.routes.ts";
import { createAppender } from "./messages/append.ts";
import { createEditor } from "./messages/edits.ts";
import { createGaps } from "./messages/gaps.ts";
import { createLanes } from "./messages/lanes.ts";
import { createMessages } from "./messages/messages.ts";
import { mountMessages } from "./messages/messages.routes.ts";
import { createReads } from "./messages/reads.ts";
import { createSync } from "./messages/sync.ts";
import { mountOperation, type Phase } from "./operation/operation.routes.ts";
import { createPerform } from "./realtime/actions.ts";
import { createAdmission } from "./realtime/admission.ts";
import type { Origin } from "./realtime/audience.ts";
import { createAudit } from "./realtime/audit.ts";
import { chatsOf, membersAmong } from "./realtime/audit.store.ts";
import { scheduleAudit, type AuditSchedule } from "./realtime/audit-schedule.ts";
import { createClock } from "./clock.ts";
import { createDrain } from "./realtime/drain.ts";
import { createFanout } from "./realtime/fanout.ts";
import { createGate } from "./realtime/gate.ts";
import { createHandshake, isWebSocketPath, type OpenHandshake } from "./realtime/handshake.ts";
import { createInterest } from "./realtime/interest.ts";
import { createLoopLag } from "./realtime/loop-lag.ts";
import type { NodeMessage } from "./realtime/node-message.ts";
import { createOwnAudit } from "./realtime/own-audit.ts";
import { createPeopleAudit } from "./realtime/people-audit.ts";
import { createPositions } from "./realtime/positions.ts";
import { createPresence, presencePace, type Presence, type PresencePace } from "./presence/presence.ts";
import { createRevocations } from "./realtime/revocations.ts";
import { createSignOuts } from "./realtime/sign-outs.ts";
import { createSubscriptions } from "./realtime/subscriptions.ts";
import { createTasks } from "./realtime/tasks.ts";
import { createTurnedAway } from "./realtime/turned-away.ts";
import { createUserChanges } from "./realtime/user-changes.ts";
import { createTyping } from "./presence/typing.ts";
import { listen, listenOnFile, listenOnPort } from "./runtime/bun.ts";
import { createUnderWay } from "./under-way.ts";

export interface App {
  readonly url: string;
  /** Resolves when requests are served; rejects when they never will be. */
  readonly ready: Promise<void>;
  /**
   * Finishes what is under way, sends every client away to come back, and stops; within 10 s.
   * @param othersListen other processes listen on the same port: whoever comes now is theirs
   */
  drain(options?: { othersListen?: boolean }): Promise<void>;
}

interface AppNeeds {
  config: Config;
  log: Logger;
  version: string;
  /** The web client's build. */
  webDirectory: string;
  /** Other processes listen on the same port. */
  isPortShared?: boolean;
  /** What joins several servers of one process, where no other wire is configured. */
  wire?: MemoryWire<NodeMessage>;
  /** How often who is online is told, and for how long whoever is gone still counts. */
  pace?: PresencePace;
}

/** What draining may take in all, and parts of it; the process is given 10 s. */
const drainMs = { all: 9000, connections: 6000, requests: 3000, disposal: 1000 };
/** Batches under way at once: PGlite is one connection; a server syncs one batch while the next is prepared. */
const laneCounts = { embedded: 1, server: 2 };

/** Listens at once, answering 503 until the database is there. */
export function startApp({
  config,
  log,
  version,
  webDirectory,
  isPortShared = false,
  wire = createMemoryWire<NodeMessage>(),
  pace = presencePace,
}: AppNeeds): App {
  const parts = new AsyncDisposableStack();
  const now = () => performance.now();
  const newId = () => Bun.randomUUIDv7();
  const requests = createUnderWay();
  const metrics = createMetrics({ version, poolSize: config.database.poolSize ?? 1, now });
  const { natsUrl } = config;
  const ownBus = natsUrl === undefined ? wire.connect() : connectNatsBus<NodeMessage>({ url: natsUrl, log });
  const bus = parts.use(watchBus(ownBus, metrics.bus));
  /** Told of chats that the bus was just asked for. */
  let schedule: AuditSchedule | undefined;
  const gate = createGate();
  const interest = createInterest({
    follow(chatId) {
      bus.follow(chatId);
      // Within a process nothing is missed meanwhile.
      if (natsUrl !== undefined) schedule?.followed(chatId);
    },
    unfollow: bus.unfollow,
  });
  const clock = createClock();
  /** There from before the first connection. */
  let presence: Presence | undefined;
  const subscriptions = createSubscriptions({
    gate,
    interest,
    watch: {
      opened(connection) {
        presence?.opened(connection);
        signOuts.opened(connection);
      },
      closed: (connection) => presence?.closed(connection),
      look: (connection, chatId) => presence?.look(connection, chatId),
      leave: (connection, chatId) => presence?.leave(connection, chatId),
    },
  });
  const signOuts = createSignOuts({ subscriptions, bus, now });
  const departure = createDrain({ all: subscriptions.all, now, random: Math.random, sleep: Bun.sleep });
  const turnedAway = parts.use(createTurnedAway({ log }));
  const { isLagging } = parts.use(createLoopLag({ now, onLook: metrics.process.late }));
  const admission = createAdmission({
    ...{ perSecond: config.handshakesPerSecond, isLagging, now, random: Math.random },
  });
  const rateLimiter = createRateLimiter({
    limits: config.rateLimits,
    now,
    onRefused: metrics.requests.limited,
  });
  const readAddress = createAddressReader(config.trustedProxies);
  const isForwarded = createHttpsReader(config.trustedProxies);
  const { publicUrl, allowedOrigins } = config;
  const { kind } = config.database;
  let phase: Phase = "starting";
  const isDraining = () => phase === "draining";

  if (kind === "embedded") parts.use(lockDirectory(config.dataDir));

  const routerFor = (isStarting: boolean) =>
    createRouter({ log, publicUrl, allowedOrigins, isStarting, watch: metrics.requests });
  const starting = routerFor(true);
  mountOperation(createMount({ router: starting, authenticate: refuseAll, rateLimiter }), {
    phase: () => phase,
    version,
    kind,
  });
  const { token, ...metricsAddress } = config.metrics;
  if (token !== undefined) mountMetrics(starting, metrics, token);
  let router: Router = starting;
  let handshake: OpenHandshake | undefined;

  const listener = parts.use(
    listen({
      host: config.host,
      port: config.port,
      isPortShared,
      watch: {
        ...metrics.sockets,
        closed(code, isSlow) {
          metrics.sockets.closed(code, isSlow);
          turnedAway.closed(code);
        },
      },
      isWebSocketPath: (path) => handshake !== undefined && isWebSocketPath(path),
      handshake: (request, peer) => (handshake as OpenHandshake)(request, peer),
      fetch(request, peer) {
        const { headers } = request;
        const bindings = {
          address: readAddress(peer, headers.get("x-forwarded-for")),
          isForwardedHttps: isForwarded(peer, headers.get("x-forwarded-proto")),
          requestId: requestIdOf(request, newId),
        };
        return requests.track(Promise.resolve(router.fetch(request, bindings)));
      },
    }),
  );

  metrics.attach({ listener, bus, isReady: () => phase === "ready" });
  if (metricsAddress.port !== undefined) {
    const own = createRouter({ log, publicUrl, allowedOrigins: [], isStarting: false });
    mountMetrics(own, metrics, token);
    const { url } = parts.use(listenForMetrics(metricsAddress.host, metricsAddress.port, own));
    log.info({ url: `${url}/metrics` }, "metrics");
  }

  async function openDatabase(): Promise<Database> {
    const { onStatement } = metrics;
    const database =
      config.database.kind === "embedded"
        ? await openEmbeddedDatabase(join(config.dataDir, "database"), { onStatement })
        : createServerDatabase({ ...config.database, onStatement });
    parts.use(database);
    metrics.attach({ database });
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
    metrics.attach({ passwords });
    const { publish } = listener;
    presence = parts.use(createPresence({ node: newId(), database, bus, publish, log, pace, clock }));
    const { switched, membersChanged } = presence;
    const typing = parts.use(createTyping({ publish, without: subscriptions.without, bus, clock }));
    const tickets = createTickets({ secret, database, now: Date.now });
    const accounts = createAccounts({ database, passwords, tokens, tickets, newId });
    const { renamed, userChanged } = createUserChanges({
      ...{ publish, subscriptions, bus, chatsOf: (userId) => chatsOf(database, userId) },
      pause: () => Bun.sleep(0),
      onFault: (error) => log.warn({ err: error }, "a change of a name is not told"),
    });
    const news: AccountNews = { ...signOuts, userChanged, presenceSwitched: switched };
    const refreshTokens = createRefreshTokens(secret);
    const sessions = createSessions({ database, tokens, refreshTokens, news, log, newId });
    const profiles = createProfiles({ database, passwords, news });
    parts.use(scheduleErasure({ database, clock, log }));
    const revocations = createRevocations({ subscriptions, bus, newId, after });
    const gaps = parts.use(createGaps(after));
    const fanout = createFanout({
      ...{ publish, subscriptions, interest, revocations, bus, membersChanged },
      membersAmong: (chatId, userIds) => membersAmong(database, chatId, userIds),
      onHint: metrics.sockets.hinted,
      onRead: gaps.forget,
      onFault: (error) => log.warn({ err: error }, "people who were added do not hear of it yet"),
    });
    const chats = createChats({ database, newId, news: fanout });
    const lanes = createLanes(laneCounts[kind]);
    const appender = createAppender<Origin | undefined>({
      database,
      newId,
      lanes,
      onCommitted: (data, origin) => fanout.message({ event: "new_message", data }, origin),
      watch: metrics.sends,
    });
    const editor = createEditor<Origin | undefined>({
      database,
      lanes,
      onChanged: (data, origin) => fanout.message({ event: "message_changed", data }, origin),
    });
    const messages = createMessages({ database, appender, editor });
    const reads = createReads({ database, onBatch: (size) => metrics.sends.batch("reads", size) });
    const sync = createSync({ database, gaps, onGap: metrics.sockets.caughtUp });
    const positions = createPositions({ database });
    const perform = createPerform({
      ...{ chats, messages, reads, sync, positions, subscriptions, fanout, typing, rateLimiter },
    });
    const tasks = createTasks({
      ...{ perform, log, newId, frames: departure },
      watch: { received: metrics.sends.frame, refused: metrics.requests.frameRefused },
    });
    const audit = createAudit({
      ...{ database, gate, interest, subscriptions, revocations, now },
      ...{ hint: fanout.hint, admit: fanout.admit },
      membersChanged,
      lookAtPeople: createPeopleAudit({ database, all: subscriptions.all, renamed }),
      lookAtOwn: createOwnAudit({ database, bus, interest, subscriptions }),
      summary: (userId, chatId) => readSummary(database, userId, chatId),
    });
    schedule = parts.use(
      scheduleAudit({
        ...{
          audit,
          everyMs: config.auditSeconds * 1000,
          onRestored: bus.onRestored,
          random: Math.random,
          log,
        },
      }),
    );

    const whole = routerFor(false);
    if (token !== undefined) mountMetrics(whole, metrics, token);
    const mount = createMount({
      router: whole,
      authenticate: createAuthenticate({ accounts }),
      ...{ rateLimiter, publicUrl },
    });
    mountOperation(mount, { phase: () => phase, version, kind, database });
    mountAccounts(mount, { accounts, profiles, rateLimiter });
    mountSessions(mount, { accounts, sessions, tickets, rateLimiter });
    mountChats(mount, { chats });
    mountOwn(mount, createOwn({ database, news: fanout }));
    mountMessages(mount, { messages, sync });
    serveFiles(whole, createDocuments({ publicUrl }));
    serveFiles(whole, await loadPage(webDirectory));

    if (kind === "embedded") {
      const control = createControl({ database, passwords, appender, newId, log });
      parts.use(listenOnFile(join(config.dataDir, "control.sock"), control));
    }
    handshake = createHandshake({
      ...{ accounts, tasks, subscriptions, rateLimiter, readAddress, publicUrl, allowedOrigins },
      ...{ limits: config.rateLimits, admission, turnedAway, log, now, newId, isDraining },
      onOutcome: metrics.requests.handshake,
    });
    router = whole;
    if (!isDraining()) phase = "ready";
    chats.eraseLeftovers().catch((error: unknown) => {
      log.warn({ err: error }, "what deleted groups left behind is erased at the next start");
    });
  }

  return {
    url: listener.url,
    ready: start(),
    async drain({ othersListen = false } = {}) {
      const endsAt = now() + drainMs.all;
      const leftMs = () => Math.max(0, endsAt - now());
      phase = "draining";
      if (othersListen) listener.stopAccepting();
      const lateFrames = await departure.sendAllAway(drainMs.connections);
      listener.stopAccepting();
      const lateRequests = await requests.idle(Math.min(drainMs.requests, leftMs() - drainMs.disposal));
      const disposal = createUnderWay();
      const disposed = disposal.track(parts.disposeAsync());
      const lateParts = await disposal.idle(leftMs());
      if (lateFrames + lateRequests + lateParts > 0)
        log.warn({ frames: lateFrames, requests: lateRequests, parts: lateParts }, "left unfinished");
      if (lateParts === 0) await disposed;
      else disposed.catch(() => {});
    },
  };
}

/** @throws ConfigError that says which setting to change */
function listenForMetrics(host: string, port: number, router: Router) {
  try {
    return listenOnPort({ host, port }, (request) =>
      Promise.resolve(router.fetch(request, { address: "", requestId: Bun.randomUUIDv7() })),
    );
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`METRICS_HOST and METRICS_PORT cannot be used: ${reason}`, { cause: error });
  }
}

/** The caller's own id of the request, if it is a plain one, so that logs of both sides can be joined. */
function requestIdOf(request: Request, newId: () => string): string {
  const given = request.headers.get("x-request-id");
  return given !== null && /^[\w.-]{1,64}$/.test(given) ? given : newId();
}

function after(delayMs: number, call: () => void): () => void {
  const timer = setTimeout(call, delayMs);
  return () => clearTimeout(timer);
}

const refuseAll = () => Promise.reject(new Error("No endpoint needs a user before the start is complete"));
