// A server in the tests' own process that hands out the built client, and pages of it that are watched for offences.
import { afterAll, beforeAll } from "bun:test";
import { join } from "node:path";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { root, startServer, type TestServer } from "../harness.ts";
import { launchBrowser, openVisitor, type Visitor } from "./browser.ts";

const timeoutMs = 120_000;

/** Builds the client unless it is built since its sources changed; the build's mark is as old as the build. */
export async function buildClient(): Promise<string> {
  const client = join(root, "client");
  const built = Bun.file(join(client, "dist", ".built"));
  const sources = new Bun.Glob("{client/{src,public,worker}/**/*,client/*.*,sdk/src/**/*}");
  let changedAt = 0;
  for await (const path of sources.scan(root))
    changedAt = Math.max(changedAt, Bun.file(join(root, path)).lastModified);
  if (!(await built.exists()) || built.lastModified < changedAt) {
    const build = Bun.spawn([process.execPath, join(client, "build.ts")], {
      cwd: root,
      stdio: ["ignore", "ignore", "inherit"],
    });
    if ((await build.exited) !== 0) throw new Error("The client does not build");
  }
  return join(client, "dist");
}

/** Starts a server and a browser before the tests of the calling file, and stops them after. */
export function prepareClient() {
  let server: TestServer;
  let browser: Browser;
  let webDirectory: string;
  const visitors: Visitor[] = [];

  beforeAll(async () => {
    webDirectory = await buildClient();
    [server, browser] = await Promise.all([startServer({ webDirectory }), launchBrowser()]);
  }, timeoutMs);

  afterAll(async () => {
    await Promise.all(visitors.map((visitor) => visitor.close()));
    await browser.close();
    await server[Symbol.asyncDispose]();
  });

  return {
    server: () => server,
    /** The built client. */
    webDirectory: () => webDirectory,

    /** A browser of its own, as a person at a device has one, with a page that is not opened yet; of this server unless told. */
    async visit(options: BrowserContextOptions = {}, { url } = server): Promise<Visitor> {
      const visitor = await openVisitor(browser, url, options);
      visitors.push(visitor);
      return visitor;
    },
  };
}
