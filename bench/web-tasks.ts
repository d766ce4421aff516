// What is measured in the web client: how it starts, changes chats, scrolls, and answers keys.
import type { MeasuredPage } from "./web-browser.ts";
import { describeFrames, sumWork, type Work } from "./web-figures.ts";
import { chatCount, type WebStage } from "./web-stage.ts";
import { until } from "../tests/until.ts";
import { quantile, type Sample } from "./rounds.ts";

type Metrics = Sample["metrics"];

/** After so long what an action has set off has come to its end. */
const settleMs = 400;
const pixelsPerSecond = 2500;

/** How much is done in one measurement. */
export interface Amount {
  seconds: number;
  starts: number;
  chats: number;
  sends: number;
  /** Of the fast way through the long chat. */
  flightSeconds: number;
}

const describeWork = (work: Work, per = 1): Metrics => ({
  "CPU ms": work.all / per,
  "script ms": work.script / per,
  "style ms": work.style / per,
  "layout ms": work.layout / per,
});
const addressOf = (chatId: string) => `/#/chats/${chatId}`;
const isListed = () => document.querySelector("[data-chat]") !== null;
const isShown = (chatId: string) =>
  location.hash.includes(chatId) && document.querySelector(".is-settled .message .words") !== null;
const isSaid = (text: string) =>
  [...document.querySelectorAll(".message.is-own .words")].at(-1)?.textContent === text;
const isSwitcherOpen = () => document.querySelector("dialog [role=option]") !== null;

const spread = (values: readonly number[]): Metrics => ({
  "p50 ms": quantile(values, 0.5),
  "p95 ms": quantile(values, 0.95),
});

/** Waits until the list of chats and the worker that keeps the page are in the browser's store. */
async function untilKept({ page }: MeasuredPage): Promise<void> {
  await page.evaluate(() => navigator.serviceWorker.ready);
  await until(async () => (await page.evaluate(countKept)) >= chatCount);
}

/** In the page. */
async function countKept(): Promise<number> {
  const [name = ""] = (await indexedDB.databases()).flatMap((database) => database.name ?? []);
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const opening = indexedDB.open(name);
    opening.addEventListener("success", () => resolve(opening.result));
    opening.addEventListener("error", () => reject(new Error("The store cannot be opened")));
  });
  const kept = await new Promise<number>((resolve) => {
    const counting = database.transaction("chats").objectStore("chats").count();
    counting.addEventListener("success", () => resolve(counting.result));
  });
  database.close();
  return kept;
}

export async function measureFirstLoad(stage: WebStage): Promise<Metrics> {
  await using opened = await stage.openSignedIn();
  const { page, session } = opened;
  const scripts = new Set<string>();
  let bytes = 0;
  await session.send("Network.enable");
  session.on("Network.responseReceived", ({ requestId, type }) => {
    if (type === "Script") scripts.add(requestId);
  });
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    if (scripts.has(requestId)) bytes += encodedDataLength;
  });
  const stop = await opened.meter();
  await page.goto("/");
  const listedAfter = await paintedAfterStart(opened, isListed);
  const work = await stop();
  await Bun.sleep(settleMs);
  return {
    "p50 ms": listedAfter,
    "p95 ms": listedAfter,
    ...describeWork(work),
    "kB of JavaScript": bytes / 1000,
  };
}

/** Milliseconds from the start of the navigation until the page shows it. */
function paintedAfterStart(
  opened: MeasuredPage,
  test: (wanted: string) => boolean,
  wanted = "",
): Promise<number> {
  const act = () => opened.page.evaluate("void (globalThis.inputAt = 0)");
  return opened.untilPainted(act, test, wanted);
}

