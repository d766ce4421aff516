import { expect } from "bun:test";
import type { Page } from "playwright-core";
import { until } from "../until.ts";
import { generously, lines, makeGroup, makePersonalChat, prepareStage, say, type Device } from "./stage.ts";
import { takeWire, type WireFrame } from "./wire.ts";
import { comeBack, history, isFocused, offer, state, textsOf, write } from "./writing.ts";

const { person, open, scene } = prepareStage();

const meet = () => Promise.all([person("Anna"), person("Boris")]);

/** In the page: how long it takes from the next Enter to the message. */
function measureEcho(wanted: string): void {
  const took = new Promise((done) => {
    const look = (from: number) => {
      const isThere = [...document.querySelectorAll("article .words")].some(
        ({ textContent }) => textContent === wanted,
      );
      if (isThere) done(performance.now() - from);
      else requestAnimationFrame(() => look(from));
    };
    addEventListener("keydown", ({ key, timeStamp }: KeyboardEvent) => key === "Enter" && look(timeStamp), {
      capture: true,
    });
  });
  Reflect.set(globalThis, "took", took);
}

scene("1. What is sent is there at once, before any answer, and the composer empty and in use", async () => {
  const [anna, boris] = await meet();
  const chat = await makePersonalChat(anna, boris);
  const device = await open(anna, { at: `/#/chats/${chat.id}` });
  const { page, composer } = device;
  const wire = await takeWire(device);
  await say(boris, chat, "Hello");
  await device.message("Hello").waitFor();
  const out = wire.hold("out");
  await page.evaluate(measureEcho, "At the lake");
  await write(device, "At the lake");
  expect(await page.evaluate(() => Reflect.get(globalThis, "took") as Promise<number>)).toBeLessThan(
    generously(50),
  );
  expect(await state(device, "At the lake", "Sending").count()).toBe(1);
  expect(await composer.inputValue()).toBe("");
  expect(await isFocused(page)).toBe(true);
  expect(await textsOf(anna, chat)).toEqual(["Hello"]);
  out.release();
  await state(device, "At the lake", "Sent").waitFor();
  expect(await textsOf(anna, chat)).toEqual(["Hello", "At the lake"]);
});

/** What a person sees of their last message, but for its time and how far it has come. */
const lookAt = ({ page }: Device) =>
  page
    .getByRole("article")
    .last()
    .evaluate((article) => {
      const { x, width, height } = (article.querySelector(".bubble") ?? article).getBoundingClientRect();
      const copy = article.querySelector(".body")?.cloneNode(true) as HTMLElement;
      copy.querySelector(".meta")?.remove();
      for (const part of copy.querySelectorAll("[id]")) part.removeAttribute("id");
      return { html: copy.innerHTML, box: [x, width, height].map(Math.round) };
    });

scene(
  "2. Links, names and lines look the same on their way, when confirmed and when loaded (there is no other markup)",
  async () => {
    const [anna, boris] = await meet();
    const chat = await makeGroup(anna, "Lake", boris);
    const device = await open(anna, { at: `/#/chats/${chat.id}` });
    const { page, composer } = device;
    const wire = await takeWire(device);
    await device.openChat("Lake");
    const texts = [
      "Plain words.",
      "See https://example.org/a?b=c&d=(e), <b>no tags</b> & *no stars*.",
      "Lines:\n\n  indented   and   spaced\n— the last",
      "@Boris, look at https://пример.рф/путь?q=ё!\n> no quote 🙂",
      lines("A long one of many lines", 30).join("\n"),
    ];
    for (const text of texts) {
      // Who is in the chat is known when names are offered.
      await composer.fill("@Bo");
      await page.getByRole("option", { name: "Boris" }).waitFor();
      const out = wire.hold("out");
      await write(device, text);
      await page.getByRole("article").last().getByText("Sending").waitFor();
      const echo = await lookAt(device);
      out.release();
      await page.getByRole("article").last().getByText("Sent").waitFor();
      expect(await lookAt(device)).toEqual(echo);
      await page.reload();
      await page.getByRole("article").last().getByText("Sent").waitFor();
      await until(async () => Bun.deepEquals(await lookAt(device), echo));
    }
    const marked = page.getByRole("article").filter({ hasText: "look at" }).locator(".words > *");
    const tagNames = () => marked.evaluateAll((all) => all.map(({ tagName }) => tagName).join());
    // Names are marked as soon as it is known who is in the chat.
    await until(async () => (await tagNames()) === "SPAN,A");
  },
);

