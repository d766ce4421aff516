import { expect } from "bun:test";
import type { Locator, Page } from "playwright-core";
import { until } from "../until.ts";
import { makeGroup, makePersonalChat, prepareStage, say } from "./stage.ts";

const { person, open, openStranger, scene } = prepareStage();

/** Each would run a script, load something, or change the page, in a client that takes text for something else. */
const corpus = [
  `<script>globalThis.wasRun=1</script>`,
  `<img src=x onerror=globalThis.wasRun=1>`,
  `<svg/onload=globalThis.wasRun=1>`,
  `"><svg onload="globalThis.wasRun=1">`,
  `' autofocus onfocus='globalThis.wasRun=1`,
  `</textarea><script>globalThis.wasRun=1</script>`,
  `</title></style><img src onerror=globalThis.wasRun=1>`,
  `<iframe srcdoc="<script>parent.wasRun=1</script>"></iframe>`,
  `<a href="javascript:globalThis.wasRun=1">press</a>`,
  `javascript:globalThis.wasRun=1//https://example.org`,
  `https://example.org/"onmouseover="globalThis.wasRun=1`,
  `https://example.org/<img src=x onerror=globalThis.wasRun=1>`,
  `data:text/html,<script>globalThis.wasRun=1</script>`,
  `<math><mtext><style><img src=x onerror=globalThis.wasRun=1>`,
  `<template><img src=x onerror=globalThis.wasRun=1></template>`,
  `<style>*{display:none!important}</style>`,
  `<base href="https://elsewhere.example/">`,
  `<meta http-equiv="refresh" content="0;url=https://elsewhere.example/">`,
  `{{constructor.constructor("globalThis.wasRun=1")()}}`,
  "${globalThis.wasRun=1}",
  `{@html "<img src=x onerror=globalThis.wasRun=1>"}`,
  `&lt;img src=x onerror=globalThis.wasRun=1&gt;`,
  `\u202E<img src=x onerror=globalThis.wasRun=1>\u202C`,
  `__proto__`,
  `constructor`,
  `@<b>Anna</b> <img src=x onerror=globalThis.wasRun=1>`,
];

/** No text became a part of the page, or ran. */
async function expectHarmless(page: Page): Promise<void> {
  const findings = await page.evaluate(() => ({
    wasRun: Reflect.get(globalThis, "wasRun"),
    elements: document.querySelectorAll(
      "body script, iframe, object, embed, base, math, template, img, body style, meta[http-equiv=refresh]",
    ).length,
    handlers: [...document.querySelectorAll("*")].flatMap((element) =>
      element.getAttributeNames().filter((name) => name.startsWith("on")),
    ),
    links: [...document.querySelectorAll("a")]
      .map((link) => link.protocol)
      .filter((protocol) => !/^https?:$/.test(protocol)),
  }));
  expect(findings).toEqual({ wasRun: undefined, elements: 0, handlers: [], links: [] });
}

const readAll = (texts: Locator) => texts.evaluateAll((all) => all.map(({ textContent }) => textContent));

scene("messages are shown as they were written, whatever they hold", async () => {
  const [anna, boris] = await Promise.all([person("Anna"), person("Boris")]);
  const chat = await makePersonalChat(anna, boris);
  await say(boris, chat, ...corpus);
  const device = await open(anna, { at: `/#/chats/${chat.id}` });
  const { page } = device;
  await until(async () => (await page.getByRole("article").count()) >= corpus.length);
  expect(await readAll(page.locator("article .words"))).toEqual(corpus);
  await device
    .row("Boris")
    .getByText(corpus.at(-1) ?? "")
    .waitFor();
  await expectHarmless(page);

  // One's own, before and after the server has it, and when it is edited.
  for (const text of corpus.slice(0, 6)) {
    await device.composer.fill(text);
    await device.composer.press("Enter");
    await device.message(text).last().getByText("Sent").waitFor({ state: "attached" });
  }
  await device.composer.press("ArrowUp");
  await page.getByText("You are editing a message").waitFor();
  await expectHarmless(page);
});