/** @param isWithout the server is stopped meanwhile */
export async function measureWarmStart(
  stage: WebStage,
  { starts }: Amount,
  isWithout: boolean,
): Promise<Metrics> {
  await using opened = await stage.openSignedIn();
  const [chatId = ""] = stage.person.chats;
  await opened.page.goto(addressOf(chatId));
  await opened.page.waitForFunction(isShown, chatId);
  await untilKept(opened);
  const times: number[] = [];
  const works: Work[] = [];
  const measure = async () => {
    for (let start = 0; start < starts; start++) {
      const stop = await opened.meter();
      await opened.page.reload({ waitUntil: "commit" });
      times.push(await paintedAfterStart(opened, isShown, chatId));
      works.push(await stop());
      await Bun.sleep(settleMs);
    }
  };
  if (isWithout) await stage.withoutServer(measure);
  else await measure();
  return { ...spread(times), ...describeWork(sumWork(works), works.length) };
}

/** @param isKept they were shown before, and the page has been loaded again since */
export async function measureSwitches(stage: WebStage, amount: Amount, isKept: boolean): Promise<Metrics> {
  await using opened = await stage.openSignedIn();
  const { page } = opened;
  const chats = stage.person.chats.slice(0, amount.chats);
  await page.goto("/");
  await page.waitForFunction(isListed);
  await untilKept(opened);
  const change = (chatId: string) =>
    opened.untilPainted(() => page.locator(`[data-chat="${chatId}"]`).click(), isShown, chatId);
  if (isKept) {
    for (const chatId of chats) {
      await change(chatId);
      await Bun.sleep(settleMs);
    }
    await Bun.sleep(1000);
    await page.goto("/#/");
    await page.reload();
    await page.waitForFunction(isListed);
  }
  await Bun.sleep(1000);
  const times: number[] = [];
  const stop = await opened.meter();
  for (const chatId of chats) {
    times.push(await change(chatId));
    await Bun.sleep(settleMs);
  }
  return { ...spread(times), ...describeWork(await stop(), chats.length) };
}

/** From the Enter key until the message is there, in the long chat. */
export async function measureOwnMessages(stage: WebStage, { sends }: Amount): Promise<Metrics> {
  await using opened = await stage.openSignedIn();
  const { page } = opened;
  await page.goto(addressOf(stage.person.longChat));
  await page.waitForFunction(isShown, stage.person.longChat);
  await untilKept(opened);
  const times: number[] = [];
  const stop = await opened.meter();
  for (let place = 0; place < sends; place++) {
    const text = `Message ${place} of ${Date.now()}`;
    await page.keyboard.insertText(text);
    times.push(await opened.untilPainted(() => page.keyboard.press("Enter"), isSaid, text));
    await Bun.sleep(settleMs);
  }
  return { ...spread(times), ...describeWork(await stop(), sends) };
}

/** @param isFirst the first time since the page was loaded, or later */
export async function measureSwitcher(
  stage: WebStage,
  { starts }: Amount,
  isFirst: boolean,
): Promise<Metrics> {
  await using opened = await stage.openSignedIn();
  const { page } = opened;
  await page.goto("/");
  await page.waitForFunction(isListed);
  await untilKept(opened);
  const times: number[] = [];
  const works: Work[] = [];
  for (let place = isFirst ? 0 : -1; place < starts; place++) {
    if (isFirst) {
      await page.reload();
      await page.waitForFunction(isListed);
      await Bun.sleep(1500);
    }
    const stop = await opened.meter();
    const time = await opened.untilPainted(() => page.keyboard.press("Control+k"), isSwitcherOpen, "");
    await Bun.sleep(settleMs);
    await page.keyboard.press("Escape");
    if (place < 0) continue;
    times.push(time);
    works.push(await stop());
  }
  return { ...spread(times), ...describeWork(sumWork(works), works.length) };
}

