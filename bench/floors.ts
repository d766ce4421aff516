// The bare servers beside which delivery is measured.
import { freePort } from "../tests/postgres.ts";
import { startProgram, untilAnswered, type Program } from "./programs.ts";

export interface FloorServer extends Program {
  readonly url: string;
}

/** @param isNaive serialises and sends each message once per recipient, as a simple server does */
export async function startFloor(isNaive = false): Promise<FloorServer> {
  const port = await freePort();
  const program = startProgram("bench/floors/publish.ts", {
    PORT: String(port),
    ...(isNaive ? { NAIVE: "1" } : {}),
  });
  program.output.catch(() => {});
  const url = `http://127.0.0.1:${port}`;
  await untilAnswered(url);
  return Object.assign(program, { url });
}
