import { expect } from "bun:test";
import type { Page } from "playwright-core";
import { until } from "../until.ts";
import { findMove, findTop, isAtEnd, log, look, placeOf, rowOf, scroll, stand } from "./eye.ts";
import { fill, noon, talk } from "./past.ts";
import { lines, makeGroup, prepareStage, say } from "./stage.ts";

const { person, open, scene, databaseUrl } = prepareStage({ database: "server" });

/** As much as a person does not see, in pixels. */
const unseen = 2;
const long = Array.from({ length: 30 }, (_, index) => `Line ${index + 1} of many.`).join("\n");
/** Every seventh is folded. */
const texts = (count: number) =>
  lines("Stone", count).map((text, index) => (index % 7 === 3 ? `${text}\n${long}` : text));

async function prepare(count: number, said = texts(count)) {
  const [anna, boris] = await Promise.all([person("Anna"), person("Boris")]);
  const chat = await makeGroup(boris, "Lake", anna);
  await fill(databaseUrl(), chat, talk([boris, anna], said));
  return { anna, boris, chat };
}

const findEnds = (page: Page) =>
  log(page)
    .locator("article")
    .evaluateAll((all) =>
      [all.at(0), all.at(-1)].map((each) => Number((each as HTMLElement).dataset["seq"])),
    );

scene("18 older messages of any height that come move nothing of what is read", async () => {
  const { anna, chat } = await prepare(400);
  const { page } = await open(anna, { at: `/#/chats/${chat.id}` });
  await rowOf(page, 400).waitFor();
  await stand(page);
  const held: (() => void)[] = [];
  await page.route(/before_seq/, (route) => held.push(() => void route.continue()));
  await until(async () => {
    await scroll(page, -2500);
    return held.length > 0;
  });
  for (let step = 0; step < 6; step++) await scroll(page, -2500);
  const [before = 0] = await findEnds(page);
  await scroll(page, 400);
  const move = await findMove(page, async () => {
    for (const go of held.splice(0)) go();
    await until(async () => ((await findEnds(page))[0] ?? 0) < before);
  });
  expect(move).toBeLessThanOrEqual(unseen);
});

scene("19 what changes above the view moves nothing in it", async () => {
  const { anna, boris, chat } = await prepare(120, lines("Stone", 120));
  const messages = await say(boris, chat, ...lines("Pebble", 4), long, ...lines("Sand", 40));
  const { page } = await open(anna, { at: `/#/chats/${chat.id}/150` });
  await rowOf(page, 150).waitFor();
  await stand(page);
  const { seq } = await findTop(page);
  expect(seq).toBeGreaterThan(125);
  const path = (index: number) => `/chats/${chat.id}/messages/${messages[index]?.id}`;
  const heightOf = (index: number) =>
    rowOf(page, 121 + index).evaluate((message) => message.getBoundingClientRect().height);
  const change = (index: number, run: () => Promise<unknown>) => async () => {
    const was = await heightOf(index);
    await run();
    await until(async () => Math.abs((await heightOf(index)) - was) > 20);
  };
  const moves = [
    await findMove(
      page,
      change(0, () => boris.call("PATCH", path(0), { text: long })),
    ),
    await findMove(
      page,
      change(0, () => boris.call("PATCH", path(0), { text: "Short" })),
    ),
    await findMove(
      page,
      change(4, () => boris.call("DELETE", path(4))),
    ),
  ];
  for (const move of moves) expect(move).toBeLessThanOrEqual(unseen);
});

scene("19 larger letters and a narrower page leave the message at the top where it is", async () => {
  const { anna, chat } = await prepare(200);
  const { page } = await open(anna, { at: `/#/chats/${chat.id}/100` });
  await rowOf(page, 100).waitFor();
  const letters = (size: string) =>
    page.evaluate((wanted) => (document.documentElement.style.fontSize = wanted), size);
  const moves = [
    await findMove(page, () => letters("130%"), "first"),
    await findMove(page, () => letters("90%"), "first"),
    await findMove(page, () => page.setViewportSize({ width: 700, height: 720 }), "first"),
    await findMove(page, () => page.setViewportSize({ width: 1280, height: 720 }), "first"),
  ];
  for (const move of moves) expect(move).toBeLessThanOrEqual(unseen);
});

scene(
  "19 a long message is unfolded from its top on, also where that is out of view, and at the end",
  async () => {
    const { anna, chat } = await prepare(82, [...lines("Stone", 60), long, ...lines("Sand", 20), long]);
    const { page } = await open(anna, { at: `/#/chats/${chat.id}/61` });
    for (const seq of [61, 82]) {
      if (seq === 82) await page.getByRole("button", { name: /newest|new message/ }).click();
      await rowOf(page, seq).waitFor();
      if (seq === 82) await until(() => isAtEnd(page));
      await stand(page);
      if (seq === 61) await scroll(page, (await placeOf(page, seq)).top + 60);
      const was = await placeOf(page, seq);
      await rowOf(page, seq).getByRole("button", { name: "Show all" }).click();
      await stand(page);
      const now = await placeOf(page, seq);
      expect(now.bottom - now.top).toBeGreaterThan(was.bottom - was.top + 100);
      expect(Math.abs(now.top - was.top)).toBeLessThanOrEqual(unseen);
    }
  },
);

