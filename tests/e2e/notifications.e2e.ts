import { expect } from "bun:test";
import type { Page } from "playwright-core";
import { until } from "../until.ts";
import { makeGroup, makePersonalChat, prepareStage, say, type Device } from "./stage.ts";

const { person, open, scene } = prepareStage();

/** In the page: notes each sound, each notification, and each time that the browser is asked for leave. */
function noteSigns(): void {
  const asked: boolean[] = [];
  const sounds: number[] = [];
  const shown: string[][] = [];
  Object.assign(globalThis, { asked, sounds, shown });
  const asking = {
    permission: "default",
    requestPermission(): Promise<string> {
      asked.push(navigator.userActivation.isActive);
      return Promise.resolve((Notification.permission = "granted"));
    },
  };
  const Notification = Object.assign(() => {}, asking);
  Object.assign(globalThis, { Notification });
  const { AudioContext: Sound } = globalThis;
  class NotedSound extends Sound {
    constructor() {
      super();
      sounds.push(Date.now());
    }
  }
  Object.assign(globalThis, { AudioContext: NotedSound });
  ServiceWorkerRegistration.prototype.showNotification = (title, { body, tag } = {}) => {
    shown.push([title, body ?? "", tag ?? ""]);
    return Promise.resolve();
  };
}

const read = <Noted>(page: Page, name: "asked" | "sounds" | "shown"): Promise<Noted[]> =>
  page.evaluate((which) => Reflect.get(globalThis, which) as Noted[], name);
const countSounds = async (page: Page): Promise<number> => (await read(page, "sounds")).length;

/** As long as news are gathered before anything is told of them. */
const gathered = ({ page }: Device) => page.clock.runFor(1000);
/** As long as it takes until a burst is over. */
const burstOver = ({ page }: Device) => page.clock.runFor(6000);

const away = { isAway: true, hasClock: true, prepare: noteSigns } as const;

scene("32. A burst of messages makes one sound, and the next one makes another", async () => {
  const [anna, boris] = await Promise.all([person("Anna"), person("Boris")]);
  const [chat, lake] = await Promise.all([makePersonalChat(boris, anna), makeGroup(boris, "Lake", anna)]);
  const device = await open(anna, away);
  const { page } = device;
  await device.row("Lake").waitFor();
  await say(boris, chat, "One", "Two", "Three");
  await say(boris, lake, "Elsewhere");
  await device.row("Boris").getByText("3 unread messages").waitFor();
  await device.row("Lake").getByText("1 unread message").waitFor();
  await gathered(device);
  expect(await countSounds(page)).toBe(1);
  await say(boris, chat, "Four");
  await device.row("Boris").getByText("4 unread messages").waitFor();
  await gathered(device);
  expect(await countSounds(page)).toBe(1);

  await burstOver(device);
  await say(boris, chat, "Five");
  await device.row("Boris").getByText("5 unread messages").waitFor();
  await gathered(device);
  expect(await countSounds(page)).toBe(2);
});

scene("32. There is no sound for muted chats, own messages, or what is deleted at once", async () => {
  const [anna, boris] = await Promise.all([person("Anna"), person("Boris")]);
  const [chat, lake] = await Promise.all([makePersonalChat(boris, anna), makeGroup(boris, "Lake", anna)]);
  await anna.call("PATCH", `/chats/${lake.id}/settings`, { muted_until: "9999-12-31T23:59:59Z" });
  const device = await open(anna, away);
  const { page } = device;
  await device.row("Lake").waitFor();
  await say(boris, lake, "Quietly");
  await device.row("Lake").getByText("Quietly").waitFor();
  await gathered(device);
  expect(await countSounds(page)).toBe(0);
  await say(anna, chat, "From my phone");
  await device.row("Boris").getByText("From my phone").waitFor();
  await gathered(device);
  expect(await countSounds(page)).toBe(0);
  await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 1000);
  const [oops] = await say(boris, chat, "Oops");
  await device.row("Boris").getByText("Oops").waitFor();
  await boris.call("DELETE", `/chats/${chat.id}/messages/${oops?.id}`);
  await device.row("Boris").getByText("Oops").waitFor({ state: "detached" });
  await gathered(device);
  expect(await countSounds(page)).toBe(0);
  await page.clock.resume();

  // That there would be one is seen by what is neither.
  await say(boris, chat, "Aloud");
  await device.row("Boris").getByText("Aloud").waitFor();
  await gathered(device);
  expect(await countSounds(page)).toBe(1);
});

