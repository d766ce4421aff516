// What stands before several nodes: each connection goes to the next node that says it is ready.
import { connect, createServer, type Socket } from "node:net";

export interface Balancer extends AsyncDisposable {
  readonly url: string;
}

/** @param nodes where the nodes are, whether they serve at the moment or not */
export async function startBalancer(nodes: readonly string[]): Promise<Balancer> {
  const sockets = new Set<Socket>();
  let turn = 0;

  function keep(socket: Socket): Socket {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    return socket;
  }

  async function findReady(): Promise<string | undefined> {
    for (let n = 0; n < nodes.length; n++) {
      const node = nodes[turn++ % nodes.length];
      const answer = await fetch(`${node}/readyz`, { keepalive: false }).catch(() => undefined);
      if (answer?.ok) return node;
    }
    return undefined;
  }

  async function join(near: Socket): Promise<void> {
    const node = await findReady();
    if (node === undefined || near.destroyed) return void near.destroy();
    const far = keep(connect(Number(new URL(node).port), "127.0.0.1"));
    near.pipe(far);
    far.pipe(near);
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
  }

  const server = createServer({ pauseOnConnect: true }, (near) => void join(keep(near)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();

  return {
    url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
