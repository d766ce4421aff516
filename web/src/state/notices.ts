// Short notices at the edge of the page: what was done, with a way to undo it, or what went wrong.
import { createObservable, type Observable } from "@windi/sdk";

export interface Notice {
  readonly id: number;
  readonly text: string;
  /** A fault stays until it is closed. */
  readonly isFault: boolean;
  readonly action?: { readonly label: string; readonly run: () => void };
}

export interface Notices extends Observable<readonly Notice[]> {
  /** Shown for some seconds, longer with an action; or for as long as is given. */
  tell(text: string, action?: Notice["action"], lastsMs?: number): void;
  /** Shown until it is closed; answers with its id. */
  keep(text: string, action: NonNullable<Notice["action"]>): number;
  fault(text: string, action?: Notice["action"]): void;
  close(id: number): void;
  /** Whoever they were for is gone. */
  clear(): void;
}

const shownMs = 5000;
const shownWithActionMs = 8000;
/** More than this nobody reads. */
const most = 3;

export function createNotices(later: (delayMs: number, call: () => void) => void): Notices {
  const notices = createObservable<readonly Notice[]>([]);
  let lastId = 0;

  function close(id: number): void {
    notices.set(notices.get().filter((notice) => notice.id !== id));
  }

  function show(notice: Omit<Notice, "id">): number {
    const id = ++lastId;
    // What can be done about each of them is another thing.
    const others = notices.get().filter(({ text, action }) => text !== notice.text || action !== undefined);
    notices.set([...others, { id, ...notice }].slice(-most));
    return id;
  }

  return {
    get: notices.get,
    subscribe: notices.subscribe,
    close,
    clear: () => notices.set([]),
    tell(text, action, lastsMs = action ? shownWithActionMs : shownMs) {
      const id = show({ text, isFault: false, ...(action && { action }) });
      later(lastsMs, () => close(id));
    },
    keep: (text, action) => show({ text, isFault: false, action }),
    fault(text, action) {
      show({ text, isFault: true, ...(action && { action }) });
    },
  };
}
