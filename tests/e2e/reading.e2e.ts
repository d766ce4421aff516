import { expect } from "bun:test";
import type { ChatPage, ChatSummary } from "@windi/protocol";
import type { Page } from "playwright-core";
import type { Person } from "../harness.ts";
import { createRandom } from "../random.ts";
import { until } from "../until.ts";
import { generously, lines, makeGroup, prepareStage, say, type Chat, type Device } from "./stage.ts";

const { person, open, scene } = prepareStage();

const readSummary = async (reader: Person, chat: Chat) =>
  (await reader.call<ChatSummary>("GET", `/chats/${chat.id}/summary`)).body;

/** Messages that it has marked as read. */
const countReads = ({ sent }: Device) => sent.filter(({ action }) => action === "message_read").length;

const unreadBadge = (device: Device, chat: Chat, count: number) =>
  device.row(chat.name).getByText(`${count} unread message${count === 1 ? "" : "s"}`);

/** The furthest message of which at least half is in view. */
const findFurthest = (page: Page) =>
  page.getByRole("log").evaluate((log) => {
    const view = log.getBoundingClientRect();
    const seen = [...log.querySelectorAll<HTMLElement>("article")].filter((message) => {
      const { top, bottom, height } = message.getBoundingClientRect();
      return Math.min(bottom, view.bottom) - Math.max(top, view.top) >= height / 2;
    });
    return Number(seen.at(-1)?.dataset["seq"]);
  });

scene("27 a message is read when half of it was in view for 300 ms before somebody who looks", async () => {
  const [anna, boris] = await Promise.all([person("Anna"), person("Boris")]);
  const chat = await makeGroup(boris, "Lake", anna);
  await say(boris, chat, ...lines("Stone", 60));
  const device = await open(anna, { at: `/#/chats/${chat.id}`, isAway: true, hasClock: true });
  const { page } = device;
  await device.message("Stone 1.").waitFor();
  await page.clock.runFor(5000);
  expect(await unreadBadge(device, chat, 60).count()).toBe(1);
  expect(countReads(device)).toBe(0);

  await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 1000);
  await device.attend(true);
  await page.clock.runFor(290);
  await device.attend(false);
  await page.clock.runFor(5000);
  expect(countReads(device)).toBe(0);

  await device.attend(true);
  await page.clock.runFor(5000);
  await page.clock.resume();
  const furthest = await findFurthest(page);
  expect(furthest).toBeGreaterThan(3);
  expect(furthest).toBeLessThan(60);
  await unreadBadge(device, chat, 60 - furthest).waitFor();
  expect((await readSummary(anna, chat)).read_seq).toBe(furthest);
});

scene("28 what is read on one device is read on the other within a second", async () => {
  const [anna, boris] = await Promise.all([person("Anna"), person("Boris")]);
  const chat = await makeGroup(boris, "Lake", anna);
  await say(boris, chat, ...lines("Stone", 3));
  const [one, other] = await Promise.all([open(anna), open(anna)]);
  await Promise.all([one, other].map((device) => unreadBadge(device, chat, 3).waitFor()));
  expect(await other.page.title()).toStartWith("(3)");
  await one.openChat(chat.name);
  await unreadBadge(one, chat, 3).waitFor({ state: "detached" });
  await unreadBadge(other, chat, 3).waitFor({ state: "detached", timeout: generously(1000) });
  await until(async () => (await other.page.title()) === "WinDI Messenger", generously(1000));
});

scene(
  "29 marked as unread from a message on, it stays so while one scrolls, and after a reload",
  async () => {
    const [anna, boris] = await Promise.all([person("Anna"), person("Boris")]);
    const chat = await makeGroup(boris, "Lake", anna);
    const sent = await say(boris, chat, ...lines("Stone", 40));
    const last = sent.at(-1);
    const socket = await anna.connect(chat.id);
    await socket.request({ action: "message_read", chat_id: chat.id, message_id: last?.id });
    const device = await open(anna, { at: `/#/chats/${chat.id}/10`, hasClock: true });
    const { page } = device;
    await device.message("Stone 10.").click({ button: "right" });
    await page.getByRole("menuitem", { name: "Mark unread from here" }).click();
    await unreadBadge(device, chat, 31).waitFor();
    const before = countReads(device);

    await device.message("Stone 10.").press("End");
    await device.message("Stone 40.").scrollIntoViewIfNeeded();
    await page.clock.runFor(5000);
    expect(await unreadBadge(device, chat, 31).count()).toBe(1);
    expect(countReads(device)).toBe(before);

    await page.evaluate(() => (location.hash = "#/"));
    await page.getByRole("log").waitFor({ state: "detached" });
    await page.reload();
    await unreadBadge(device, chat, 31).waitFor();
    expect((await readSummary(anna, chat)).settings.unread_from).toBe(10);
  },
);

