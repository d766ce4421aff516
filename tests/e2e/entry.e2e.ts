import { expect } from "bun:test";
import { appendFileSync, cpSync } from "node:fs";
import { join } from "node:path";
import { startServer, temporaryDirectory } from "../harness.ts";
import { until } from "../until.ts";
import { findBarriers, type Visitor } from "./browser.ts";
import { lines, makeGroup, prepareStage, say } from "./stage.ts";
import { takeWire, type Wire } from "./wire.ts";
import { state, textsOf } from "./writing.ts";

const { person, open, openStranger, scene, webDirectory } = prepareStage();

const words = {
  en: {
    signIn: "Sign in",
    register: "Create an account",
    email: "E-mail",
    password: "Password",
    name: "Name",
  },
  ru: {
    signIn: "Войти",
    register: "Создать учётную запись",
    email: "Электронная почта",
    password: "Пароль",
    name: "Имя",
  },
} as const;

async function expectClear({ page }: Visitor): Promise<void> {
  expect(await findBarriers(page)).toEqual([]);
}

scene(
  "a new server greets its operator with what comes next, and every file of the page is there",
  async () => {
    const visitor = await openStranger({ colorScheme: "light" });
    const { page } = visitor;
    await page.getByRole("heading", { name: "This is a new server" }).waitFor();
    await page.getByRole("heading", { name: "Create an account" }).waitFor();
    await expectClear(visitor);
    // A stranger has no session to go on with.
    expect(visitor.refused).toEqual(["401 /api/v1/auth/refresh"]);
    // Icons are fetched by the browser itself, and nobody is told how that went.
    const files = await page
      .locator("head link[href]")
      .evaluateAll((all) => all.map((link) => (link as HTMLLinkElement).href));
    const manifest = await page.request.get("/manifest.webmanifest");
    const { icons } = (await manifest.json()) as { icons: { src: string }[] };
    files.push(...icons.map(({ src }) => src));
    for (const file of files) expect([file, (await page.request.get(file)).status()]).toEqual([file, 200]);
  },
);

for (const language of ["en", "ru"] as const)
  for (const colorScheme of ["light", "dark"] as const)
    for (const width of [1280, 390, 320])
      scene(
        `nothing stands in the way on the first page in ${language}, in the ${colorScheme} theme, ${width} pixels wide`,
        async () => {
          await person("Someone");
          const say = words[language];
          const visitor = await openStranger({
            locale: language === "en" ? "en-GB" : "ru-RU",
            colorScheme,
            viewport: { width, height: 700 },
          });
          const { page } = visitor;
          await page.getByRole("heading", { name: say.signIn }).waitFor();
          await expectClear(visitor);
          await page.getByLabel(say.email).fill("anna@example.com");
          await page.getByRole("button", { name: say.register }).click();
          await page.getByLabel(say.name, { exact: true }).waitFor();
          expect(await page.getByLabel(say.email).inputValue()).toBe("anna@example.com");
          await page.getByRole("form").getByRole("button", { name: say.register }).click();
          await page.locator("[aria-invalid]").first().waitFor();
          await expectClear(visitor);
          expect(
            await page.evaluate(
              () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
            ),
          ).toBe(0);
        },
      );

scene("somebody new makes an account and is in", async () => {
  await person("Someone");
  const { page } = await openStranger();
  await page.getByRole("button", { name: "Create an account" }).first().click();
  await page.getByLabel("Name", { exact: true }).fill("Anna");
  await page.getByLabel("E-mail").fill(`${crypto.randomUUID()}@example.org`);
  await page.getByLabel("Password", { exact: true }).fill("correct horse");
  await page.getByRole("form").getByRole("button", { name: "Create an account" }).click();
  await page.getByRole("navigation", { name: "Chats" }).waitFor();
});

scene(
  "the settings have no barrier on any page, and what is changed there is so after a reload",
  async () => {
    const { page } = await open(await person("Anna"), { colorScheme: "dark" });
    for (const name of ["Account", "Devices", "Appearance", "Chats", "Notifications"]) {
      await page.goto(`/#/settings/${name.toLowerCase()}`);
      await page.getByRole("region", { name }).waitFor();
      if (name === "Devices") await page.getByText("This device").waitFor();
      expect([name, await findBarriers(page)]).toEqual([name, []]);
    }
    await page.goto("/#/settings/appearance");
    await page.getByRole("radio", { name: "Violet" }).click();
    await page.goto("/#/settings/account");
    await page.getByLabel("Name", { exact: true }).fill("Anna Sidorova");
    await page.getByLabel("Name", { exact: true }).press("Enter");
    await page.getByRole("status").getByText("Saved").waitFor();
    await page.reload();
    await page.getByText("Anna Sidorova").first().waitFor();
    expect(await page.evaluate(() => document.documentElement.dataset["accent"])).toBe("violet");
  },
);

