// What can be done with a message, by whose it is and how far it has come.
import type { SentenceKey } from "../../messages/catalogue.ts";
import type { Row } from "./rows.ts";

export type ActionName = "retry" | "copy" | "link" | "edit" | "readers" | "unread" | "delete" | "discard";

export const actionLabels: Readonly<Record<ActionName, SentenceKey>> = {
  retry: "retry",
  copy: "copy_text",
  link: "copy_link",
  edit: "edit",
  readers: "who_read",
  unread: "mark_unread_here",
  delete: "delete",
  discard: "delete",
};

/** In the order in which they are offered. */
export function findActions(
  row: Pick<Row, "entry" | "isDeleted" | "isOwn">,
  { isGroup }: { isGroup: boolean },
): ActionName[] {
  if (row.entry) {
    if (row.entry.state === "refused") return ["retry", "edit", "copy", "discard"];
    return row.entry.state === "queued" ? ["copy", "discard"] : ["copy"];
  }
  if (row.isDeleted) return ["link", "unread"];
  if (!row.isOwn) return ["copy", "link", "unread"];
  return ["edit", "copy", "link", ...(isGroup ? (["readers"] as const) : []), "unread", "delete"];
}
