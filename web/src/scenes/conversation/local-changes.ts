// Edits and deletions of one's own messages: shown at once, a deletion sent only when it can be undone no more.
import { createObservable, isApiError, type Call, type MessageInfo, type Observable } from "@windi/sdk";

export interface LocalChange {
  /** Undefined: deleted. */
  readonly text: string | undefined;
  readonly mentions: readonly string[];
  /** From this version on the message is as the server has it. */
  readonly version: number;
}

/** Message id → how it is shown instead. */
export type LocalChangesState = ReadonlyMap<string, LocalChange>;

export interface LocalChanges extends Observable<LocalChangesState> {
  edit(message: MessageInfo, text: string, mentions: readonly string[]): void;
  /** Answers with what takes it back. */
  remove(message: MessageInfo): () => void;
  /** Sends what still could be undone, as when the page goes; resolves when all that was changed is answered. */
  flush(): Promise<void>;
}

/** For so long a deletion can be undone. */
export const undoMs = 5000;

export interface LocalChangesNeeds {
  call: Call;
  /** Answers with what cancels it. */
  later: (delayMs: number, call: () => void) => () => void;
  /** @param again tries once more; undefined where that is of no use */
  onFailure: (error: unknown, again: (() => void) | undefined) => void;
}

export function createLocalChanges({ call, later, onFailure }: LocalChangesNeeds): LocalChanges {
  const state = createObservable<LocalChangesState>(new Map());
  const waiting = new Map<string, () => void>();
  /** Of each message the last change that is on its way. */
  const underWay = new Map<string, Promise<void>>();

  const put = (id: string, change: LocalChange) => state.set(new Map(state.get()).set(id, change));

  function drop(id: string, change?: LocalChange): void {
    // What was changed once more meanwhile is shown as it was changed last.
    if (change && state.get().get(id) !== change) return;
    const next = new Map(state.get());
    next.delete(id);
    state.set(next);
  }

  /** One change of a message after the other, so that the last one stays; what is out of date by then is left out. */
  function send(id: string, change: LocalChange, ask: () => Promise<MessageInfo>): void {
    const before = underWay.get(id);
    const turn = before ? before.then(() => attempt(id, change, ask)) : attempt(id, change, ask);
    underWay.set(id, turn);
    void turn.then(() => underWay.get(id) === turn && underWay.delete(id));
  }

  async function attempt(id: string, change: LocalChange, ask: () => Promise<MessageInfo>): Promise<void> {
    if (state.get().get(id) !== change) return;
    try {
      const { version } = await ask();
      if (state.get().get(id) === change) put(id, { ...change, version });
    } catch (error) {
      const isLast = state.get().get(id) === change;
      drop(id, change);
      const again = () => {
        put(id, change);
        send(id, change, ask);
      };
      onFailure(error, isLast && !(isApiError(error) && !error.retryable) ? again : undefined);
    }
  }

  return {
    get: state.get,
    subscribe: state.subscribe,
    edit(message, text, mentions) {
      const change = { text, mentions, version: Infinity };
      put(message.id, change);
      const params = { chat_id: message.chat_id, message_id: message.id };
      send(message.id, change, () =>
        call("editMessage", { params, body: { text, mentions: [...mentions] } }),
      );
    },
    remove(message) {
      const change = { text: undefined, mentions: [], version: Infinity };
      const params = { chat_id: message.chat_id, message_id: message.id };
      put(message.id, change);
      const run = () => {
        cancel();
        waiting.delete(message.id);
        send(message.id, change, () => call("deleteMessage", { params }));
      };
      const cancel = later(undoMs, run);
      waiting.set(message.id, run);
      return () => {
        if (!waiting.delete(message.id)) return;
        cancel();
        drop(message.id, change);
      };
    },
    async flush() {
      for (const run of [...waiting.values()]) run();
      await Promise.all(underWay.values());
    },
  };
}

/** The message as it is shown. */
export function applyChange(message: MessageInfo, changes: LocalChangesState): MessageInfo {
  const change = changes.get(message.id);
  if (!change || message.version >= change.version || message.deleted_at !== null) return message;
  const at = message.edited_at ?? message.created_at;
  return change.text === undefined
    ? { ...message, text: "", mentions: [], deleted_at: at }
    : { ...message, text: change.text, mentions: [...change.mentions], edited_at: at };
}
