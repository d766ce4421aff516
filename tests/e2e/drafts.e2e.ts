import { expect } from "bun:test";
import type { ChatSummary } from "@windi/protocol";
import type { Page } from "playwright-core";
import type { Person } from "../harness.ts";
import { until } from "../until.ts";
import { generously, makeGroup, makePersonalChat, prepareStage, say } from "./stage.ts";
import type { Chat, Device } from "./stage.ts";
import { comeBack, isFocused, textsOf } from "./writing.ts";

const { person, open, scene } = prepareStage();

const meet = () => Promise.all([person("Anna"), person("Boris")]);

/** What the server has of it. */
const draftOf = async (writer: Person, chat: Chat) =>
  (await writer.call<ChatSummary>("GET", `/chats/${chat.id}/summary`)).body.draft?.text;

const fieldOf = (page: Page) => page.getByRole("textbox", { name: /^Message to/ });
const shows = (page: Page, text: string) => until(async () => (await fieldOf(page).inputValue()) === text);

/** Another tab of the same browser. */
async function openTab({ page }: Device, chat: Chat): Promise<Page> {
  const tab = await page.context().newPage();
  await tab.goto(`/#/chats/${chat.id}`);
  await fieldOf(tab).waitFor();
  return tab;
}

const caretOf = (page: Page) =>
  fieldOf(page).evaluate((field) => {
    const { selectionStart, selectionEnd } = field as HTMLTextAreaElement;
    return [selectionStart, selectionEnd];
  });

const draftLine = (device: Device, chat: Chat, text: string) =>
  device.row(chat.name).filter({ hasText: "Draft:" }).getByText(text, { exact: true });

const editingLine = (page: Page) => page.getByText("You are editing a message");

scene("8. What is edited in one tab and the draft in another do not disturb each other", async () => {
  const [anna, boris] = await meet();
  const chat = await makePersonalChat(anna, boris);
  await say(anna, chat, "Teh lake");
  const device = await open(anna, { at: `/#/chats/${chat.id}` });
  const { page, composer } = device;
  await device.message("Teh lake").waitFor();
  await composer.fill("First draft");
  const tab = await openTab(device, chat);
  await shows(tab, "First draft");
  await device.message("Teh lake").click({ button: "right" });
  await page.getByRole("menuitem", { name: "Edit" }).click();
  await composer.fill("The lake");

  await fieldOf(tab).fill("Second draft");
  await until(async () => (await draftOf(anna, chat)) === "Second draft");
  await composer.press("End");
  await composer.pressSequentially(" is");
  expect(await composer.inputValue()).toBe("The lake is");
  await composer.pressSequentially(" deep");
  await composer.press("Enter");
  await until(async () => (await textsOf(boris, chat)).includes("The lake is deep"));
  await editingLine(page).waitFor({ state: "detached" });
  expect(await fieldOf(tab).inputValue()).toBe("Second draft");
  await shows(page, "Second draft");
  expect(await draftOf(anna, chat)).toBe("Second draft");

  // The other way round, from a composer in use, and left by Escape.
  await composer.fill("");
  await until(async () => (await draftOf(anna, chat)) === undefined);
  await composer.click();
  await composer.press("ArrowUp");
  await shows(page, "The lake is deep");
  await fieldOf(tab).fill("Third draft");
  await until(async () => (await draftOf(anna, chat)) === "Third draft");
  expect(await composer.inputValue()).toBe("The lake is deep");
  await composer.press("Escape");
  await shows(page, "Third draft");
  expect(await draftOf(anna, chat)).toBe("Third draft");
  await shows(tab, "Third draft");
});

scene("8. Two tabs in which one person writes keep what is in them while it is written", async () => {
  const [anna, boris] = await meet();
  const chat = await makePersonalChat(anna, boris);
  const device = await open(anna, { at: `/#/chats/${chat.id}` });
  await device.composer.waitFor();
  const tab = await openTab(device, chat);
  await fieldOf(tab).pressSequentially("In the second");
  await until(async () => (await draftOf(anna, chat)) === "In the second");
  await shows(device.page, "In the second");
  await device.composer.fill("In the first");
  await until(async () => (await draftOf(anna, chat)) === "In the first");
  expect(await fieldOf(tab).inputValue()).toBe("In the second");
  await fieldOf(tab).pressSequentially(" one");
  await until(async () => (await draftOf(anna, chat)) === "In the second one");
  expect(await device.composer.inputValue()).toBe("In the first");
  // Whoever leaves it sees what was written last.
  await device.composer.blur();
  await shows(device.page, "In the second one");
  expect(await draftOf(anna, chat)).toBe("In the second one");
});

