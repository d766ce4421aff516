import { expect } from "bun:test";
import { until } from "../until.ts";
import { isAtEnd, look, placeOf, scroll, stand } from "./eye.ts";
import { fill, talk } from "./past.ts";
import { lines, makeGroup, makePersonalChat, prepareStage, say } from "./stage.ts";
import { takeWire } from "./wire.ts";
import { isFocused, textsOf, write } from "./writing.ts";

const { person, open, scene, databaseUrl } = prepareStage({ database: "server" });

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
    await until(async () => (await textsOf(boris, elsewhere)).includes("Lake, better"));
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

/** Whose last message is so far from the end of so many. */
const oftenSaid = [
  { count: 130, fromEnd: 3 },
  { count: 400, fromEnd: 3 },
  { count: 400, fromEnd: 40 },
];

for (const { count, fromEnd } of oftenSaid)
  scene(
    `7. The message that the arrow up changes comes into view: ${fromEnd} from the end of ${count}, from far above`,
    async () => {
      const [anna, boris] = await meet();
      const chat = await makeGroup(anna, "Lake", boris);
      const said = talk([boris], lines("Stone", count));
      const mine = count - fromEnd;
      await fill(
        databaseUrl(),
        chat,
        said.map((message, index) => (index + 1 === mine ? { ...message, by: anna } : message)),
      );
      const { page, composer, message } = await open(anna, { at: `/#/chats/${chat.id}/20` });
      await message("Stone 20.").waitFor();
      await stand(page);
      expect((await placeOf(page, 20)).top).toBeGreaterThan(0);
      await composer.press("ArrowUp");
      await until(async () => (await composer.inputValue()) === `Stone ${mine}.`);
      await until(async () => (await look(page)).messages.some(({ seq }) => seq === mine));
      await stand(page);
      const { top, bottom } = await placeOf(page, mine);
      expect(top).toBeGreaterThanOrEqual(0);
      expect(bottom).toBeLessThanOrEqual((await look(page)).height);
      expect(await isAtEnd(page)).toBe(fromEnd === 3);
    },
  );

scene("7. A message in view that the arrow up changes moves nothing", async () => {
  const [anna, boris] = await meet();
  const chat = await makeGroup(anna, "Lake", boris);
  await fill(databaseUrl(), chat, talk([boris, anna], lines("Stone", 399)));
  const { page, composer, message } = await open(anna, { at: `/#/chats/${chat.id}` });
  await message("Stone 399.").waitFor();
  await stand(page);
  await scroll(page, -70);
  const mine = 396;
  const before = await placeOf(page, mine);
  await composer.press("ArrowUp");
  await until(async () => (await composer.inputValue()) === `Stone ${mine}.`);
  await stand(page);
  expect(await placeOf(page, mine)).toEqual(before);
});

scene(
  "7. A permalink to the first of four hundred of mine shows it, and down from it is the end",
  async () => {
    const [anna, boris] = await meet();
    const chat = await makeGroup(anna, "Lake", boris);
    await fill(databaseUrl(), chat, talk([anna], lines("Stone", 400)));
    const { page, message } = await open(anna, { at: `/#/chats/${chat.id}/1` });
    await message("Stone 1.").waitFor();
    await stand(page);
    expect((await placeOf(page, 1)).top).toBeGreaterThanOrEqual(0);
    await until(async () => {
      await scroll(page, 2000);
      return (await look(page)).messages.at(-1)?.seq === 400;
    });
    expect(await isAtEnd(page)).toBe(true);
  },
);