scene("the page opens from its service worker while the server is out of reach", async () => {
  const { page, list } = await open(await person("Boris"));
  await list.waitFor();
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await page.reload();
  await list.waitFor();
  await page.context().setOffline(true);
  await page.reload();
  await list.waitFor();
  const kept = await page.evaluate(async () => {
    const names = await caches.keys();
    const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return requests.flat().map(({ url }) => new URL(url).pathname);
  });
  expect(kept).toContain("/");
  expect(kept.filter((path) => path !== "/" && !path.startsWith("/static/"))).toEqual([]);
});

scene(
  "40. After a server's update the open tab goes on, says that a new version is ready, and takes it when asked: with the draft, what is not sent yet, the place and the chat",
  async () => {
    const directory = temporaryDirectory();
    cpSync(webDirectory(), directory, { recursive: true });
    const before = await startServer({ webDirectory: directory });
    const [anna, boris] = await Promise.all([before.person("Anna"), before.person("Boris")]);
    const lake = await makeGroup(boris, "Lake", anna);
    const forest = await makeGroup(boris, "Forest", anna);
    await say(anna, lake, ...lines("Stone", 80));
    const device = await open(anna, { at: `/#/chats/${lake.id}`, from: before });
    const { page, composer } = device;
    await device.message("Stone 80.").waitFor();
    await page.evaluate(async () => void (await navigator.serviceWorker.ready));
    const wire = await takeWire(device);
    await device.message("Stone 80.").waitFor();

    // A message that does not get out, a place amid the history, and a draft.
    const keepIn: Wire["out"] = (frame, pass) => {
      if (frame["action"] !== "send_message") pass(frame);
    };
    wire.out = keepIn;
    await device.openChat("Forest");
    await composer.fill("Not sent yet");
    await composer.press("Enter");
    await state(device, "Not sent yet", "Sending").waitFor();
    await device.openChat("Lake");
    await composer.fill("Half a thought");
    const seen = device.message("Stone 60.");
    await page.getByRole("log").hover();
    await until(async () => {
      await page.mouse.wheel(0, -200);
      return ((await seen.boundingBox())?.y ?? 0) > 200;
    });

    await before[Symbol.asyncDispose]();
    appendFileSync(join(directory, "sw.js"), "// Another version.");
    const environment = { ...before.environment, SERVER_PORT: new URL(before.url).port };
    await using after = await startServer({ webDirectory: directory, environment });
    expect(after.url).toBe(before.url);
    await page.evaluate(async () => void (await (await navigator.serviceWorker.ready).update()));
    await page.getByText("A new version of WinDI is ready.").waitFor();
    expect(await page.evaluate(async () => (await navigator.serviceWorker.ready).waiting?.state)).toBe(
      "installed",
    );
    expect(await findBarriers(page)).toEqual([]);
    const top = (await seen.boundingBox())?.y ?? Number.NaN;
    const reloaded = page.waitForEvent("load");
    await page.getByRole("button", { name: "Reload" }).click();
    await reloaded;
    await seen.waitFor();
    await until(async () => Math.abs(((await seen.boundingBox())?.y ?? Number.NaN) - top) <= 2);
    expect(new URL(page.url()).hash).toBe(`#/chats/${lake.id}`);
    expect(await composer.inputValue()).toBe("Half a thought");
    expect(await page.evaluate(async () => (await navigator.serviceWorker.ready).waiting)).toBeNull();
    await device.openChat("Forest");
    await state(device, "Not sent yet", "Sending").waitFor();
    expect(await textsOf(boris, forest)).toEqual([]);
    wire.out = (frame, pass) => pass(frame);
    await page.reload();
    await state(device, "Not sent yet", "Sent").waitFor();
    expect(await textsOf(boris, forest)).toEqual(["Not sent yet"]);
  },
);
