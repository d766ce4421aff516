// A network through which a client hears very little: a kibibyte a second while it is narrow, or nothing at all.
import { connect, createServer, type Socket } from "node:net";
import { Transform } from "node:stream";

export interface NarrowNetwork extends AsyncDisposable {
  readonly url: string;
  /** How many connections were there in all. */
  readonly connections: number;
  /** `wide`: everything passes at once. */
  become(width: Width): void;
}

type Width = "wide" | "narrow" | "shut";

const pieceBytes = 1024;
const pieceMs = 1000;
const lookMs = 50;

export async function startNarrowNetwork(target: string): Promise<NarrowNetwork> {
  const port = Number(new URL(target).port);
  const sockets = new Set<Socket>();
  let width: Width = "wide";
  let connections = 0;

  function keep(socket: Socket): Socket {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    return socket;
  }

  /** Passes a chunk on, piece by piece, as fast as the network is at the moment of each. */
  async function pass(chunk: Buffer, push: (piece: Buffer) => void, isOpen: () => boolean): Promise<void> {
    for (let rest = chunk; rest.length > 0 && isOpen();) {
      while (width === "shut" && isOpen()) await Bun.sleep(lookMs);
      if (width === "wide") return push(rest);
      push(rest.subarray(0, pieceBytes));
      rest = rest.subarray(pieceBytes);
      await Bun.sleep(pieceMs);
    }
  }

  const server = createServer((near) => {
    connections++;
    keep(near);
    const far = keep(connect(port, "127.0.0.1"));
    const strait = new Transform({
      highWaterMark: pieceBytes,
      transform(chunk: Buffer, _, done) {
        const isOpen = () => !near.destroyed && !far.destroyed;
        void pass(chunk, (piece) => this.push(piece), isOpen).finally(done);
      },
    });
    near.pipe(far);
    far.pipe(strait).pipe(near);
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();

  return {
    url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
    get connections() {
      return connections;
    },
    become: (next) => void (width = next),
    async [Symbol.asyncDispose]() {
      width = "wide";
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
