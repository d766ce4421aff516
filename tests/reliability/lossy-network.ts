// A network that loses every fifth answer and brings every twentieth request twice, one request to a connection.
import { connect, createServer, type Socket } from "node:net";
import type { Random } from "../random.ts";

export interface LossyNetwork extends AsyncDisposable {
  readonly url: string;
  /** How many answers it lost, and how many requests it brought twice. */
  readonly counts: { readonly lost: number; readonly twice: number };
}

const fates = { well: 75, lost: 20, twice: 5 };

export async function startLossyNetwork(target: string, random: Random): Promise<LossyNetwork> {
  const port = Number(new URL(target).port);
  const counts = { well: 0, lost: 0, twice: 0 };
  const sockets = new Set<Socket>();

  function keep(socket: Socket): Socket {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    return socket;
  }

  function reach(): Socket {
    return keep(connect(port, "127.0.0.1"));
  }

  const server = createServer((near) => {
    keep(near);
    const fate = random.weighted(fates);
    counts[fate]++;
    const first = reach();
    const all = fate === "twice" ? [first, reach()] : [first];
    near.on("data", (chunk) => all.forEach((far) => far.write(chunk)));
    // The answer is there, so what was asked is done.
    first.on("data", (chunk) => (fate === "lost" ? near.destroy() : near.write(chunk)));
    first.on("end", () => near.end());
    near.on("close", () => all.forEach((far) => far.end()));
    for (const other of all.slice(1)) other.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();

  return {
    url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
    counts,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
