// The chats of the workload `bus`: which node has members of which chat, the same for every process that asks.

/** How the ten members of each chat lie on the nodes. */
export type Spread = "spread" | "one node";

const membersPerChat = 10;

export const chatIdOf = (n: number) => `00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`;

/** The places of all nodes on which the chat has a member. */
export function nodesOf(n: number, nodes: number, spread: Spread): Set<number> {
  if (spread === "one node") return new Set([n % nodes]);
  let state = n + 1;
  const draw = () => {
    // A linear congruential generator with the constants of Numerical Recipes; its high bits are the good ones.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * nodes);
  };
  draw();
  return new Set(Array.from({ length: membersPerChat }, draw));
}

/** All chats that have a member on the node, of the first `chats`. */
export function chatsOf(place: number, { chats, nodes, spread }: Population): number[] {
  return Array.from({ length: chats }, (_, n) => n).filter((n) => nodesOf(n, nodes, spread).has(place));
}

export interface Population {
  chats: number;
  nodes: number;
  spread: Spread;
}
