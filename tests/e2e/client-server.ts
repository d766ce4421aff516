// A server in the tests' own process that hands out the built client, and pages of it that are watched for offences.
import { afterAll, beforeAll } from "bun:test";
import { join } from "node:path";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { buildPage } from "../../scripts/page.mjs";
import { root, startServer, type TestServer } from "../harness.ts";
import { launchBrowser, openVisitor, type Visitor } from "./browser.ts";

const timeoutMs = 120_000;

/** The built client, as new as its sources. */
export async function buildClient(): Promise<string> {
  await buildPage();
  return join(root, "web", "dist");
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
