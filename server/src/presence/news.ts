// What nodes tell each other of who is online.

export interface PresenceHead {
  kind: "presence";
  /** The node that speaks: another id after each start. */
  node: string;
  news: PresenceNews;
}

/**
 * `seq` counts a node's changes: 1, 2, 3, … A hole means that something was lost; then the node is asked for everyone.
 */
export type PresenceNews =
  | {
      type: "changes";
      seq: number;
      came: readonly string[];
      /** With the moment at which their last connection ended. */
      went: readonly (readonly [userId: string, endedAtMs: number])[];
    }
  /** The person shows their presence, or no longer does: the database knows which. */
  | { type: "switched"; seq: number; userId: string }
  /** All who are online on this node as of `seq`, in as many parts as it takes. */
  | { type: "everyone"; seq: number; part: number; parts: number; userIds: readonly string[] }
  | { type: "alive"; seq: number }
  /** Of these nodes something is missing here. */
  | { type: "ask"; nodes: readonly string[] }
  /** A node that knows nothing yet, or not any more: all tell it everyone. */
  | { type: "hello" }
  /** The node ends; its people are coming back elsewhere. */
  | { type: "bye" };
