// The connection: one state machine from the first attempt to the end, which comes back by itself.
import { ConnectionError, isFailure, isPassing } from "./api-error.ts";
import type { Clock } from "./clock.ts";
import type { ActionName, Actions } from "./contract.ts";
import { readFrame, type EventFrame } from "./frame.ts";
import { createHeartbeat } from "./heartbeat.ts";
import { createObservable, type Observable } from "./observable.ts";
import { afterClose, createReconnect } from "./reconnect.ts";
import { createRequests } from "./requests.ts";
import type { Tokens } from "./token.ts";
import { openWire, type Entrance, type WebSocketConstructor, type Wire } from "./wire.ts";

/**
 * `idle`: never started · `connecting` · `subscribing`: connected, not yet told where the chats are · `subscribed`: hears
 * everything · `waiting`: comes back at `retryAt` (milliseconds since 1970) · `closed`: does not come back by itself.
 */
export type ConnectionState =
  | { readonly phase: "idle" | "connecting" | "subscribing" | "subscribed" }
  | { readonly phase: "waiting"; readonly retryAt: number }
  | {
      readonly phase: "closed";
      /** `signed_out`: there is no token that is good · `refused`: the server wants no more · `ended`: by `close()`. */
      readonly reason: "signed_out" | "refused" | "ended";
      readonly code?: number;
    };

const connectTimeoutMs = 15_000;
const answerTimeoutMs = 15_000;
/** To leave a chat that there is not is answered without looking anywhere. */
const probe = { action: "leave_chat", chat_id: "00000000-0000-0000-0000-000000000000" };

interface ConnectionNeeds {
  clock: Clock;
  random: () => number;
  tokens: Tokens;
  /** How to connect as the owner of this token; asked before each attempt. */
  entranceFor: (token: string) => Promise<Entrance>;
  webSocket: WebSocketConstructor;
  onEvent: (frame: EventFrame) => void;
  onSubscribed: (answer: Actions["subscribe"]["answer"]) => void;
  onLost: () => void;
}

export interface Connection extends Observable<ConnectionState> {
  isSubscribed(): boolean;
  start(): void;
  stop(): void;
  /** The network or the person is back: wait no longer, or see whether the connection still lives. */
  wake(): void;
  /** Fails with `ConnectionError` when there is no connection, when it ends, and when the answer takes too long. */
  request<Name extends ActionName>(
    action: Name,
    fields: Actions[Name]["fields"],
  ): Promise<Actions[Name]["answer"]>;
  /** Sends what has no answer; is nothing without a connection. */
  tell<Name extends ActionName>(action: Name, fields: Actions[Name]["fields"]): void;
}

