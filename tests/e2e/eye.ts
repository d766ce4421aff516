// Where messages stand on the screen, in pixels below the top of the list, and whether they move.
import type { Locator, Page } from "playwright-core";
import { until } from "../until.ts";

export interface Seen {
  seq: number;
  top: number;
  bottom: number;
}

export const log = (page: Page): Locator => page.getByRole("log");
export const rowOf = (page: Page, seq: number): Locator => page.locator(`article[data-seq="${seq}"]`);

/** Every message of which something is seen, from the top, and how high the list is. */
export const look = (page: Page): Promise<{ messages: Seen[]; height: number }> =>
  log(page).evaluate((list) => {
    const { top: edge, height } = list.getBoundingClientRect();
    const messages = [...list.querySelectorAll<HTMLElement>("article")].map((message) => {
      const { top, bottom } = message.getBoundingClientRect();
      return { seq: Number(message.dataset["seq"]), top: top - edge, bottom: bottom - edge };
    });
    return { messages: messages.filter(({ top, bottom }) => bottom > 0 && top < height), height };
  });

export async function findTop(page: Page): Promise<Seen> {
  const first = (await look(page)).messages.find(({ top }) => top >= 0);
  if (!first) throw new Error("No message begins in view");
  return first;
}

export async function placeOf(page: Page, seq: number): Promise<Seen> {
  const found = (await look(page)).messages.find((message) => message.seq === seq);
  if (!found) throw new Error(`Message ${seq} is not in view`);
  return found;
}

/** How many pixels there are below what is seen. */
export const findRest = (page: Page): Promise<number> =>
  log(page).evaluate(({ scrollHeight, clientHeight, scrollTop }) => scrollHeight - clientHeight - scrollTop);

export const isAtEnd = async (page: Page): Promise<boolean> => (await findRest(page)) < 2;

/** Scrolls so far, and waits until the list stands. */
export async function scroll(page: Page, by: number): Promise<void> {
  await log(page).evaluate((list, pixels) => list.scrollBy(0, pixels), by);
  await stand(page);
}

/** Waits until nothing in view has moved for some frames. */
export async function stand(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const places = () =>
      [...document.querySelectorAll("article")].map((each) => each.getBoundingClientRect().top).join();
    let [last, same] = ["", 0];
    while (same < 8) {
      await new Promise((done) => requestAnimationFrame(done));
      const now = places();
      same = now === last ? same + 1 : 0;
      last = now;
    }
  });
}

/**
 * In the page: measures after each frame how far messages are from where they were.
 * @param whose `all` that begin in view, or only the `first` of them, as when every message changes its height
 */
function watchPlaces(whose: "all" | "first"): void {
  const list = document.querySelector("[role=log]");
  if (!list) throw new Error("There is no list");
  const topOf = (message: Element) => message.getBoundingClientRect().top - list.getBoundingClientRect().top;
  const begun = [...list.querySelectorAll("article")].filter(
    (message) => topOf(message) >= 0 && topOf(message) < list.clientHeight,
  );
  const held = begun
    .slice(0, whose === "first" ? 1 : undefined)
    .map((message): [Element, number] => [message, topOf(message)]);
  const watch = { most: 0, frames: 0, isEnded: false };
  Reflect.set(globalThis, "watch", watch);
  const { port1, port2 } = new MessageChannel();
  port1.start();
  port1.addEventListener("message", () => {
    // One that left the document was not in its place any more either.
    const moves = held.map(([message, top]) => (message.isConnected ? Math.abs(topOf(message) - top) : 9999));
    watch.most = Math.max(watch.most, ...moves);
    watch.frames++;
    if (!watch.isEnded) requestAnimationFrame(() => port2.postMessage(0));
  });
  requestAnimationFrame(() => port2.postMessage(0));
}

/** The farthest that a message in view was from its place in any frame while this ran and until the list stood. */
export async function findMove(
  page: Page,
  run: () => Promise<unknown>,
  whose: "all" | "first" = "all",
): Promise<number> {
  await stand(page);
  await page.evaluate(watchPlaces, whose);
  await run();
  await stand(page);
  const read = () =>
    page.evaluate(() => {
      const watch = Reflect.get(globalThis, "watch") as { most: number; frames: number; isEnded: boolean };
      watch.isEnded = true;
      return watch;
    });
  const { most } = await until(async () => {
    const watch = await read();
    return watch.frames > 3 && watch;
  });
  return most;
}
