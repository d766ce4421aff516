import { expect } from "bun:test";
import type { Page } from "playwright-core";
import type { Person } from "../harness.ts";
import { until } from "../until.ts";
import { findRest, findTop, isAtEnd, log, look, placeOf, rowOf, scroll, stand } from "./eye.ts";
import { fill, noon, talk } from "./past.ts";
import { lines, makeGroup, prepareStage, say, type Chat } from "./stage.ts";

const { person, open, scene, databaseUrl } = prepareStage({ database: "server" });

/** Two people and their chat, in which so many messages have been read. */
async function prepare(count: number): Promise<{ anna: Person; boris: Person; chat: Chat }> {
  const [anna, boris] = await Promise.all([person("Anna"), person("Boris")]);
  const chat = await makeGroup(boris, "Lake", anna);
  await fill(databaseUrl(), chat, talk([boris, anna], lines("Stone", count)));
  return { anna, boris, chat };
}

const line = (page: Page) => page.getByText("New messages", { exact: true });

/** Seq of the message right under the unread line, and where the line begins below the top of the list. */
const findLine = (page: Page) =>
  line(page).evaluate((words) => {
    const top = words.getBoundingClientRect().top;
    const edge = words.closest("[role=log]")?.getBoundingClientRect().top ?? 0;
    const messages = [...document.querySelectorAll<HTMLElement>("article")];
    const below = messages.find((message) => message.getBoundingClientRect().top >= top);
    return { seq: Number(below?.dataset["seq"]), top: top - edge };
  });

const findMiddle = async (page: Page, seq: number): Promise<number> => {
  const { top, bottom } = await placeOf(page, seq);
  return (top + bottom) / 2 - (await look(page)).height / 2;
};

const isMarked = (page: Page, seq: number) =>
  rowOf(page, seq).evaluate((message) => {
    const { content, animationName, backgroundColor } = getComputedStyle(message, "::before");
    return content !== "none" && animationName !== "none" && backgroundColor !== "rgba(0, 0, 0, 0)";
  });

scene("16 a chat opens at its first unread message, under the line", async () => {
  const { anna, boris, chat } = await prepare(200);
  await say(boris, chat, ...lines("Pebble", 60));
  const { page, openChat, message } = await open(anna);
  await openChat("Lake");
  await message("Pebble 1.").waitFor();
  await stand(page);
  const { seq, top } = await findLine(page);
  expect(seq).toBe(201);
  expect(top).toBeGreaterThan(0);
  expect((await placeOf(page, 201)).top).toBeLessThan(100);
  expect(await isAtEnd(page)).toBe(false);
});

scene("16 a chat with nothing unread opens at its end", async () => {
  const { anna, chat } = await prepare(200);
  const { page, message } = await open(anna, { at: `/#/chats/${chat.id}` });
  await message("Stone 200.").waitFor();
  await stand(page);
  expect(await isAtEnd(page)).toBe(true);
  expect(await line(page).count()).toBe(0);
});

scene(
  "16 a chat that was left amid its history opens there, to two pixels, also after a reload",
  async () => {
    const { anna, boris, chat } = await prepare(400);
    await makeGroup(boris, "Forest", anna);
    const { page, openChat, message } = await open(anna, { at: `/#/chats/${chat.id}/150` });
    await message("Stone 150.").waitFor();
    await page.evaluate((hash) => (location.hash = hash), `#/chats/${chat.id}`);
    await message("Stone 400.").waitFor();
    await scroll(page, -4000);
    await scroll(page, -1337);
    const left = await findTop(page);
    expect(left.seq).toBeLessThan(370);
    const isThere = async () => Math.abs((await placeOf(page, left.seq)).top - left.top) <= 2;

    await openChat("Forest");
    await openChat("Lake");
    await until(isThere);
    await page.reload();
    await until(isThere);
    await page.evaluate(() => (location.hash = "#/"));
    await log(page).waitFor({ state: "detached" });
    await page.reload();
    await openChat("Lake");
    await until(isThere);
    await stand(page);
    expect(await isThere()).toBe(true);
  },
);

scene("17 the unread line stays where it was while messages are read and others come", async () => {
  const { anna, boris, chat } = await prepare(60);
  await say(boris, chat, ...lines("Pebble", 40));
  const device = await open(anna, { at: `/#/chats/${chat.id}` });
  const { page } = device;
  await device.message("Pebble 1.").waitFor();
  await stand(page);
  expect((await findLine(page)).seq).toBe(61);
  while (!(await isAtEnd(page))) await scroll(page, 300);
  await device
    .row("Lake")
    .getByText(/unread message/)
    .waitFor({ state: "detached" });
  expect((await findLine(page)).seq).toBe(61);
  await say(boris, chat, "Sand");
  await device.message("Sand").waitFor();
  await until(() => isAtEnd(page));
  await rowOf(page, 61).scrollIntoViewIfNeeded();
  await stand(page);
  expect(await line(page).count()).toBe(1);
  expect((await findLine(page)).seq).toBe(61);
});

