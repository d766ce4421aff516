// Whether sockets are still there: one that is silent is asked, and cut when it does not answer. The engine's own timer starts
// anew with each frame that goes out, and would keep for ever who is gone from a busy chat.

/** A socket, and what is noted with it: there are many of them, and an object more for each would count. */
export interface Beating {
  /** Anything came from it since its last turn. */
  isHeard: boolean;
  /** How often it was asked since it was last heard. */
  asked: number;
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

/** A round has so many turns, so that sockets that came together are not all asked together. */
const turns = 10;
const mostAsked = 2;

export function createHeartbeat<Socket extends Beating>({ silenceSeconds, now }: HeartbeatNeeds) {
  // In the worst case a socket was heard right after its turn: that turn's note, two questions, and the end.
  const roundMs = (silenceSeconds * 1000) / (mostAsked + 2);
  const intervalMs = roundMs / turns;
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
        if (socket.isHeard) socket.asked = 0;
        else socket.asked++;
        socket.isHeard = false;
        if (socket.asked > mostAsked) socket.cut();
        else if (socket.asked > 0) socket.ask();
      }
    },
  };
  return heartbeat;
}