scene(
  "9. A draft is kept by chat, and comes back with the caret at its end and the focus (no threads exist)",
  async () => {
    const [anna, boris] = await meet();
    const lake = await makeGroup(anna, "Lake", boris);
    const forest = await makeGroup(anna, "Forest", boris);
    const device = await open(anna, { at: `/#/chats/${lake.id}`, hasClock: true });
    const { page, composer } = device;
    await composer.waitFor();
    // What is saved from here on is not because of a pause.
    await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 1000);
    await composer.fill("Of the lake\nand more");
    await device.openChat("Forest");
    expect(await composer.inputValue()).toBe("");
    await until(async () => (await draftOf(anna, lake)) === "Of the lake\nand more");
    await draftLine(device, lake, "Of the lake and more").waitFor();
    await composer.fill("Of the forest");
    await device.openChat("Lake");
    await until(async () => (await draftOf(anna, forest)) === "Of the forest");
    await draftLine(device, forest, "Of the forest").waitFor();
    expect(await composer.inputValue()).toBe("Of the lake\nand more");
    expect(await caretOf(page)).toEqual([20, 20]);
    expect(await isFocused(page)).toBe(true);

    // The person goes to another field, and to another window.
    await composer.fill("Left");
    await composer.blur();
    await until(async () => (await draftOf(anna, lake)) === "Left");
    await composer.fill("In the background");
    await device.attend(false);
    await until(async () => (await draftOf(anna, lake)) === "In the background");
    await device.attend(true);

    await page.clock.resume();
    await page.reload();
    await shows(page, "In the background");
    await until(() => isFocused(page));
    expect(await caretOf(page)).toEqual([17, 17]);
  },
);

scene("9. On a touch screen a draft comes back without the focus", async () => {
  const [anna, boris] = await meet();
  const chat = await makePersonalChat(anna, boris);
  await anna.call("PUT", `/chats/${chat.id}/draft`, { text: "Written before" });
  const device = await open(anna, {
    hasTouch: true,
    isMobile: true,
    viewport: { width: 390, height: 844 },
  });
  await draftLine(device, chat, "Written before").waitFor();
  await device.row("Boris").tap();
  await shows(device.page, "Written before");
  expect(await isFocused(device.page)).toBe(false);
});

/** In the page: drafts that this browser keeps of a person. */
function readKept(userId: string): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(`windi-${userId}`);
    opening.addEventListener("error", () => reject(new Error("There is no store")));
    opening.addEventListener("success", () => {
      const { result: database } = opening;
      const reading = database.transaction("drafts").objectStore("drafts").getAll();
      reading.addEventListener("success", () => {
        database.close();
        resolve((reading.result as { text: string }[]).map(({ text }) => text));
      });
    });
  });
}

scene(
  "9. A draft outlives the page that is loaded again and the tab that crashes, without the server",
  async () => {
    const [anna, boris] = await meet();
    const chat = await makePersonalChat(anna, boris);
    const device = await open(anna, { isCuttable: true });
    const { page, line } = device;
    await device.row("Boris").waitFor();
    await page.evaluate(() => navigator.serviceWorker.ready);
    const tab = await openTab(device, chat);
    line?.become("hang up");
    await fieldOf(tab).pressSequentially("Before");
    await tab.reload();
    await shows(tab, "Before");
    await until(() => isFocused(tab));
    expect(await caretOf(tab)).toEqual([6, 6]);

    await fieldOf(tab).pressSequentially(" the crash");
    await until(
      async () => (await page.evaluate(readKept, anna.user.id)).includes("Before the crash"),
      generously(1000),
    );
    const crashed = tab.waitForEvent("crash");
    const debuggerOf = await page.context().newCDPSession(tab);
    debuggerOf.send("Page.crash").catch(() => {});
    await crashed;
    const next = await openTab(device, chat);
    await shows(next, "Before the crash");
    expect(await draftOf(anna, chat)).toBeUndefined();
    await comeBack(next, device);
    await until(async () => (await draftOf(anna, chat)) === "Before the crash");
    await fieldOf(next).press("!");
    await until(async () => (await draftOf(anna, chat)) === "Before the crash!");
  },
);

scene("10. A draft comes to the other device, but not where somebody writes", async () => {
  const [anna, boris] = await meet();
  const chat = await makePersonalChat(anna, boris);
  const at = `/#/chats/${chat.id}`;
  const [writer, looker, busy, listed] = await Promise.all([
    open(anna, { at }),
    open(anna, { at }),
    open(anna, { at }),
    open(anna),
  ]);
  await Promise.all([writer, looker, busy].map(({ composer }) => composer.waitFor()));
  await listed.row("Boris").waitFor();
  await busy.composer.click();
  await writer.composer.pressSequentially("Here");
  const draft = draftLine(listed, chat, "Here");
  await draft.waitFor({ timeout: generously(2000) });
  await until(async () => (await looker.composer.inputValue()) === "Here", generously(2000));
  expect(await caretOf(looker.page)).toEqual([4, 4]);
  expect(await busy.composer.inputValue()).toBe("");
  await busy.composer.pressSequentially("There");
  await until(async () => (await looker.composer.inputValue()) === "There");
  expect(await writer.composer.inputValue()).toBe("Here");

  await writer.composer.blur();
  await shows(writer.page, "There");
  await writer.composer.press("Enter");
  await writer.message("There").waitFor();
  await shows(looker.page, "");
  await draftLine(listed, chat, "There").waitFor({ state: "detached" });
  expect(await busy.composer.inputValue()).toBe("There");
});