/** Up from the end, as with a wheel. */
export async function measureScroll(stage: WebStage, { seconds, flightSeconds }: Amount): Promise<Metrics> {
  await using opened = await stage.openSignedIn();
  await opened.page.goto(addressOf(stage.person.longChat));
  await opened.page.waitForFunction(isShown, stage.person.longChat);
  await untilKept(opened);
  const figures = await scroll(opened, [seconds * pixelsPerSecond]);
  const heapBefore = await opened.heap();
  const flight = await fly(opened, flightSeconds * 1000);
  await Bun.sleep(settleMs);
  return { ...figures, ...flight, "MiB more of heap": (await opened.heap()) - heapBefore };
}

/** A page of as many nodes with the same words, which does nothing as it is scrolled: up and down, as it has an end. */
export async function measurePlainScroll(stage: WebStage, { seconds }: Amount): Promise<Metrics> {
  await using opened = await stage.openSignedIn();
  await opened.page.goto("about:blank");
  await opened.page.evaluate(() => {
    const list = document.createElement("div");
    list.className = "scroller";
    Object.assign(list.style, { position: "absolute", inset: "0", overflow: "auto" });
    for (let place = 0; place < 150; place++) {
      const message = document.createElement("p");
      message.className = "message";
      message.textContent = `${place} ${"words of a message ".repeat(10)}`;
      Object.assign(message.style, { maxWidth: "600px", padding: "16px", background: "#eee" });
      list.append(message);
    }
    document.body.append(list);
    list.scrollTop = list.scrollHeight;
  });
  const way = pixelsPerSecond * 2;
  const turns = Math.max(1, Math.round(seconds / 2));
  return await scroll(
    opened,
    Array.from({ length: turns }, (_, turn) => (turn % 2 === 0 ? way : -way)),
  );
}

/** @param ways in pixels, upwards */
async function scroll({ page, session, meter }: MeasuredPage, ways: readonly number[]): Promise<Metrics> {
  await Bun.sleep(settleMs);
  await page.evaluate(() => {
    const moments: number[] = [];
    let most = 0;
    const messages = document.getElementsByClassName("message");
    const note = (moment: number) => {
      moments.push(moment);
      most = Math.max(most, messages.length);
      if (!Reflect.has(globalThis, "isOver")) requestAnimationFrame(note);
    };
    requestAnimationFrame(note);
    Reflect.set(globalThis, "readFrames", () => ({ moments, most }));
  });
  const startedAt = performance.now();
  const stop = await meter();
  for (const yDistance of ways)
    await session.send("Input.synthesizeScrollGesture", {
      ...{ x: 800, y: 500, yDistance, speed: pixelsPerSecond },
      ...{ gestureSourceType: "mouse", preventFling: true },
    });
  const work = await stop();
  const seconds = (performance.now() - startedAt) / 1000;
  const { moments, most } = await page.evaluate(() => {
    Reflect.set(globalThis, "isOver", true);
    return (Reflect.get(globalThis, "readFrames") as () => { moments: number[]; most: number })();
  });
  const { perSecond, p95Ms } = describeFrames(moments);
  return {
    "frames/s": perSecond,
    "p95 ms between frames": p95Ms,
    ...describeWork(work, seconds),
    "nodes of messages": most,
  };
}

/** A list that does not come on by itself passes a few pages at most. */
const leastPassed = 500;

/** To the top of what is there in each frame, so that it passes more than a hand can scroll. */
async function fly({ page, meter }: MeasuredPage, longestMs: number): Promise<Metrics> {
  const stop = await meter();
  const passed = await page.evaluate(async (limitMs) => {
    const scroller = document.querySelector(".scroller");
    const seqNow = () => Number(document.querySelector<HTMLElement>(".message")?.dataset["seq"]);
    const from = seqNow();
    const endAt = performance.now() + limitMs;
    while (scroller && performance.now() < endAt && seqNow() > 1) {
      scroller.scrollTop = 0;
      await new Promise(requestAnimationFrame);
    }
    return from - seqNow();
  }, longestMs);
  const work = await stop();
  if (passed < leastPassed) throw new Error(`The list stopped after ${passed} messages`);
  return { "messages passed": passed, "CPU ms per 1,000 passed": (work.all * 1000) / passed };
}
