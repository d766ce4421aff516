// A server in a process of its own, with the built page, that a test can stop and start again at the same address.
import { join } from "node:path";
import { buildPage } from "../../scripts/page.mjs";
import { root, testEnvironment } from "../harness.ts";

export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  stop: () => Promise<void>;
  /** Starts it again where it was, with the same data. */
  start: () => Promise<void>;
}

const bun = (...parameters: string[]) => [process.execPath, ...parameters];

export async function startServerProcess(): Promise<ServerProcess> {
  await buildPage();
  const environment = await testEnvironment({ environment: { LOG_LEVEL: "info" } });
  let child: Bun.Subprocess<"ignore", "pipe", "inherit"> | undefined;
  let url = "";

  async function start(): Promise<void> {
    child = Bun.spawn(bun(join(root, "server/src/main.ts")), {
      env: { PATH: process.env["PATH"], ...environment, ...(url && { SERVER_PORT: new URL(url).port }) },
      stdio: ["ignore", "pipe", "inherit"],
    });
    url = await readAddress(child.stdout);
  }

  async function stop(): Promise<void> {
    child?.kill("SIGTERM");
    await child?.exited;
  }

  await start();
  return {
    get url() {
      return url;
    },
    start,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Reads the log until the server says where it listens, and goes on reading so that the pipe never fills. */
function readAddress(log: ReadableStream<Uint8Array>): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  async function read(): Promise<void> {
    let rest = "";
    const decoder = new TextDecoder();
    for await (const chunk of log) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const entry = JSON.parse(line) as { msg?: string; url?: string };
        if (entry.msg === "listening" && entry.url) resolve(entry.url);
      }
    }
    reject(new Error("The server ended before it listened"));
  }
  read().catch(reject);
  return promise;
}