export function createConnection(needs: ConnectionNeeds): Connection {
  const { clock, random, tokens, entranceFor, webSocket, onEvent, onSubscribed, onLost } = needs;
  const state = createObservable<ConnectionState>({ phase: "idle" });
  const reconnect = createReconnect({ now: () => clock.now(), random });
  const send = (frame: object) => wire?.send(JSON.stringify(frame));
  const heartbeat = createHeartbeat({ clock, ask: () => send(probe), onDead: lose });
  const requests = createRequests({ clock, send, onTimeout: () => heartbeat.check() });
  let wire: Wire | undefined;
  let cancelTimer = () => {};
  /** What is under way; what belongs to another attempt is of no interest any more. */
  let attempt: object = {};
  let hasRenewed = false;

  const isSubscribed = () => state.get().phase === "subscribed";

  /** Ends whatever is under way, without a word to others about what comes next. */
  function release(): void {
    cancelTimer();
    heartbeat.stop();
    attempt = {};
    wire?.end();
    wire = undefined;
  }

  function enter(next: ConnectionState): void {
    const wasSubscribed = isSubscribed();
    state.set(next);
    requests.end();
    if (wasSubscribed) onLost();
  }

  function connect(): void {
    release();
    const own = attempt;
    reconnect.tried();
    enter({ phase: "connecting" });
    cancelTimer = clock.later(connectTimeoutMs, lose);
    void proceed(own, tokens.current(), { refused: "signed_out", next: (token) => knock(own, token) });
  }

  /** Goes on with what was waited for, if this attempt is still the one. */
  async function proceed<T>(
    own: object,
    wanted: Promise<T>,
    { next, refused }: { next: (value: T) => void; refused: "signed_out" | "refused" },
  ): Promise<void> {
    try {
      const value = await wanted;
      if (own === attempt) next(value);
    } catch (error) {
      if (!isFailure(error)) throw error;
      if (own !== attempt) return;
      if (isPassing(error)) lose();
      else end(refused);
    }
  }

  function knock(own: object, token: string): void {
    const next = (entrance: Entrance) => open(own, token, entrance);
    void proceed(own, entranceFor(token), { refused: "signed_out", next });
  }

  function open(own: object, token: string, entrance: Entrance): void {
    const link = openWire({
      entrance,
      webSocket,
      onOpen() {
        if (own !== attempt) return;
        cancelTimer();
        state.set({ phase: "subscribing" });
        heartbeat.start();
        void proceed(own, ask("subscribe", {}), {
          refused: "refused",
          next(answer) {
            reconnect.subscribed();
            state.set({ phase: "subscribed" });
            onSubscribed(answer);
          },
        });
      },
      onText(text) {
        if (own === attempt) hear(text);
      },
      onClose(code) {
        if (own !== attempt) return;
        const next = afterClose(code);
        if (next === "renew") renew(token);
        else if (next === "stay_away") end("refused", code);
        else lose();
      },
    });
    wire = link;
  }

  function hear(text: unknown): void {
    heartbeat.heard();
    const frame = readFrame(text);
    if (!frame) return;
    if ("event" in frame) {
      if (frame.event === "come_back") reconnect.askedToComeBack(frame.after_ms);
      onEvent(frame);
    }
    requests.answer(frame);
  }

  /** Once; a token that is refused right after it was given means that there is none that is good. */
  function renew(refused: string): void {
    if (reconnect.wasHealthy()) hasRenewed = false;
    if (hasRenewed) return end("signed_out");
    release();
    const own = attempt;
    enter({ phase: "connecting" });
    cancelTimer = clock.later(connectTimeoutMs, lose);
    void proceed(own, tokens.renew(refused), {
      refused: "signed_out",
      next(token) {
        if (token === undefined) return end("signed_out");
        hasRenewed = true;
        connect();
      },
    });
  }

  /** Gives this connection up and takes another one after a while. */
  function lose(): void {
    release();
    retryIn(reconnect.nextDelayMs());
  }

  function retryIn(delayMs: number): void {
    cancelTimer();
    cancelTimer = clock.later(delayMs, connect);
    enter({ phase: "waiting", retryAt: clock.now() + delayMs });
  }

  function end(reason: "signed_out" | "refused" | "ended", code?: number): void {
    release();
    enter({ phase: "closed", reason, ...(code === undefined ? {} : { code }) });
  }

  const ask = <Name extends ActionName>(action: Name, fields: Actions[Name]["fields"]) =>
    requests.ask({ action, ...fields }, answerTimeoutMs) as Promise<Actions[Name]["answer"]>;

  return {
    get: () => state.get(),
    subscribe: (listener) => state.subscribe(listener),
    isSubscribed,
    start() {
      const { phase } = state.get();
      if (phase !== "idle" && phase !== "closed") return;
      hasRenewed = false;
      connect();
    },
    stop: () => end("ended"),
    wake() {
      const now = state.get();
      if (now.phase === "subscribed") heartbeat.check();
      if (now.phase === "waiting") retryIn(Math.min(now.retryAt - clock.now(), reconnect.hurriedDelayMs()));
    },
    request: (action, fields) =>
      isSubscribed() ? ask(action, fields) : Promise.reject(new ConnectionError("closed")),
    tell(action, fields) {
      if (isSubscribed()) send({ action, ...fields });
    },
  };
}
