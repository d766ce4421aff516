// A TCP proxy that passes everything on, or answers nothing, or hangs up: a network that fails.
import { connect, createServer, type Socket } from "node:net";
import { Transform } from "node:stream";

export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /**
   * `hole`: what connects is accepted and never answered, nor are connections of before, not even when the hole is gone.
   * `hang up`: what connects is closed at once, as are connections of before.
   * `slow`: what is sent arrives some tenths of a second later, in its order.
   */
  become(mode: Mode): void;
}

type Mode = "pass" | "hole" | "hang up" | "slow";

/** A way of a tenth to three tenths of a second. */
const slownessMs = () => 100 + Math.random() * 200;

export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let mode: Mode = "pass";

  function keep(socket: Socket): void {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  }

  const createDelay = () =>
    new Transform({
      transform(chunk: Buffer, _, pass) {
        if (mode === "slow") setTimeout(() => pass(null, chunk), slownessMs());
        else pass(null, chunk);
      },
    });

  function join(near: Socket): void {
    const far = connect(targetPort, "127.0.0.1");
    keep(far);
    near.pipe(createDelay()).pipe(far);
    far.pipe(createDelay()).pipe(near);
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
  }

  const server = createServer({ pauseOnConnect: true }, (socket) => {
    keep(socket);
    if (mode === "hang up") socket.destroy();
    else if (mode !== "hole") join(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();

  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    become(next) {
      mode = next;
      for (const socket of sockets) {
        if (mode === "hang up") socket.destroy();
        if (mode === "hole") socket.unpipe().pause();
      }
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