scene("names and titles are shown as they are, in every place where they stand", async () => {
  const anna = await person("Anna");
  const hostile = corpus.filter((text) => text.length <= 100).slice(0, 12);
  const people = await Promise.all(hostile.map((name) => person(name)));
  const [first = anna] = people;
  const group = await makeGroup(first, hostile[1] ?? "", anna, ...people.slice(1));
  const personal = await makePersonalChat(anna, first);
  for (const each of people) await say(each, group, "Hello");
  for (const title of hostile.slice(2)) await makeGroup(first, title, anna);
  const device = await open(anna, { at: `/#/chats/${group.id}`, viewport: { width: 1280, height: 1100 } });
  const { page } = device;
  await until(async () => (await page.getByRole("article").count()) === people.length);
  expect(await readAll(page.locator("article .author").filter({ visible: true }))).toEqual(
    hostile.map((name) => expect.stringContaining(name) as string),
  );
  await until(async () => (await device.list.getByRole("link").count()) === hostile.length);
  const names = await readAll(device.list.locator("a .name"));
  expect(names.toSorted()).toEqual([...hostile].toSorted());
  await page.getByRole("button", { name: "Details" }).click();
  await page.getByRole("list", { name: "Members" }).waitFor();
  await expectHarmless(page);
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill(hostile[1] ?? "");
  await page.getByRole("option").first().waitFor();
  await expectHarmless(page);
  await page.keyboard.press("Escape");
  await device.composer.fill("@");
  await page.getByRole("listbox", { name: "People to mention" }).waitFor();
  await expectHarmless(page);
  await device.composer.fill("");
  await page.evaluate((hash) => (location.hash = hash), `#/chats/${personal.id}`);
  await page.getByRole("textbox", { name: `Message to ${first.user.name}` }).waitFor();
  await expectHarmless(page);
});

scene("one's own name, a draft and what is looked for are no part of the page", async () => {
  const [anna, boris] = await Promise.all([person(corpus[1] ?? ""), person("Boris")]);
  const chat = await makePersonalChat(anna, boris);
  const lake = await makeGroup(anna, "Lake", boris);
  const device = await open(anna, { at: `/#/chats/${chat.id}` });
  const { page } = device;
  for (const text of corpus.slice(0, 8)) {
    await device.composer.fill(text);
    await device.openChat("Lake");
    await device.row("Boris").getByText(text).waitFor();
    await device.row("Boris").click();
    await until(async () => (await device.composer.inputValue()) === text);
  }
  expect(lake.name).toBe("Lake");
  await page.getByRole("textbox", { name: "Filter chats" }).fill(corpus[1] ?? "");
  await page.getByText(`No chat here is called “${corpus[1]}”.`).waitFor();
  await expectHarmless(page);
  await page.evaluate(() => (location.hash = "#/settings/account"));
  await page.getByRole("heading", { name: "Profile" }).or(page.getByText("Profile")).first().waitFor();
  await expectHarmless(page);
});

scene(
  "an address that names no place opens the list, and an address to sign in with is only text",
  async () => {
    const anna = await person("Anna");
    const hashes = [
      `#/chats/<img src=x onerror=globalThis.wasRun=1>`,
      `#javascript:globalThis.wasRun=1`,
      `#/settings/<script>globalThis.wasRun=1</script>`,
      `#/chats/../../__proto__`,
      `#"><svg onload=globalThis.wasRun=1>`,
    ];
    const { page } = await open(anna);
    for (const hash of hashes) {
      await page.goto(`/${hash}`);
      await page.reload();
      await page.getByText("No chats yet.").first().waitFor();
      await expectHarmless(page);
    }
    const stranger = await openStranger();
    const form = stranger.page.getByRole("form");
    await stranger.page.getByLabel("E-mail").fill(`"<img/src=x/onerror=wasRun=1>"@example.org`);
    await stranger.page.getByLabel("Password", { exact: true }).fill(corpus[1] ?? "");
    await form.getByRole("button", { name: "Sign in" }).click();
    await stranger.page
      .getByText(/Enter an e-mail address such as|The address or the password is wrong/)
      .waitFor();
    await expectHarmless(stranger.page);
  },
);