scene("21 what comes while nobody looks is not scrolled past", async () => {
  const { anna, boris, chat } = await prepare(100);
  const device = await open(anna, { at: `/#/chats/${chat.id}` });
  const { page } = device;
  await device.message("Stone 100.").waitFor();
  await stand(page);
  expect(await isAtEnd(page)).toBe(true);
  await device.attend(false);
  await say(boris, chat, ...lines("Pebble", 60));
  await device.row("Lake").getByText("60 unread messages").waitFor();
  await stand(page);
  const missed = await placeOf(page, 101);
  expect(missed.top).toBeGreaterThanOrEqual(0);
  expect(missed.top).toBeLessThan(100);
  expect((await findLine(page)).seq).toBe(101);
  expect(await findRest(page)).toBeGreaterThan(500);
  await device.attend(true);
  await stand(page);
  expect(Math.abs((await placeOf(page, 101)).top - missed.top)).toBeLessThanOrEqual(2);
});

scene("22 the button leads to what is unread, and pressed again to the newest message", async () => {
  const { anna, boris, chat } = await prepare(400);
  const { page, message } = await open(anna, { at: `/#/chats/${chat.id}/20` });
  await message("Stone 20.").waitFor();
  await stand(page);
  await say(boris, chat, ...lines("Pebble", 60));
  await page.getByRole("button", { name: /^60 new messages/ }).click();
  await message("Pebble 1.").waitFor();
  await stand(page);
  expect((await placeOf(page, 401)).top).toBeLessThan(100);
  // Some of them are read now.
  await page.getByRole("button", { name: /^[1-5]\d new messages/ }).click();
  await message("Pebble 60.").waitFor();
  await until(() => isAtEnd(page));
});

scene("22 pressed twice before anything has come, the button leads to the newest message", async () => {
  const { anna, boris, chat } = await prepare(400);
  const { page, message } = await open(anna, { at: `/#/chats/${chat.id}/20` });
  await message("Stone 20.").waitFor();
  await stand(page);
  await say(boris, chat, ...lines("Pebble", 60));
  const held: (() => void)[] = [];
  await page.route(/history.*around_seq/, (route) => held.push(() => void route.continue()));
  const button = page.getByRole("button", { name: /^60 new messages/ });
  await button.click();
  await until(() => held.length > 0);
  await button.click();
  for (const go of held) go();
  await message("Pebble 60.").waitFor();
  await stand(page);
  expect(await isAtEnd(page)).toBe(true);
});

scene(
  "23 a permalink puts its message into the middle, marked, and Back leads to where one was",
  async () => {
    const { anna, chat } = await prepare(600);
    const { page, message } = await open(anna, { at: `/#/chats/${chat.id}` });
    await message("Stone 600.").waitFor();
    await scroll(page, -900);
    const left = await findTop(page);

    // One that is here, and one that is not.
    for (const seq of [left.seq - 12, 100]) {
      await page.evaluate((hash) => (location.hash = hash), `#/chats/${chat.id}/${seq}`);
      await message(`Stone ${seq}.`).waitFor();
      await until(() => isMarked(page, seq));
      expect(Math.abs(await findMiddle(page, seq))).toBeLessThan(20);
      await stand(page);
      expect(Math.abs(await findMiddle(page, seq))).toBeLessThan(20);
      await page.goBack();
      await until(async () => Math.abs((await placeOf(page, left.seq)).top - left.top) <= 2);
    }
  },
);

scene("24 a day leads to its first message, and a day of silence to the next one", async () => {
  const [anna, boris] = await Promise.all([person("Anna"), person("Boris")]);
  const chat = await makeGroup(boris, "Lake", anna);
  const days = [30, 20, 10].flatMap((daysAgo) =>
    lines(`Day ${daysAgo}, stone`, 120).map((text, index) => ({
      by: boris,
      text,
      at: new Date(noon(daysAgo).getTime() + index * 60_000),
    })),
  );
  await fill(databaseUrl(), chat, days);
  const { page, message } = await open(anna, { at: `/#/chats/${chat.id}` });
  await message("Day 10, stone 120.").waitFor();
  // Never the same message twice in a row: its mark says that the list came there anew.
  for (const [daysAgo, found] of [
    [20, 20],
    [30, 30],
    [25, 20],
    [15, 10],
    [4000, 30],
  ] as const) {
    await page.getByRole("button", { name: "Jump to a date" }).click();
    await page.getByLabel("Date", { exact: true }).fill(noon(daysAgo).toISOString().slice(0, 10));
    await page.getByRole("button", { name: "Go", exact: true }).click();
    const first = `Day ${found}, stone 1.`;
    await message(first).waitFor();
    const seq = Number(await message(first).getAttribute("data-seq"));
    await until(() => isMarked(page, seq));
    await until(async () => (await look(page)).messages.some((each) => each.seq === seq));
  }
  await page.getByRole("button", { name: "Jump to a date" }).click();
  await page.getByRole("button", { name: "Go", exact: true }).click();
  await page.getByText("There are no messages on that day").waitFor();
});
