// The port that several processes are about to share: two supervisors would share it without a word.
import { createServer } from "node:net";

/**
 * Finds out whether nobody listens there, by listening alone for a moment.
 * @param port 0: any free one
 * @returns the port
 * @throws an error with the code EADDRINUSE or EACCES when it cannot be taken
 */
export function findFreePort(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen({ host, port, exclusive: true }, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : port));
    });
  });
}