/** In the page: notes the most messages with one text that there ever are, and marks the node of it. */
function watchTwins(wanted: string): void {
  const find = () =>
    [...document.querySelectorAll<HTMLElement>("article")].filter(
      (article) => article.querySelector(".words")?.textContent === wanted,
    );
  const first = find()[0];
  const tops = new Set([Math.round(first?.getBoundingClientRect().top ?? 0)]);
  let most = 1;
  new MutationObserver(() => {
    most = Math.max(most, find().length);
    for (const each of find()) tops.add(Math.round(each.getBoundingClientRect().top));
  }).observe(document.body, { childList: true, subtree: true, attributes: true, characterData: true });
  Reflect.set(globalThis, "readTwins", () => ({ most, isSame: find()[0] === first, tops: tops.size }));
}

const readTwins = ({ page }: Device) =>
  page.evaluate(() => (Reflect.get(globalThis, "readTwins") as () => unknown)());

for (const order of ["the answer comes first", "the broadcast comes first"]) {
  scene(`3. The stored message takes the place of the echo, in the same node: ${order}`, async () => {
    const [anna, boris] = await meet();
    const chat = await makeGroup(anna, "Lake", boris);
    const device = await open(anna, { at: `/#/chats/${chat.id}` });
    const wire = await takeWire(device);
    await say(boris, chat, ...lines("Stone", 30));
    await device.message("Stone 30.").waitFor();
    // An answer is the broadcast with the id of the request: both in either order, the second held until told.
    let pass = () => {};
    wire.in = (frame, next) => {
      const { request_id, ...broadcast } = frame;
      if (frame["event"] !== "new_message" || request_id === undefined) return next(frame);
      const [first, second] = order.startsWith("the answer") ? [frame, broadcast] : [broadcast, frame];
      const later = pass;
      pass = () => {
        later();
        next(first);
        pass = () => next(second);
      };
    };
    await write(device, "Mine");
    await state(device, "Mine", "Sending").waitFor();
    await device.page.evaluate(watchTwins, "Mine");
    await until(async () => (await history(anna, chat)).length === 31);
    await until(() => {
      pass();
      return device.message("Mine").getByText("Sent").isVisible();
    });
    pass();
    await say(boris, chat, "After it");
    await device.message("After it").waitFor();
    const { most, isSame } = (await readTwins(device)) as { most: number; isSame: boolean };
    expect({ most, isSame }).toEqual({ most: 1, isSame: true });
    expect(await device.page.getByRole("article").last().innerText()).toContain("After it");
  });
}

scene(
  "4. What is sent without a network waits with a clock, through a reload and in a page opened later, and goes out once",
  async () => {
    const [anna, boris] = await meet();
    const chat = await makeGroup(anna, "Lake", boris);
    const device = await open(anna, { at: `/#/chats/${chat.id}`, isCuttable: true });
    const { page, line } = device;
    await say(boris, chat, "Before");
    await device.message("Before").waitFor();
    await page.evaluate(() => navigator.serviceWorker.ready);
    line?.become("hang up");
    await write(device, "One", "Two", "Three");
    const waiting = async (shown: Page) => {
      const own = shown.locator("article.is-own");
      await until(async () => (await own.locator(".queued").count()) === 3);
      return own.evaluateAll((all) =>
        all.map((each) => ({
          key: (each as HTMLElement).dataset["key"] ?? null,
          text: each.querySelector(".words")?.textContent ?? "",
          says: each.querySelector(".meta .unseen")?.textContent ?? "",
        })),
      );
    };
    const written = await waiting(page);
    expect(written.map(({ text, says }) => [text, says])).toEqual(
      ["One", "Two", "Three"].map((text) => [text, "Sending"]),
    );
    await page.reload();
    expect(await waiting(page)).toEqual(written);
    // As after a start of the browser: no page of before is there.
    const later = await page.context().newPage();
    await page.goto("about:blank");
    await later.goto(`/#/chats/${chat.id}`);
    expect(await waiting(later)).toEqual(written);
    expect(await textsOf(anna, chat)).toEqual(["Before"]);

    await comeBack(later, device);
    await until(async () => (await later.locator("article.is-own .sent").count()) === 3);
    const stored = (await history(anna, chat)).slice(1);
    expect(stored.map(({ text, idempotency_key: key }) => ({ key, text, says: "Sending" }))).toEqual(written);
    await later.reload();
    await until(async () => (await later.locator("article.is-own .sent").count()) === 3);
  },
);

