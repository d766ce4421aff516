// Taking people out of a chat, on every node: from before the commit they hear nothing; how it ends is told to them.
import type { ChatRemoved } from "@windi/protocol";
import type { Bus } from "../bus/bus.ts";
import type { Revocation } from "../chats/news.ts";
import type { Connection } from "./connection.ts";
import { maxUserIds, type NodeMessage, type RevocationPhase } from "./node-message.ts";
import { slices } from "./slices.ts";
import type { Subscriptions } from "./subscriptions.ts";

export interface Revocations {
  /** Begins it here and on all other nodes. */
  begin(chatId: string, userIds: readonly string[]): Revocation;
  /** What another node tells. */
  hear(message: Extract<NodeMessage, { kind: "revoke" }>): void;
  /** These people were found to be out of the chat: nobody told this node. */
  settle(chatId: string, userIds: readonly string[]): void;
}

interface RevocationsNeeds {
  subscriptions: Subscriptions;
  bus: Bus<NodeMessage>;
  newId(): string;
  /** Calls back once, later; the answer cancels it. */
  after(delayMs: number, call: () => void): () => void;
}

/** How long a node waits for the end of what another has begun; then whoever was cut comes back and asks. */
const patienceMs = 15_000;

export function createRevocations({ subscriptions, bus, newId, after }: RevocationsNeeds): Revocations {
  /** Begun by other nodes. */
  const open = new Map<string, (phase: RevocationPhase) => void>();

  function beginHere(chatId: string, userIds: readonly string[]): (phase: RevocationPhase) => void {
    const { cut, end } = subscriptions.revoke(chatId, userIds);
    return (phase) => {
      end();
      // Also to whom did not hear the chat here: a list that was read before that names it.
      if (phase === "committed") tell(chatId, userIds.flatMap(subscriptions.subscribed));
      // It was rolled back, or nobody knows: they may have missed something.
      else for (const connection of cut) connection.close("restarting");
    };
  }

  return {
    begin(chatId, userIds) {
      const heads = [...slices(userIds, maxUserIds)].map((some) => ({ id: newId(), chatId, userIds: some }));
      const endHere = beginHere(chatId, userIds);
      const tellOthers = (phase: RevocationPhase) => {
        for (const head of heads) bus.broadcast({ head: { kind: "revoke", ...head, phase } });
      };
      tellOthers("begun");
      const finish = (phase: RevocationPhase) => {
        endHere(phase);
        tellOthers(phase);
      };
      return { committed: () => finish("committed"), undone: () => finish("undone") };
    },

    hear({ id, chatId, userIds, phase }) {
      const finish = open.get(id);
      if (finish) return phase === "begun" ? undefined : finish(phase);
      if (phase === "undone") return undefined;
      const endHere = beginHere(chatId, userIds);
      if (phase === "committed") return endHere(phase);
      const cancel = after(patienceMs, () => open.get(id)?.("undone"));
      open.set(id, (ending) => {
        cancel();
        open.delete(id);
        endHere(ending);
      });
      return undefined;
    },

    settle: (chatId, userIds) => beginHere(chatId, userIds)("committed"),
  };
}

function tell(chatId: string, connections: readonly Connection[]): void {
  const frame: ChatRemoved = { event: "chat_removed", chat_id: chatId };
  for (const connection of connections) connection.answer(frame);
}