scene("20 at the end a new message is followed; above it nothing moves, and a button counts", async () => {
  const { anna, boris, chat } = await prepare(100, lines("Stone", 100));
  const { page, message } = await open(anna, { at: `/#/chats/${chat.id}` });
  await message("Stone 100.").waitFor();
  await stand(page);
  await scroll(page, -40);
  await say(boris, chat, "Followed");
  await message("Followed").waitFor();
  await until(() => isAtEnd(page));
  expect((await look(page)).messages.at(-1)?.seq).toBe(101);

  await scroll(page, -600);
  // One scrolls on before the first was long enough in view, or after.
  const counted = page.getByRole("button", { name: /^[34] new messages/ });
  const move = await findMove(page, async () => {
    await say(boris, chat, ...lines("Pebble", 3));
    await counted.waitFor();
  });
  expect(move).toBeLessThanOrEqual(unseen);
  expect(await isAtEnd(page)).toBe(false);
});

scene("25 however far one scrolls, there are no more than 200 messages in the document", async () => {
  const { anna, chat } = await prepare(3000);
  const { page } = await open(anna, { at: `/#/chats/${chat.id}` });
  await rowOf(page, 3000).waitFor();
  await stand(page);
  await page.evaluate(() => {
    const most = { count: 0 };
    Reflect.set(globalThis, "most", most);
    const count = () => (most.count = Math.max(most.count, document.querySelectorAll("article").length));
    new MutationObserver(count).observe(document.body, { childList: true, subtree: true });
  });
  await log(page).hover();
  const goes = async (by: number, until: (seq: number) => boolean) => {
    for (let turn = 0; turn < 400; turn++) {
      await page.mouse.wheel(0, by);
      await page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
      if (turn % 10 === 9 && until((await look(page)).messages[0]?.seq ?? 0)) return;
    }
    throw new Error("It goes no further");
  };
  await goes(-1500, (seq) => seq > 0 && seq < 2000);
  await goes(1500, (seq) => seq > 2700);
  const most = await page.evaluate(() => (Reflect.get(globalThis, "most") as { count: number }).count);
  expect(most).toBeGreaterThan(100);
  expect(most).toBeLessThanOrEqual(200);
});

scene(
  "26 the day stays at the top; groups are of one author, five minutes, one day, one side of the line",
  async () => {
    const [anna, boris, clara] = await Promise.all([person("Anna"), person("Boris"), person("Clara")]);
    const chat = await makeGroup(boris, "Lake", anna, clara);
    const minutes = (day: number, minute: number) => new Date(noon(day).getTime() + minute * 60_000);
    const old = lines("Old", 60).map((text, index) => ({ by: boris, text, at: minutes(20, index) }));
    const midnight = new Date(noon(9).getTime() + 11 * 3_600_000);
    const shape = [
      { by: boris, at: minutes(10, 0) },
      { by: boris, at: minutes(10, 4) },
      { by: clara, at: minutes(10, 5) },
      { by: clara, at: minutes(10, 11) },
      // A minute before the day ends where the page is, at the earliest, and after it.
      { by: clara, at: new Date(midnight.getTime() - 3_600_000 - 60_000) },
      { by: clara, at: new Date(midnight.getTime() + 60_000) },
    ].map((each, index) => ({ ...each, text: `New ${index + 1}.` }));
    await fill(databaseUrl(), chat, [...old, ...shape]);
    await say(clara, chat, "Unread 1.", "Unread 2.");
    const device = await open(anna, { at: `/#/chats/${chat.id}/63` });
    const { page } = device;
    await device.message("Unread 1.").waitFor();
    const hasName = (text: string) =>
      device.message(text).evaluate((message) => (message.querySelector(".author")?.clientHeight ?? 0) > 1);
    const named = await Promise.all(
      [...shape.map(({ text }) => text), "Unread 1.", "Unread 2."].map(hasName),
    );
    expect(named).toEqual([true, false, true, true, true, true, true, false]);

    await rowOf(page, 30).scrollIntoViewIfNeeded();
    await scroll(page, 5);
    const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long" }).format(noon(20));
    const pill = page.getByText(new RegExp(day)).first();
    const measure = () =>
      pill.evaluate((words) => {
        const edge = words.closest("[role=log]")?.getBoundingClientRect().top ?? 0;
        return { top: words.getBoundingClientRect().top - edge, opacity: getComputedStyle(words).opacity };
      });
    const { top } = await measure();
    expect(top).toBeGreaterThanOrEqual(0);
    expect(top).toBeLessThan(30);
    // It lies over a message, and goes until one scrolls again.
    await until(async () => (await measure()).opacity === "0");
    await log(page).hover();
    await page.mouse.wheel(0, 40);
    await until(async () => (await measure()).opacity === "1");
  },
);
