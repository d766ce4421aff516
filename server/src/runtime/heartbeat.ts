// Whether sockets are still there: one that is silent is asked, and cut when it does not answer. The engine's own timer starts
// anew with each frame that goes out, and would keep for ever who is gone from a busy chat.

/** A socket, and what is noted with it: there are many of them, and an object more for each would count. */
export interface Beating {
  /** How many turns it has had since it was last heard: whoever hears it sets this to 0. */
  silentTurns: number;
  /** Its place in the round. */
  turn: number;
  ask(): void;
  cut(): void;
}

export interface Heartbeat<Socket extends Beating> {
  /** How often to look. */
  readonly intervalMs: number;
  add(socket: Socket): void;
  remove(socket: Socket): void;
  /** Asks or cuts those whose turn it is. */
  look(): void;
}

interface HeartbeatNeeds {
  /** How long a socket may be silent until it is cut; it is asked from a quarter of that on. */
  silenceSeconds: number;
  /** Milliseconds since any moment. */
  now(): number;
}

/** Each socket has one turn in a round, and sockets that came together have theirs one after the other. */
const turns = 10;
/** The first may come right after it was heard; from the next one on it is asked, and at the last it is cut. */
const mostSilentTurns = 4;

export function createHeartbeat<Socket extends Beating>({ silenceSeconds, now }: HeartbeatNeeds) {
  const intervalMs = (silenceSeconds * 1000) / mostSilentTurns / turns;
  const round = Array.from({ length: turns }, () => new Set<Socket>());
  let added = 0;
  let turn = 0;
  let lookedAt = now();

  const heartbeat: Heartbeat<Socket> = {
    intervalMs,
    add(socket) {
      socket.turn = added++ % turns;
      round[socket.turn]?.add(socket);
    },
    remove: (socket) => void round[socket.turn]?.delete(socket),
    look() {
      const at = now();
      const isLate = at - lookedAt > 2 * intervalMs;
      lookedAt = at;
      // This process was away itself: what has come meanwhile is to be read first.
      if (isLate) return;
      turn = (turn + 1) % turns;
      for (const socket of round[turn] ?? []) {
        socket.silentTurns++;
        if (socket.silentTurns >= mostSilentTurns) socket.cut();
        else if (socket.silentTurns > 1) socket.ask();
      }
    },
  };
  return heartbeat;
}
