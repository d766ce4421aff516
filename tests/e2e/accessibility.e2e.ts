import { expect } from "bun:test";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { lines, makeGroup, makePersonalChat, prepareStage, say } from "./stage.ts";

const { person, open, openStranger, scene } = prepareStage();
const still = { reducedMotion: "reduce" } as const;

/** Everything in the light theme; in the dark one only what a theme can change. */
async function expectNoBarriers(page: Page, where: string): Promise<void> {
  const run = (rules?: string[]) =>
    page.evaluate(async (only) => {
      const { run: look } = Reflect.get(globalThis, "axe") as typeof axe;
      const options: axe.RunOptions = { resultTypes: ["violations"], ...(only && { runOnly: only }) };
      const { violations } = await look(document, options);
      return violations.map(
        ({ id, nodes }) =>
          `${id}: ${nodes.map(({ target, failureSummary }) => `${target.join(" ")} ${failureSummary}`).join("; ")}`,
      );
    }, rules);
  await page.emulateMedia({ colorScheme: "light" });
  // As an expression of the debugger it is no script of the page, so the page's policy stays as it is.
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe.source);
  const light = await run();
  await page.emulateMedia({ colorScheme: "dark" });
  const dark = await run(["color-contrast"]);
  expect({ where, light, dark }).toEqual({ where, light: [], dark: [] });
}

scene("nothing stands in the way of signing in and making an account, in both themes", async () => {
  const { page } = await openStranger(still);
  await page.getByRole("button", { name: "Sign in" }).first().waitFor();
  await expectNoBarriers(page, "sign in");
  await page.getByRole("button", { name: "Create an account" }).first().click();
  await page.getByLabel("Name", { exact: true }).waitFor();
  await page.getByRole("form").getByRole("button", { name: "Create an account" }).click();
  await page.getByText("Enter a name of 1 to 128 characters.").waitFor();
  await expectNoBarriers(page, "register, with faults");
});

scene(
  "nothing stands in the way in list, conversation and what opens over them, in both themes",
  async () => {
    const [anna, boris, clara] = await Promise.all([person("Anna"), person("Boris"), person("Clara")]);
    const empty = await open(await person("Emil"), still);
    await empty.page.getByText("No chats yet.").first().waitFor();
    await expectNoBarriers(empty.page, "no chats");

    const group = await makeGroup(anna, "Lake", boris, clara);
    const personal = await makePersonalChat(anna, boris);
    await say(boris, group, ...lines("See https://example.org/lake, stone", 4));
    await say(boris, personal, "Hello");
    const [own] = await say(anna, group, "@Boris, look", "A thought");
    await anna.call("PATCH", `/chats/${group.id}/messages/${own?.id}`, { text: "@Boris, look here" });
    await anna.call("PATCH", `/chats/${personal.id}/settings`, {
      is_pinned: true,
      muted_until: "9999-12-31T23:59:59.999Z",
    });
    const device = await open(anna, still);
    const { page, composer } = device;
    await device.row("Boris").waitFor();
    await expectNoBarriers(page, "list");
    await device.openChat("Lake");
    await device.message("A thought").waitFor();
    await expectNoBarriers(page, "conversation");

    const close = async () => {
      await page.keyboard.press("Escape");
      await page.locator("dialog[open], :popover-open").waitFor({ state: "detached" });
    };
    await device.message("A thought").click({ button: "right" });
    await page.getByRole("menu").waitFor();
    await expectNoBarriers(page, "menu of a message");
    await page.getByRole("menuitem", { name: "Who has read it" }).click();
    await page.getByText("Nobody has read it yet.").waitFor();
    await expectNoBarriers(page, "readers");
    await close();
    await device.row("Lake").click({ button: "right" });
    await page.getByRole("menu").waitFor();
    await expectNoBarriers(page, "menu of a chat");
    await close();
    await page.getByRole("button", { name: "Jump to a date" }).click();
    await page.getByRole("dialog").waitFor();
    await expectNoBarriers(page, "date");
    await close();
    await page.getByRole("button", { name: "Emoji" }).click();
    await page.getByText("Faces").first().waitFor();
    await expectNoBarriers(page, "emoji");
    await page.keyboard.press("Escape");
    await composer.fill("@");
    await page.getByRole("listbox", { name: "People to mention" }).waitFor();
    await expectNoBarriers(page, "people to mention");
    await composer.fill("");
    await page.keyboard.press("Control+k");
    await page.getByRole("option").first().waitFor();
    await expectNoBarriers(page, "switcher");
    await close();
    await page.keyboard.press("Control+/");
    await page.getByRole("dialog").waitFor();
    await expectNoBarriers(page, "shortcuts");
    await close();
    for (const item of ["New personal chat", "New group"]) {
      await page.getByRole("button", { name: "New chat" }).click();
      await page.getByRole("menuitem", { name: item }).click();
      await page.getByRole("dialog").waitFor();
      await expectNoBarriers(page, item);
      await close();
    }
    await page.getByRole("button", { name: "Details" }).click();
    await page.getByRole("list", { name: "Members" }).waitFor();
    await expectNoBarriers(page, "details");
  },
);

scene("nothing stands in the way in the settings and on a phone, in both themes", async () => {
  const [anna, boris] = await Promise.all([person("Anna"), person("Boris")]);
  const group = await makeGroup(anna, "Lake", boris);
  await say(boris, group, "Hello");
  const device = await open(anna, { ...still, at: "/#/settings" });
  const { page } = device;
  for (const name of ["account", "devices", "appearance", "chats", "notifications"]) {
    await page.evaluate((hash) => (location.hash = hash), `#/settings/${name}`);
    await page.getByRole("region", { name: new RegExp(name, "i") }).waitFor();
    await expectNoBarriers(page, `settings: ${name}`);
  }
  const phone = await open(anna, {
    ...still,
    viewport: { width: 360, height: 740 },
    isMobile: true,
    hasTouch: true,
  });
  await phone.row("Lake").waitFor();
  await expectNoBarriers(phone.page, "list on a phone");
  await phone.openChat("Lake");
  await phone.message("Hello").waitFor();
  await expectNoBarriers(phone.page, "conversation on a phone");
});
