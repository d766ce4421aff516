// Chromium for journeys: people in browser contexts of their own, and everything that a page must not do.
import { existsSync } from "node:fs";
import axe from "axe-core";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

/** The system's Chromium; CHROMIUM names another one. */
export function launchBrowser(): Promise<Browser> {
  const candidates = [
    process.env["CHROMIUM"],
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
  ];
  const executablePath = candidates.find((path) => path !== undefined && existsSync(path));
  if (executablePath === undefined)
    throw new Error("No Chromium found; install it, or set CHROMIUM to its path");
  return chromium.launch({ executablePath, headless: true, args: flags });
}

export interface Visitor {
  page: Page;
  /** Violations of the page's policy, scripts that failed, requests to other hosts: each is one line. */
  findOffences: () => Promise<string[]>;
  /** Requests of the page that the server refused, or found nothing for: status and path. */
  refused: readonly string[];
  close: () => Promise<void>;
}

/** A browser context with one page, which is watched from before its first request. */
export async function openVisitor(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Visitor> {
  const context = await browser.newContext({
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    baseURL: url,
    ...options,
  });
  // Coming back after a restart of the server may take two of the longest waits.
  context.setDefaultTimeout(60_000);
  const offences: string[] = [];
  await context.exposeBinding("reportOffence", (_, line: string) => offences.push(line));
  await context.addInitScript(() => {
    const report = Reflect.get(globalThis, "reportOffence") as (line: string) => void;
    document.addEventListener("securitypolicyviolation", (event) =>
      report(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`),
    );
  });
  const { host } = new URL(url);
  const page = await context.newPage();
  page.on("request", (request) => {
    const target = new URL(request.url());
    if (target.protocol !== "data:" && target.host !== host) offences.push(`request: ${request.url()}`);
  });
  const refused: string[] = [];
  page.on("response", (answer) => {
    if (answer.status() >= 400) refused.push(`${answer.status()} ${new URL(answer.url()).pathname}`);
  });
  page.on("websocket", (socket) => {
    if (new URL(socket.url()).host !== host) offences.push(`socket: ${new URL(socket.url()).host}`);
  });
  page.on("pageerror", (error) => offences.push(`script: ${error.stack ?? error.message}`));
  page.on("dialog", (dialog) => {
    offences.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return {
    page,
    refused,
    async findOffences() {
      // The browser reports with the next frames what happened before.
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
      return offences;
    },
    close: () => context.close(),
  };
}

/** What axe finds on the page as it is now: rule and elements. */
export async function findBarriers(page: Page): Promise<string[]> {
  // As an expression of the debugger it is no script of the page, so the page's policy stays as it is.
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const run = Reflect.get(globalThis, "axe") as typeof axe;
    return (await run.run(document, { resultTypes: ["violations"] })).violations;
  });
  return violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes.map((node) => `${node.target.join(" ")} (${node.failureSummary})`).join("; ")}`,
  );
}
