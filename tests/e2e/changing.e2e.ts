import { expect } from "bun:test";
import { until } from "../until.ts";
import { lines, makeGroup, makePersonalChat, prepareStage, say } from "./stage.ts";
import { takeWire } from "./wire.ts";
import { isFocused, textsOf, write } from "./writing.ts";

const { person, open, scene } = prepareStage();

const meet = () => Promise.all([person("Anna"), person("Boris")]);

scene(
  "7. The arrow up in the empty composer changes my last message; Escape leaves that for the draft",
  async () => {
    const [anna, boris] = await meet();
    const chat = await makeGroup(anna, "Lake", boris);
    const elsewhere = await makePersonalChat(anna, boris);
    await say(boris, chat, ...lines("Stone", 120));
    await say(anna, chat, "First");
    await say(boris, chat, ...lines("Pebble", 40));
    await say(anna, chat, "Last");
    await say(boris, chat, ...lines("Sand", 8));
    await say(anna, elsewhere, "In another chat");
    const device = await open(anna, { at: `/#/chats/${chat.id}/20` });
    const { page, composer } = device;
    await device.message("Stone 20.").waitFor();

    // Far above, where none of mine is here.
    await composer.press("ArrowUp");
    await until(async () => (await composer.inputValue()) === "Last");
    await page.getByText("You are editing a message").waitFor();
    await composer.press("Escape");
    expect(await composer.inputValue()).toBe("");
    await page.getByText("You are editing a message").waitFor({ state: "detached" });
    expect(await isFocused(page)).toBe(true);

    await device.openChat("Boris");
    await composer.press("ArrowUp");
    expect(await composer.inputValue()).toBe("In another chat");
    await write(device, "Lake, better");
    await device.message("Lake, better").getByText("edited").waitFor({ state: "attached" });
    expect((await textsOf(boris, elsewhere)).includes("Lake, better")).toBe(true);
    expect(await composer.inputValue()).toBe("");

    // With a draft the key moves the caret; what is changed by the menu gives the draft back.
    await composer.fill("A draft");
    await composer.press("ArrowUp");
    expect(await composer.inputValue()).toBe("A draft");
    await device.message("Lake, better").click({ button: "right" });
    await page.getByRole("menuitem", { name: "Edit" }).click();
    await until(async () => (await composer.inputValue()) === "Lake, better");
    await composer.press("End");
    await composer.pressSequentially(" still");
    await composer.press("Escape");
    expect(await composer.inputValue()).toBe("A draft");
    expect(await isFocused(page)).toBe(true);
    await page.reload();
    await until(async () => (await composer.inputValue()) === "A draft");
    expect((await textsOf(boris, elsewhere)).includes("Lake, better still")).toBe(false);
  },
);

scene(
  "7. A message that is on its way is changed as soon as it is stored, and never the one before",
  async () => {
    const [anna, boris] = await meet();
    const chat = await makePersonalChat(anna, boris);
    await say(anna, chat, "Before");
    const device = await open(anna, { at: `/#/chats/${chat.id}` });
    const { page, composer } = device;
    const wire = await takeWire(device);
    await device.message("Before").waitFor();
    const out = wire.hold("out");
    await write(device, "Teh lake");
    await composer.press("ArrowUp");
    expect(await composer.inputValue()).toBe("");
    out.release();
    await page.getByText("You are editing a message").waitFor();
    expect(await composer.inputValue()).toBe("Teh lake");
    await write(device, "The lake");
    await device.message("The lake").getByText("edited").waitFor({ state: "attached" });
    await until(async () => (await textsOf(boris, chat)).at(-1) === "The lake");
    expect(await page.locator("article .words").allInnerTexts()).toEqual(["Before", "The lake"]);
  },
);
