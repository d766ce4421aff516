// How a message travels: the head as JSON, and behind a newline the frame as it is, so that nothing is escaped twice.
import type { BusMessage } from "./bus.ts";

export function encodeMessage<Head>({ head, frame }: BusMessage<Head>): string {
  const text = JSON.stringify(head);
  return frame === undefined ? text : `${text}\n${frame}`;
}

/** Throws for what is no message. That the head is one of this version's, only who wrote it can say. */
export function decodeMessage<Head>(text: string): BusMessage<Head> {
  const end = text.indexOf("\n");
  const head: unknown = JSON.parse(end === -1 ? text : text.slice(0, end));
  if (typeof head !== "object" || head === null) throw new SyntaxError("The head is no object");
  return end === -1 ? { head: head as Head } : { head: head as Head, frame: text.slice(end + 1) };
}
