// Chromium as the measurements need it: pages that say when something was painted, and what their main thread did for it.
import type { Browser, CDPSession, Page } from "playwright-core";
import { launchBrowser, openVisitor } from "../tests/e2e/browser.ts";
import { workSince, type Work, type WorkCount } from "./web-figures.ts";
import { everyCore, generatorCore, keepTo } from "./programs.ts";

export interface MeasuredBrowser extends AsyncDisposable {
  readonly browser: Browser;
  readonly pid: number;
}

/** It has all cores, as on a device of one's own. */
export async function startBrowser(): Promise<MeasuredBrowser> {
  keepTo(everyCore);
  const browser = await launchBrowser();
  keepTo(generatorCore);
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  const pid = processInfo.find(({ type }) => type === "browser")?.id ?? 0;
  return { browser, pid, [Symbol.asyncDispose]: () => browser.close() };
}

export interface MeasuredPage extends AsyncDisposable {
  readonly page: Page;
  readonly session: CDPSession;
  /** From now until the answer is called. */
  meter: () => Promise<() => Promise<Work>>;
  /** MiB of JavaScript that are in use after a collection. */
  heap: () => Promise<number>;
  /**
   * Milliseconds from the click or key that `act` makes until a frame with what is awaited was painted.
   * @param test runs in the page before each frame
   */
  untilPainted: <T>(act: () => Promise<unknown>, test: (wanted: T) => boolean, wanted: T) => Promise<number>;
  /** What the page has done that no page may do. */
  findOffences: () => Promise<string[]>;
}

const viewport = { width: 1280, height: 960 };

export async function openPage({ browser }: MeasuredBrowser, url: string): Promise<MeasuredPage> {
  const visitor = await openVisitor(browser, url, { viewport });
  const { page } = visitor;
  await page.addInitScript(noteInput);
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  await session.send("HeapProfiler.enable");

  async function readMetrics(): Promise<Map<string, number>> {
    const { metrics } = await session.send("Performance.getMetrics");
    return new Map(metrics.map(({ name, value }) => [name, value]));
  }
  async function readWork(): Promise<WorkCount> {
    const metrics = await readMetrics();
    const ms = (name: string) => (metrics.get(name) ?? 0) * 1000;
    return {
      loadedAt: metrics.get("NavigationStart") ?? 0,
      all: ms("TaskDuration"),
      script: ms("ScriptDuration"),
      style: ms("RecalcStyleDuration"),
      layout: ms("LayoutDuration"),
    };
  }

  return {
    page,
    session,
    findOffences: visitor.findOffences,
    async meter() {
      const before = await readWork();
      return async () => workSince(before, await readWork());
    },
    async heap() {
      await session.send("HeapProfiler.collectGarbage");
      return ((await readMetrics()).get("JSHeapUsedSize") ?? 0) / 2 ** 20;
    },
    async untilPainted(act, test, wanted) {
      // An expression of the debugger is no script of the page, so that the page's policy stays as it is.
      const watching = `(${watchPainting.toString()})(${test.toString()}, ${JSON.stringify(wanted)})`;
      await page.evaluate(`void (globalThis.painting = ${watching})`);
      await act();
      return page.evaluate<number>("painting");
    },
    [Symbol.asyncDispose]: visitor.close,
  };
}

/** In the page, before its first script. */
function noteInput(): void {
  const note = (event: Event) => Reflect.set(globalThis, "inputAt", event.timeStamp);
  addEventListener("click", note, { capture: true });
  addEventListener("keydown", note, { capture: true });
}

/** In the page. A message that is posted before a frame comes after it was painted. */
function watchPainting<T>(test: (wanted: T) => boolean, wanted: T): Promise<number> {
  Reflect.deleteProperty(globalThis, "inputAt");
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener("message", () =>
      resolve(performance.now() - (Reflect.get(globalThis, "inputAt") as number)),
    );
    port1.start();
    const look = () => {
      if (Reflect.has(globalThis, "inputAt") && test(wanted)) port2.postMessage(undefined);
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}
