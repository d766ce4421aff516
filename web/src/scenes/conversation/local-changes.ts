// Edits and deletions of one's own messages: shown at once, a deletion sent only when it can be undone no more.
import { createObservable, type Call, type MessageInfo, type Observable } from "@windi/sdk";

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
  /** Sends what still could be undone, as when the page goes. */
  flush(): void;
}

/** For so long a deletion can be undone. */
export const undoMs = 5000;

interface LocalChangesNeeds {
  call: Call;
  /** Answers with what cancels it. */
  later: (delayMs: number, call: () => void) => () => void;
  onFailure: (error: unknown) => void;
}

export function createLocalChanges({ call, later, onFailure }: LocalChangesNeeds): LocalChanges {
  const state = createObservable<LocalChangesState>(new Map());
  const waiting = new Map<string, () => void>();

  const put = (id: string, change: LocalChange) => state.set(new Map(state.get()).set(id, change));

  function drop(id: string, change?: LocalChange): void {
    // What was changed once more meanwhile is shown as it was changed last.
    if (change && state.get().get(id) !== change) return;
    const next = new Map(state.get());
    next.delete(id);
    state.set(next);
  }

  async function send(id: string, change: LocalChange, ask: () => Promise<MessageInfo>): Promise<void> {
    try {
      const { version } = await ask();
      if (state.get().get(id) === change) put(id, { ...change, version });
    } catch (error) {
      drop(id, change);
      onFailure(error);
    }
  }

  return {
    get: state.get,
    subscribe: state.subscribe,
    edit(message, text, mentions) {
      const change = { text, mentions, version: Infinity };
      put(message.id, change);
      const params = { chat_id: message.chat_id, message_id: message.id };
      void send(message.id, change, () =>
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
        void send(message.id, change, () => call("deleteMessage", { params }));
      };
      const cancel = later(undoMs, run);
      waiting.set(message.id, run);
      return () => {
        if (!waiting.delete(message.id)) return;
        cancel();
        drop(message.id, change);
      };
    },
    flush() {
      for (const run of [...waiting.values()]) run();
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