scene("32. What is read on another device keeps the tab quiet, and of two tabs one is heard", async () => {
  const [anna, boris] = await Promise.all([person("Anna"), person("Boris")]);
  const chat = await makePersonalChat(boris, anna);
  await say(boris, chat, "Hello");
  const device = await open(anna, away);
  const { page } = device;
  const reader = await open(anna, { at: `/#/chats/${chat.id}` });
  await reader.message("Hello").waitFor();
  await device.row("Boris").waitFor();
  await device
    .row("Boris")
    .getByText(/unread/)
    .waitFor({ state: "detached" });
  await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 1000);
  const [seen] = await say(boris, chat, "Read at once");
  await device.row("Boris").getByText("Read at once").waitFor();
  await until(() => reader.sent.some(({ message_id }) => message_id === seen?.id));
  await device
    .row("Boris")
    .getByText(/unread/)
    .waitFor({ state: "detached" });
  await gathered(device);
  expect(await countSounds(page)).toBe(0);
  await page.clock.resume();

  await reader.attend(false);
  const tab = await page.context().newPage();
  await tab.addInitScript(noteSigns);
  await tab.clock.install();
  await tab.goto("/");
  const row = tab.getByRole("link").filter({ hasText: "Boris" });
  await row.waitFor();
  await say(boris, chat, "Unseen");
  await device.row("Boris").getByText("1 unread message").waitFor();
  await row.getByText("1 unread message").waitFor();
  await gathered(device);
  await tab.clock.runFor(1000);
  expect([await countSounds(page), await countSounds(tab)]).toEqual([1, 0]);
});

scene(
  "32. The browser is asked for leave only by a press; then a chat is told of once, until it is read elsewhere",
  async () => {
    const [anna, boris] = await Promise.all([person("Anna"), person("Boris")]);
    const chat = await makePersonalChat(boris, anna);
    const device = await open(anna, away);
    const { page } = device;
    await device.row("Boris").waitFor();
    await say(boris, chat, "Before the leave");
    await device.row("Boris").getByText("1 unread message").waitFor();
    await gathered(device);
    expect(await countSounds(page)).toBe(1);
    await device.attend(true);
    await device.openChat("Boris");
    await page.goto("/#/settings/notifications");
    const wish = page.getByRole("switch", { name: "Tell me about new messages" });
    await wish.waitFor();
    expect(await read(page, "asked")).toEqual([]);
    expect(await wish.isChecked()).toBe(false);
    await wish.click();
    await until(() => wish.isChecked());
    expect(await read<boolean>(page, "asked")).toEqual([true]);
    await page.goto("/#/");
    await device.attend(false);
    await say(boris, chat, "First", "Second");
    await device.row("Boris").getByText("Second").waitFor();
    await gathered(device);
    await until(async () => (await read(page, "shown")).length > 0);
    expect(await read<string[]>(page, "shown")).toEqual([["Boris", "Second", chat.id]]);
  },
);

scene("32. A notification goes when its chat is read on another device", async () => {
  const [anna, boris] = await Promise.all([person("Anna"), person("Boris")]);
  const chat = await makePersonalChat(boris, anna);
  const device = await open(anna, { permissions: ["notifications"] });
  const { page } = device;
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await page.goto("/#/settings/notifications");
  await page.getByRole("switch", { name: "Tell me about new messages" }).click();
  await page.goto("/#/");
  await device.attend(false);
  const shown = () =>
    page.evaluate(async () =>
      (await (await navigator.serviceWorker.ready).getNotifications()).map(({ title, body, tag }) => [
        title,
        body,
        tag,
      ]),
    );
  const [, second] = await say(boris, chat, "First", "Second");
  await until(async () => (await shown()).length > 0);
  expect(await shown()).toEqual([["Boris", "Second", chat.id]]);
  const elsewhere = await anna.connect(chat.id);
  await elsewhere.request({ action: "message_read", chat_id: chat.id, message_id: second?.id });
  await until(async () => (await shown()).length === 0);
});
