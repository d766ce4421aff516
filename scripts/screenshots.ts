// `npm run screenshots -- [folder] [--only a,b] [--scale 2]`: pictures of the page's scenes, light and dark, of three widths, in both
// languages; of those whose names have one of the words.
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Browser, Page } from "playwright-core";
import { launchBrowser, openVisitor } from "../tests/e2e/browser.ts";
import { buildClient } from "../tests/e2e/stage.ts";
import { startServer, type Person } from "../tests/harness.ts";
import { chatId, now, startStory } from "./screenshot-server.ts";
import { stories } from "./screenshot-story.ts";

interface Scene {
  name: string;
  /** What is in the address behind `#/`. */
  at?: string;
  isStranger?: true;
  /** Only on the wide page: there is a keyboard. */
  isWideOnly?: true;
  preferences?: Record<string, string>;
  act?: (page: Page) => Promise<void>;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: "string", default: "" }, scale: { type: "string", default: "1" } },
});
const folder = resolve(positionals[0] ?? "tests/output/screenshots");
const sizes = {
  wide: { width: 1280, height: 800 },
  phone: { width: 390, height: 844 },
  narrow: { width: 320, height: 640 },
} as const;

const chat = (n: number) => `chats/${chatId(n)}`;
const press = (keys: string) => (page: Page) => page.keyboard.press(keys);
const click = (name: RegExp) => async (page: Page) => {
  await page.getByRole("button", { name }).first().click();
};

const scenes: readonly Scene[] = [
  { name: "sign-in", isStranger: true },
  { name: "register", isStranger: true, act: click(/^(Create an account|Создать)/) },
  { name: "list" },
  { name: "group", at: chat(0) },
  { name: "personal", at: chat(1) },
  { name: "compact", at: chat(0), preferences: { density: "compact" } },
  { name: "long-name", at: chat(5) },
  { name: "right-to-left", at: chat(6) },
  { name: "empty-chat", at: chat(9) },
  { name: "details", at: chat(0), act: click(/^(Details|Подробности)/) },
  { name: "new-chat", act: click(/^(New chat|Новый чат)/) },
  { name: "switcher", isWideOnly: true, at: chat(1), act: press("Control+K") },
  { name: "shortcuts", isWideOnly: true, at: chat(1), act: press("Control+/") },
  { name: "emoji", at: chat(1), act: click(/^(Emoji|Эмодзи)/) },
  {
    name: "message-menu",
    at: chat(1),
    act: async (page) => page.getByRole("article").last().click({ button: "right" }),
  },
  { name: "settings-account", at: "settings/account" },
  { name: "settings-devices", at: "settings/devices" },
  { name: "settings-appearance", at: "settings/appearance" },
  { name: "settings-chats", at: "settings/chats" },
  { name: "settings-notifications", at: "settings/notifications" },
];

async function settle(page: Page): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  await page.waitForLoadState("networkidle");
  await page.evaluate(async () => {
    let [last, same] = ["", 0];
    while (same < 20) {
      await new Promise((done) => requestAnimationFrame(done));
      const present = document.body.innerText + String(document.getAnimations().length);
      same = present === last ? same + 1 : 0;
      last = present;
    }
  });
}

interface Look {
  language: keyof typeof stories;
  theme: "light" | "dark";
  size: keyof typeof sizes;
}

async function take(browser: Browser, url: string, viewer: Person | undefined, scene: Scene, look: Look) {
  const isPhone = look.size !== "wide";
  const visitor = await openVisitor(browser, url, {
    viewport: sizes[look.size],
    deviceScaleFactor: Number(values.scale),
    locale: look.language === "ru" ? "ru-RU" : "en-GB",
    colorScheme: look.theme,
    reducedMotion: "reduce",
    ...(isPhone && { hasTouch: true, isMobile: true }),
  });
  const { page } = visitor;
  try {
    await page.clock.setFixedTime(now);
    const preferences = { language: look.language, theme: look.theme, ...scene.preferences };
    await page.addInitScript(
      (kept) => localStorage.setItem("windi.preferences", kept),
      JSON.stringify(preferences),
    );
    if (viewer) {
      const data = { email: viewer.user.email, password: viewer.password };
      await page.context().request.post("/auth/sessions", { headers: { origin: url }, data });
    }
    await page.goto(`/#/${scene.at ?? ""}`);
    await settle(page);
    await scene.act?.(page);
    await settle(page);
    const path = join(folder, `${scene.name}-${look.size}-${look.theme}-${look.language}.png`);
    await page.screenshot({ path });
    const excess = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (excess > 0) console.log(`${path}: ${excess} px wider than the page`);
  } finally {
    await visitor.close();
  }
}

mkdirSync(folder, { recursive: true });
const webDirectory = await buildClient();
const browser = await launchBrowser();
let [count, failures] = [0, 0];
for (const language of ["en", "ru"] as const) {
  const { server, viewer } = await startStory(stories[language], webDirectory);
  const empty = await startServer({ webDirectory });
  const shots: (() => Promise<void>)[] = [];
  const wanted = (name: string) => values.only.split(",").some((word) => name.includes(word));
  for (const scene of scenes)
    for (const theme of ["light", "dark"] as const)
      for (const size of Object.keys(sizes) as (keyof typeof sizes)[]) {
        if (scene.isWideOnly && size !== "wide") continue;
        if (size === "narrow" && theme === "dark") continue;
        if (!wanted(`${scene.name}-${size}-${theme}-${language}`)) continue;
        const person = scene.isStranger ? undefined : viewer;
        shots.push(() => take(browser, server.url, person, scene, { language, theme, size }));
      }
  const first: Scene = { name: "first-run", isStranger: true };
  for (const size of ["wide", "phone"] as const)
    if (wanted(`first-run-${size}-light-${language}`))
      shots.push(() => take(browser, empty.url, undefined, first, { language, theme: "light", size }));
  for (const shot of shots)
    await shot().catch((error: unknown) => {
      failures++;
      console.error(String(error).slice(0, 400));
    });
  count += shots.length;
  await Promise.all([server, empty].map((each) => each[Symbol.asyncDispose]()));
}
await browser.close();
console.log(`${count - failures} pictures in ${folder}, ${failures} failed`);
process.exit(failures > 0 ? 1 : 0);
