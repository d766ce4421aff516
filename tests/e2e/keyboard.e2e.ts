import { expect } from "bun:test";
import type { Page } from "playwright-core";
import { nameKeys, shortcuts } from "../../web/src/scenes/workspace/shortcuts.ts";
import { until } from "../until.ts";
import { generously, lines, makeGroup, makePersonalChat, prepareStage, say, type Chat } from "./stage.ts";

const { person, open, scene } = prepareStage();

const isFocused = (page: Page, selector: string) =>
  page.evaluate((wanted) => document.activeElement?.matches(wanted) === true, selector);

/** In the page: how long it takes from the next key to a dialog. */
function measureDialog(): void {
  const took = new Promise((done) => {
    const start = (from: number) => {
      const look = () => {
        if (document.querySelector("dialog[open]")) done(performance.now() - from);
        else requestAnimationFrame(look);
      };
      look();
    };
    addEventListener("keydown", ({ key, timeStamp }: KeyboardEvent) => key === "k" && start(timeStamp), {
      capture: true,
    });
  });
  Reflect.set(globalThis, "took", took);
}

scene(
  "33 Ctrl+K goes to any chat or person by a few letters, and Escape leads back to the composer",
  async () => {
    const [anna, boris, dora] = await Promise.all([person("Anna"), person("Boris"), person("Dora")]);
    const paris = await makeGroup(boris, "Paris trip", anna, dora);
    const parcel = await makeGroup(boris, "Parcels", anna);
    const lake = await makeGroup(boris, "Lake", anna);
    for (const chat of [paris, parcel, lake]) await say(anna, chat, "Hello");
    const device = await open(anna, { at: `/#/chats/${lake.id}` });
    const { page, composer } = device;
    await device.row(paris.name).waitFor();
    await composer.focus();

    await page.evaluate(measureDialog);
    await page.keyboard.press("Control+k");
    const options = page.getByRole("option");
    await options.first().waitFor();
    expect(await page.evaluate(() => Reflect.get(globalThis, "took") as Promise<number>)).toBeLessThan(
      generously(50),
    );
    expect((await options.allInnerTexts()).map((text) => text.split("\n")[0])).toEqual([
      "Parcels",
      "Paris trip",
    ]);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    expect(await isFocused(page, "main textarea")).toBe(true);

    // Of two that fit alike, the one with something unread comes first.
    await page.keyboard.press("Control+k");
    await page.keyboard.type("par");
    await until(async () => (await options.first().innerText()).startsWith("Parcels"));
    await page.keyboard.press("Escape");
    await say(boris, paris, "Where are you?");
    await device.row(paris.name).getByText("1 unread message").waitFor();
    await page.keyboard.press("Control+k");
    await page.keyboard.type("par");
    await until(async () => (await options.first().innerText()).startsWith("Paris trip"));

    // Letters in their order are enough.
    await page.getByRole("combobox").fill("prcl");
    await until(async () => (await options.first().innerText()).startsWith("Parcels"));
    await page.keyboard.press("Enter");
    await page.getByRole("textbox", { name: "Message to Parcels" }).waitFor();
    await until(() => isFocused(page, "main textarea"));

    await page.keyboard.press("Control+k");
    await page.keyboard.type("dora");
    await page.getByRole("option", { name: "Dora" }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("textbox", { name: "Message to Dora" }).waitFor();
  },
);

scene(
  "34 Alt with an arrow goes to the chat beside, with Shift to the unread one, and N to any unread one",
  async () => {
    const [anna, boris] = await Promise.all([person("Anna"), person("Boris")]);
    const titles = ["Fourth", "Third", "Second", "First"];
    const chats = [];
    for (const title of titles) {
      const chat = await makeGroup(boris, title, anna);
      await say(anna, chat, "Hello");
      chats.push(chat);
    }
    const [fourth, third, , first] = chats;
    if (!fourth || !third || !first) throw new Error("There are no chats");
    const device = await open(anna, { at: `/#/chats/${first.id}` });
    const { page } = device;
    const opened = (name: string) => page.getByRole("textbox", { name: `Message to ${name}` }).waitFor();
    await device.row("Fourth").waitFor();
    await opened("First");
    await page.keyboard.press("Alt+ArrowDown");
    await opened("Second");
    await until(() => isFocused(page, "main textarea"));
    await page.keyboard.press("Alt+ArrowUp");
    await opened("First");

    const mark = async (chat: Chat) => {
      await anna.call("PATCH", `/chats/${chat.id}/settings`, { unread_from: 1 });
      await device.row(chat.name).getByText(/nread/).first().waitFor();
    };
    const read = async (name: string) => {
      await opened(name);
      await device.row(name).getByText(/nread/).waitFor({ state: "detached" });
    };
    // What is marked as unread keeps its place.
    await Promise.all([mark(fourth), mark(third)]);
    await page.keyboard.press("Alt+Shift+ArrowDown");
    await read("Third");
    await page.keyboard.press("Alt+Shift+ArrowDown");
    await read("Fourth");
    await mark(first);
    await page.keyboard.press("Alt+Shift+ArrowUp");
    await read("First");

    await mark(third);
    await page.getByRole("button", { name: "Details" }).focus();
    await page.keyboard.press("n");
    await opened("Third");
    await page.keyboard.press("n");
    expect(await device.composer.inputValue()).toBe("n");
  },
);

scene("35 a letter pressed anywhere begins a message, and ? or Ctrl+/ lists every shortcut", async () => {
  const [anna, boris] = await Promise.all([person("Anna"), person("Boris")]);
  const chat = await makePersonalChat(anna, boris);
  const device = await open(anna, { at: `/#/chats/${chat.id}` });
  const { page, composer } = device;
  await composer.waitFor();
  await device.row("Boris").focus();
  await page.keyboard.type("Hello");
  expect(await composer.inputValue()).toBe("Hello");

  const overview = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await page.keyboard.press("Control+/");
  await overview.waitFor();
  for (const { keys } of Object.values(shortcuts))
    for (const each of keys)
      for (const key of nameKeys(each, { isApple: false }))
        expect(await overview.getByText(key, { exact: true }).count()).toBeGreaterThan(0);
  expect(await overview.getByRole("term").count()).toBe(Object.keys(shortcuts).length);
  await page.keyboard.press("Escape");
  await overview.waitFor({ state: "detached" });
  await device.row("Boris").focus();
  await page.keyboard.press("?");
  await overview.waitFor();
  await page.keyboard.press("Escape");
  expect(await composer.inputValue()).toBe("Hello");
});

scene(
  "36 a message is reached, edited, linked and deleted by keyboard, and heard once as it comes",
  async () => {
    const [anna, boris] = await Promise.all([person("Anna"), person("Boris")]);
    const chat = await makePersonalChat(anna, boris);
    await say(anna, chat, "First", "Second");
    await say(boris, chat, "Third");
    const device = await open(anna, { at: `/#/chats/${chat.id}` });
    const { page, composer } = device;
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await device.message("Third").waitFor();
    const name = (text: string) => page.getByRole("article", { name: text });
    // Who and what come first, then when and how far.
    await name("Boris Third").waitFor();
    await page.getByRole("article", { name: /^You Second \d\d:\d\d Sent$/ }).waitFor();

    await until(async () => {
      await page.keyboard.press("Shift+Tab");
      return isFocused(page, "article");
    });
    await page.keyboard.press("ArrowUp");
    expect(await page.locator(":focus").innerText()).toContain("Second");
    await page.keyboard.press("Enter");
    expect(await page.getByRole("menuitem").allInnerTexts()).toEqual([
      "Edit",
      "Copy text",
      "Copy link",
      "Mark unread from here",
      "Delete",
    ]);
    await page.keyboard.press("Enter");
    await until(async () => (await composer.inputValue()) === "Second");
    await page.keyboard.press("End");
    await page.keyboard.type(" thought");
    await page.keyboard.press("Enter");
    await device.message("Second thought").getByText("edited").waitFor();

    await device.message("Second thought").focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.getByText("The link is copied.").waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toEndWith(`#/chats/${chat.id}/2`);
    expect(await isFocused(page, "article")).toBe(true);
    await page.keyboard.press("Delete");
    await page.getByRole("article", { name: /^You Message deleted/ }).waitFor();
    expect(await isFocused(page, "article")).toBe(true);

    await say(boris, chat, "Fourth");
    const said = page.getByRole("status").filter({ hasText: "Boris: Fourth" });
    await said.waitFor({ state: "attached" });
    expect(await said.count()).toBe(1);
    expect(await page.getByRole("log").getAttribute("aria-live")).toBe("off");
  },
);

scene("37 the address names the place: after a reload, back and forward, and for somebody else", async () => {
  const [anna, boris] = await Promise.all([person("Anna"), person("Boris")]);
  const lake = await makeGroup(boris, "Lake", anna);
  const forest = await makeGroup(boris, "Forest", anna);
  await say(boris, lake, ...lines("Stone", 120));
  await say(boris, forest, "Tree");
  const device = await open(anna);
  const { page } = device;
  const place = () => new URL(page.url()).hash;
  const opened = (chat: string) => page.getByRole("textbox", { name: `Message to ${chat}` }).waitFor();
  await device.openChat("Forest");
  expect(place()).toBe(`#/chats/${forest.id}`);
  await device.openChat("Lake");
  await page.goBack();
  await opened("Forest");
  await page.goForward();
  await opened("Lake");
  await page.reload();
  await opened("Lake");
  expect(place()).toBe(`#/chats/${lake.id}`);

  const guest = await open(boris, { at: `/#/chats/${lake.id}/20` });
  for (const { page: each } of [device, guest]) {
    if (each === page) await page.evaluate((hash) => (location.hash = hash), `#/chats/${lake.id}/20`);
    const message = each.getByRole("article").filter({ has: each.getByText("Stone 20.", { exact: true }) });
    const isCentred = () =>
      message.evaluate((element) => {
        const view = element.closest("[role=log]")?.getBoundingClientRect();
        const { top, bottom } = element.getBoundingClientRect();
        return view !== undefined && Math.abs((top + bottom - view.top - view.bottom) / 2) < view.height / 4;
      });
    await until(isCentred);
    await each.reload();
    await until(isCentred);
  }
  await page.goBack();
  await opened("Lake");
  expect(place()).toBe(`#/chats/${lake.id}`);
});
