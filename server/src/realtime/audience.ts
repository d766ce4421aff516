// Putting a frame on the topics of this node; whoever caused it gets it as the answer, in its place in the order.
import type { Connection } from "./connection.ts";

/** The connection whose frame caused an event: it gets the event as the answer to that frame. */
export interface Origin {
  connection: Connection;
  requestId: string | undefined;
}

/** To all sockets of this node that follow the topic. */
export type Publish = (topic: string, frame: string) => void;

/** A socket follows at most one of the topics. */
export function publishTo(
  publish: Publish,
  topics: readonly string[],
  frame: string,
  origin: Origin | undefined,
): void {
  const socket = origin?.connection.isOpen ? origin.connection.socket : undefined;
  const own = socket && topics.find((topic) => socket.isFollowing(topic));
  const isPlain = !socket || (own !== undefined && origin?.requestId === undefined);
  if (!isPlain) socket.send(withRequestId(frame, origin?.requestId));
  for (const topic of topics) {
    if (!isPlain && topic === own) socket.publishToOthers(topic, frame);
    else publish(topic, frame);
  }
}

/** Puts the id into a frame that is serialised already: the event's text is the same for everyone. */
const withRequestId = (frame: string, requestId: string | undefined) =>
  requestId === undefined ? frame : `${frame.slice(0, -1)},"request_id":${JSON.stringify(requestId)}}`;