/** Refuses what has this text, after it has reached the server or before. */
const refuse =
  (text: string, isStored: boolean) =>
  (frame: WireFrame, pass: (frame: WireFrame) => void, answer: (frame: WireFrame) => void) => {
    if (frame["action"] !== "send_message" || frame["text"] !== text) return pass(frame);
    // Under no request that waits: its answer is nobody's.
    if (isStored) pass({ ...frame, request_id: "lost" });
    answer({ error: "No", code: "invalid_request", request_id: frame["request_id"] });
  };

scene("5. What failed can be sent again, changed, or deleted, and holds up nothing else", async () => {
  const [anna, boris] = await meet();
  const chat = await makePersonalChat(anna, boris);
  const device = await open(anna, { at: `/#/chats/${chat.id}` });
  const { page, composer } = device;
  const wire = await takeWire(device);
  await device.openChat("Boris");
  const refused = new Set(["One", "Two", "Three"]);
  wire.out = (frame, pass, answer) =>
    refuse(refused.has(String(frame["text"])) ? String(frame["text"]) : "", false)(frame, pass, answer);
  await write(device, "One", "Two", "Three", "Four");
  await state(device, "Four", "Sent").waitFor();
  for (const text of refused) {
    await state(device, text, "Not sent").waitFor();
    for (const name of ["Try again", "Edit", "Delete"])
      expect(await offer(device, text, name).count()).toBe(1);
  }
  await device.row("Boris").getByText("Three").waitFor();

  // It fails once more, then not.
  await offer(device, "One", "Try again").click();
  await state(device, "One", "Not sent").waitFor();
  await page.reload();
  await state(device, "One", "Not sent").waitFor();
  refused.clear();
  await offer(device, "One", "Try again").click();
  await state(device, "One", "Sent").waitFor();

  await composer.fill("A draft");
  await offer(device, "Two", "Edit").click();
  expect(await composer.inputValue()).toBe("Two");
  await composer.press("Escape");
  expect(await composer.inputValue()).toBe("A draft");
  expect(await state(device, "Two", "Not sent").count()).toBe(1);
  await offer(device, "Two", "Edit").click();
  await write(device, "Two, better");
  await state(device, "Two, better", "Sent").waitFor();
  expect(await device.message("Two").count()).toBe(0);
  expect(await composer.inputValue()).toBe("A draft");

  await offer(device, "Three", "Delete").click();
  await device.message("Three").waitFor({ state: "detached" });
  await page.reload();
  await state(device, "Two, better", "Sent").waitFor();
  expect(await device.message("Three").count()).toBe(0);
  expect(await textsOf(anna, chat)).toEqual(["Four", "One", "Two, better"]);
});