/** In the page: notes each frame in which title, icon, badge of the app and list do not say the same. */
function watchSigns(): void {
  const findings: string[] = [];
  let badge = 0;
  Reflect.set(navigator, "setAppBadge", (count: number) => Promise.resolve((badge = count)));
  Reflect.set(navigator, "clearAppBadge", () => Promise.resolve((badge = 0)));
  Reflect.set(globalThis, "findings", findings);
  const readSigns = () => {
    const badges = [...document.querySelectorAll("nav .badge:not(.is-muted, .is-dot) > :first-child")];
    const sum = badges.reduce((total, { textContent }) => total + Number(textContent), 0);
    const title = Number(/^\((\d+)\)/.exec(document.title)?.[1] ?? 0);
    const icon = decodeURIComponent(document.querySelector<HTMLLinkElement>("link[rel=icon]")?.href ?? "");
    const drawn = />(\d+\+?)<\/text>/.exec(icon)?.[1] ?? "0";
    return { sum, title, badge, drawn };
  };
  Reflect.set(globalThis, "readSigns", readSigns);
  const look = () => {
    const { sum, title, badge: app, drawn } = readSigns();
    if (title !== sum || app !== sum || drawn !== (sum > 99 ? "99+" : String(sum)))
      findings.push(`list ${sum}, title ${title}, app ${app}, icon ${drawn}`);
    requestAnimationFrame(look);
  };
  addEventListener("DOMContentLoaded", look);
}

scene(
  "30 title, icon and badge of the app say what the list counts, whatever happens in 1,000 events",
  async () => {
    const [anna, boris, clara] = await Promise.all(["Anna", "Boris", "Clara"].map((name) => person(name)));
    if (!anna || !boris || !clara) throw new Error("Nobody is here");
    const chats = await Promise.all(
      ["Lake", "Forest", "Mountain", "Sea"].map((title) => makeGroup(boris, title, anna, clara)),
    );
    const devices = await Promise.all([1, 2, 3].map(() => open(anna, { prepare: watchSigns })));
    await Promise.all(devices.map((device) => device.row("Lake").waitFor()));
    const random = createRandom(30);
    const sent = new Map(chats.map(({ id }): [string, string[]] => [id, []]));

    async function happen(): Promise<void> {
      const chat = random.one(chats);
      const messages = sent.get(chat?.id ?? "");
      if (!chat || !messages || !anna || !boris || !clara) return;
      const path = `/chats/${chat.id}`;
      const what = random.weighted({ send: 60, read: 12, remove: 10, mute: 6, sound: 6, mark: 6 });
      const id = random.one(messages);
      const writer = random.below(2) === 0 ? boris : clara;
      if (what === "send")
        messages.push(...(await say(writer, chat, "A stone.")).map((message) => message.id));
      else if (what === "read" && id)
        await reader.request({ action: "message_read", chat_id: chat.id, message_id: id });
      else if (what === "remove" && id)
        await Promise.all([boris, clara].map((each) => each.call("DELETE", `${path}/messages/${id}`)));
      else if (what === "mute")
        await anna.call("PATCH", `${path}/settings`, { muted_until: "9999-12-31T23:59:59.999Z" });
      else if (what === "sound") await anna.call("PATCH", `${path}/settings`, { muted_until: null });
      else if (what === "mark" && messages.length > 0)
        await anna.call("PATCH", `${path}/settings`, { unread_from: 1 + random.below(messages.length) });
    }
    const reader = await anna.connect(...chats.map(({ id }) => id));
    for (let count = 0; count < 1000; count += 20) await Promise.all(Array.from({ length: 20 }, happen));

    const { chats: summaries } = (await anna.call<ChatPage>("GET", "/chats/summaries")).body;
    const expected = summaries
      .filter(({ settings }) => settings.muted_until === null)
      .reduce((sum, { unread_count }) => sum + unread_count, 0);
    expect(expected).toBeGreaterThan(0);
    for (const { page } of devices) {
      const signs = () =>
        page.evaluate(() => (Reflect.get(globalThis, "readSigns") as () => { sum: number; title: number })());
      await until(async () => (await signs()).title === expected && (await signs()).sum === expected);
      expect(await page.evaluate(() => Reflect.get(globalThis, "findings") as string[])).toEqual([]);
    }
  },
);
