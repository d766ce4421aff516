import { expect } from "bun:test";
import { until } from "../until.ts";
import { makeGroup, prepareStage, say } from "./stage.ts";

const { person, open, scene } = prepareStage();

scene(
  "13 after @ the people of the chat are offered from what is here, and Tab or Enter completes",
  async () => {
    const [anna, boris, bella, dora] = await Promise.all(
      ["Anna", "Boris", "Bella", "Dora"].map((name) => person(name)),
    );
    if (!anna || !boris || !bella || !dora) throw new Error("Nobody is here");
    const chat = await makeGroup(anna, "Lake", boris, bella);
    // Somebody who is known, and is not in the chat.
    await say(dora, await makeGroup(dora, "Forest", anna), "Hello");
    const { page, composer } = await open(anna, { at: `/#/chats/${chat.id}` });
    const options = page.getByRole("listbox", { name: "People to mention" }).getByRole("option");
    const names = async () => (await options.allInnerTexts()).map((text) => text.split("\n").at(-1));
    await composer.click();
    await until(async () => {
      await composer.fill("");
      await composer.pressSequentially("@");
      return (await options.count()) === 2;
    });
    expect(new Set(await names())).toEqual(new Set(["Bella", "Boris"]));

    // Nothing is asked of the server for it.
    await page.route("**/*", (route) => route.abort());
    // A name is found by its beginning.
    await composer.pressSequentially("e");
    await until(async () => (await options.count()) === 0);
    await composer.press("Backspace");
    await until(async () => (await options.count()) === 2);
    await composer.pressSequentially("b");
    await until(async () => (await options.count()) === 2);
    await composer.pressSequentially("o");
    await until(async () => (await names()).join() === "Boris");
    await page.keyboard.press("Tab");
    expect(await composer.inputValue()).toBe("@Boris ");
    expect(await composer.evaluate((field) => field === document.activeElement)).toBe(true);
    await composer.pressSequentially("and @");
    await until(async () => (await options.count()) === 2);
    const second = (await names())[1];
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    expect(await composer.inputValue()).toBe(`@Boris and @${second} `);
    await composer.pressSequentially("@d");
    await until(async () => (await options.count()) === 0);
    await page.keyboard.press("Backspace");
    await until(async () => (await options.count()) === 2);
    await page.keyboard.press("Escape");
    await until(async () => (await options.count()) === 0);
    await page.keyboard.press("Enter");
    await page.getByRole("article").filter({ hasText: "@Boris and" }).waitFor();
    expect(await composer.inputValue()).toBe("");
  },
);