scene("5. What was stored, and its answer lost, is sent again and is one message", async () => {
  const [anna, boris] = await meet();
  const chat = await makePersonalChat(anna, boris);
  const device = await open(anna, { at: `/#/chats/${chat.id}`, isCuttable: true });
  const { page, line, sent } = device;
  await device.openChat("Boris");
  await until(() => sent.some(({ action }) => action === "join_chat"));
  const countSends = () => sent.filter(({ action }) => action === "send_message").length;
  line?.become("deaf");
  await write(device, "Once");
  await until(async () => (await history(anna, chat)).length === 1);
  expect(countSends()).toBe(1);
  expect(await state(device, "Once", "Sending").count()).toBe(1);
  line?.become("hang up");
  await comeBack(page, device);
  await state(device, "Once", "Sent").waitFor();
  await until(() => countSends() === 2);

  // Somebody sends again by hand what the server has.
  const wire = await takeWire(device);
  await device.openChat("Boris");
  wire.out = refuse("By hand", true);
  wire.in = (frame, pass) => frame["event"] !== "new_message" && pass(frame);
  await write(device, "By hand");
  await state(device, "By hand", "Not sent").waitFor();
  await until(async () => (await history(anna, chat)).length === 2);
  wire.out = (frame, pass) => pass(frame);
  wire.in = (frame, pass) => pass(frame);
  await offer(device, "By hand", "Try again").click();
  await state(device, "By hand", "Sent").waitFor();
  await say(boris, chat, "After it");
  await device.message("After it").waitFor();
  expect(await textsOf(anna, chat)).toEqual(["Once", "By hand", "After it"]);
  expect(await page.locator("article .words").allInnerTexts()).toEqual(["Once", "By hand", "After it"]);
});

/** In the page: notes each order in which messages ever stand. */
function watchOrders(): void {
  const orders: string[][] = [];
  Reflect.set(globalThis, "orders", orders);
  const look = () => {
    const texts = [...document.querySelectorAll("article .words")].map(({ textContent }) => textContent);
    if (String(texts) !== String(orders.at(-1))) orders.push(texts);
  };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
}

/** How often two messages changed places, of each pair that ever did. */
function countReorders(orders: string[][]): Map<string, number> {
  const before = new Map<string, boolean>();
  const changes = new Map<string, number>();
  for (const order of orders)
    for (const [index, above] of order.entries())
      for (const below of order.slice(index + 1)) {
        const [pair, isInOrder] = above < below ? [`${above} ${below}`, true] : [`${below} ${above}`, false];
        if (before.get(pair) === !isInOrder) changes.set(pair, (changes.get(pair) ?? 0) + 1);
        before.set(pair, isInOrder);
      }
  return changes;
}

scene(
  "6. Among messages of others one's own change places once at most, and never among themselves",
  async () => {
    const [anna, boris] = await meet();
    const chat = await makeGroup(anna, "Lake", boris);
    const device = await open(anna, { at: `/#/chats/${chat.id}`, isCuttable: true });
    const wire = await takeWire(device);
    await device.openChat("Lake");
    await device.page.evaluate(watchOrders);
    const own = (count: number) => write(device, ...lines(`Mine ${count}`, 3));
    const theirs = (count: number) => say(boris, chat, ...lines(`Theirs ${count}`, 3));

    // They are stored after what others wrote meanwhile.
    const out = wire.hold("out");
    await own(1);
    await theirs(1);
    await device.message("Theirs 1 3.").waitFor();
    out.release();
    await state(device, "Mine 1 3.", "Sent").waitFor();
    // They are stored before it, and that is told later.
    wire.in = (frame, pass) => {
      const { text } = (frame["data"] ?? {}) as { text?: string };
      if (!text?.startsWith("Mine 2")) pass(frame);
      else
        void device
          .message("Theirs 2 3.")
          .waitFor()
          .then(() => pass(frame));
    };
    await own(2);
    await until(async () => (await textsOf(anna, chat)).includes("Mine 2 1."));
    await theirs(2);
    await state(device, "Mine 2 3.", "Sent").waitFor();
    // All at once over a slow line.
    wire.in = (frame, pass) => pass(frame);
    device.line?.become("slow");
    await Promise.all([own(3), theirs(3)]);
    await own(4);
    await state(device, "Mine 4 3.", "Sent").waitFor();

    const orders = await device.page.evaluate(() => Reflect.get(globalThis, "orders") as string[][]);
    await until(async () => {
      const shown = await device.page.locator("article .words").allInnerTexts();
      return Bun.deepEquals(shown, await textsOf(anna, chat));
    });
    for (const [pair, count] of countReorders(orders)) {
      expect({ pair, count }).toEqual({ pair, count: 1 });
      expect(pair).toMatch(/^Mine.*Theirs/);
    }
  },
);
