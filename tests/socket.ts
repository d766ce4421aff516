// A WebSocket for tests: keeps every frame that it heard, and waits for those that a test asks for.

export type Frame = Record<string, unknown> & {
  event?: string;
  status?: string;
  error?: string;
  code?: string;
  request_id?: string;
  chat_id?: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- what a test looks into is its own affair
  data?: any;
};

export interface TestSocket {
  /** All frames so far, in their order. */
  readonly frames: Frame[];
  send(frame: object | string | Uint8Array<ArrayBuffer>): void;
  /** Sends with a request_id and waits for the frame that echoes it. */
  request(frame: object): Promise<Frame>;
  /** The first frame, heard already or to come, that the predicate takes; each is given out once. */
  next(predicate?: (frame: Frame) => boolean): Promise<Frame>;
  /** Resolves when all frames that the server sent before now have been heard. */
  settle(): Promise<void>;
  readonly closed: Promise<{ code: number; reason: string }>;
  close(): void;
}

const patienceMs = 10_000;

export const openSocket = (url: string, token: string, path = "/ws"): Promise<TestSocket> =>
  watch(new WebSocket(`${url.replace(/^http/, "ws")}${path}?token=${encodeURIComponent(token)}`));

/** By a ticket, as pages do. */
export const openByTicket = (url: string, ticket: string, path = "/ws"): Promise<TestSocket> =>
  watch(new WebSocket(`${url.replace(/^http/, "ws")}${path}`, ["windi", `ticket.${ticket}`]));

async function watch(ws: WebSocket): Promise<TestSocket> {
  const frames: Frame[] = [];
  const unclaimed: Frame[] = [];
  const waiting = new Set<{ take(frame: Frame): boolean; fail(error: Error): void }>();
  const closing = Promise.withResolvers<{ code: number; reason: string }>();
  let requests = 0;

  ws.addEventListener("message", (event) => {
    const frame = JSON.parse(String(event.data)) as Frame;
    frames.push(frame);
    for (const waiter of waiting) if (waiter.take(frame)) return;
    unclaimed.push(frame);
  });
  ws.addEventListener("close", ({ code, reason }) => {
    closing.resolve({ code, reason });
    for (const waiter of waiting) waiter.fail(new Error(`Closed with ${code} ${reason}`));
  });

  function next(predicate: (frame: Frame) => boolean = () => true): Promise<Frame> {
    const at = unclaimed.findIndex(predicate);
    if (at >= 0) return Promise.resolve(unclaimed.splice(at, 1)[0] as Frame);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(waiter);
        reject(new Error(`Not heard in ${patienceMs} ms; heard: ${JSON.stringify(frames.slice(-5))}`));
      }, patienceMs);
      const end = () => {
        clearTimeout(timer);
        waiting.delete(waiter);
      };
      const waiter = {
        take(frame: Frame) {
          if (!predicate(frame)) return false;
          end();
          resolve(frame);
          return true;
        },
        fail(error: Error) {
          end();
          reject(error);
        },
      };
      waiting.add(waiter);
    });
  }

  async function request(frame: object): Promise<Frame> {
    const request_id = `r${++requests}`;
    ws.send(JSON.stringify({ ...frame, request_id }));
    return next((answer) => answer.request_id === request_id);
  }

  await new Promise<void>((resolve, reject) => {
    ws.addEventListener("open", () => resolve(), { once: true });
    ws.addEventListener("error", () => reject(new Error("The WebSocket was refused")), { once: true });
  });
  return {
    frames,
    send: (frame) => ws.send(isRaw(frame) ? frame : JSON.stringify(frame)),
    request,
    next,
    // Frames of one connection are answered in their order, and a leave waits for all before it.
    settle: async () => void (await request({ action: "leave_chat", chat_id: crypto.randomUUID() })),
    closed: closing.promise,
    close: () => ws.close(),
  };
}

const isRaw = (frame: object | string): frame is string | Uint8Array<ArrayBuffer> =>
  typeof frame === "string" || frame instanceof Uint8Array;
