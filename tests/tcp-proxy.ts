// A TCP proxy that passes everything on, or answers nothing, or hangs up: a network that fails.
import { connect, createServer, type Socket } from "node:net";
import { Transform } from "node:stream";

export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /**
   * `hole`: what connects is accepted and never answered, nor are connections of before, not even when the hole is gone.
   * `hang up`: what connects is closed at once, as are connections of before.
   * `slow`: what is sent arrives some tenths of a second later, in its order.
   * `deaf`, `mute`: nothing comes from the server any more, or nothing from the client, its end neither; connections of
   * before stay so.
   */
  become(mode: Mode): void;
}

type Mode = "pass" | "hole" | "hang up" | "slow" | "deaf" | "mute";

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

  /** @param blocked while this is the mode, nothing gets through, nor does anything later */
  function connectWay(from: Socket, to: Socket, blocked: Mode): void {
    let isBlocked = false;
    const look = () => (isBlocked ||= mode === blocked);
    const way = new Transform({
      transform(chunk: Buffer, _, pass) {
        if (look()) pass();
        else if (mode === "slow") setTimeout(() => pass(null, chunk), slownessMs());
        else pass(null, chunk);
      },
      flush(end) {
        if (!look()) end();
      },
    });
    from.pipe(way).pipe(to);
    from.on("close", () => look() || to.destroy());
  }

  function join(near: Socket): void {
    const far = connect(targetPort, "127.0.0.1");
    keep(far);
    connectWay(near, far, "mute");
    connectWay(far, near, "deaf");
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
