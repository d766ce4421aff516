import { describe, expect, test } from "bun:test";
import { appendFileSync, cpSync } from "node:fs";
import { join } from "node:path";
import { createPerson, signIn, startServer, temporaryDirectory } from "../harness.ts";
import { until } from "../until.ts";
import { findBarriers, type Visitor } from "./browser.ts";
import { prepareClient } from "./client-server.ts";

const { server, visit, webDirectory } = prepareClient();
const timeoutMs = 120_000;

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

async function expectClean(visitor: Visitor): Promise<void> {
  expect(await findBarriers(visitor.page)).toEqual([]);
  expect(await visitor.findOffences()).toEqual([]);
}

const register = async ({ page }: Visitor, name: string, email: string, { url } = server()) => {
  // Where nobody is, the page turns to registering by itself.
  await createPerson(url);
  await page.goto("/");
  await page.getByRole("button", { name: "Create an account" }).first().click();
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill("correct horse");
  await page.getByRole("form").getByRole("button", { name: "Create an account" }).click();
  await page.getByRole("navigation", { name: "Chats" }).waitFor();
};

test(
  "a new server greets its operator with what comes next",
  async () => {
    const visitor = await visit({ colorScheme: "light" });
    await visitor.page.goto("/");
    await visitor.page.getByRole("heading", { name: "This is a new server" }).waitFor();
    await visitor.page.getByRole("heading", { name: "Create an account" }).waitFor();
    await expectClean(visitor);
  },
  timeoutMs,
);

describe("nothing stands in the way on the first page", () => {
  const cases = (["en", "ru"] as const).flatMap((language) =>
    (["light", "dark"] as const).flatMap((colorScheme) =>
      [1280, 390, 320].map((width) => [language, colorScheme, width] as const),
    ),
  );

  test.each(cases)(
    "in %s, in the %s theme, %d pixels wide",
    async (language, colorScheme, width) => {
      await server().person();
      const say = words[language];
      const visitor = await visit({
        locale: language === "en" ? "en-GB" : "ru-RU",
        colorScheme,
        viewport: { width, height: 700 },
      });
      const { page } = visitor;
      await page.goto("/");
      await page.getByRole("heading", { name: say.signIn }).waitFor();
      await expectClean(visitor);
      await page.getByLabel(say.email).fill("anna@example.com");
      await page.getByRole("button", { name: say.register }).click();
      await page.getByLabel(say.name, { exact: true }).waitFor();
      expect(await page.getByLabel(say.email).inputValue()).toBe("anna@example.com");
      await page.getByRole("form").getByRole("button", { name: say.register }).click();
      await page.locator("[aria-invalid]").first().waitFor();
      await expectClean(visitor);
      expect(
        await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        ),
      ).toBe(0);
    },
    timeoutMs,
  );
});

test(
  "the settings have no barrier on any page, and what is changed there is so after a reload",
  async () => {
    const visitor = await visit({ colorScheme: "dark" });
    const { page } = visitor;
    await register(visitor, "Anna", `${crypto.randomUUID()}@example.org`);
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
    expect(await visitor.findOffences()).toEqual([]);
  },
  timeoutMs,
);

test(
  "the page opens from its service worker while the server is out of reach",
  async () => {
    const visitor = await visit();
    const { page } = visitor;
    await register(visitor, "Boris", `${crypto.randomUUID()}@example.org`);
    await page.evaluate(async () => void (await navigator.serviceWorker.ready));
    await page.reload();
    await page.getByRole("navigation", { name: "Chats" }).waitFor();
    await page.context().setOffline(true);
    await page.reload();
    await page.getByRole("navigation", { name: "Chats" }).waitFor();
    const kept = await page.evaluate(async () => {
      const names = await caches.keys();
      const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
      return requests.flat().map(({ url }) => new URL(url).pathname);
    });
    expect(kept).toContain("/");
    expect(kept.filter((path) => path !== "/" && !path.startsWith("/static/"))).toEqual([]);
    expect(await visitor.findOffences()).toEqual([]);
  },
  timeoutMs,
);

test(
  "after a server's update the open tab goes on, says that a new version is ready, and takes it when asked, where one was",
  async () => {
    const directory = temporaryDirectory();
    cpSync(webDirectory(), directory, { recursive: true });
    const before = await startServer({ webDirectory: directory });
    const visitor = await visit({}, before);
    const { page } = visitor;
    await register(visitor, "Clara", `${crypto.randomUUID()}@example.org`, before);
    await page.evaluate(async () => void (await navigator.serviceWorker.ready));
    await page.goto("/#/settings/devices");
    await page.reload();
    await page.getByText("This device").waitFor();

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
    const reloaded = page.waitForEvent("load");
    await page.getByRole("button", { name: "Reload" }).click();
    await reloaded;
    await page.getByText("This device").waitFor();
    expect(new URL(page.url()).hash).toBe("#/settings/devices");
    expect(await page.evaluate(async () => (await navigator.serviceWorker.ready).waiting)).toBeNull();
    expect(await visitor.findOffences()).toEqual([]);
  },
  timeoutMs,
);

test(
  "a message that comes while one looks elsewhere is told once per chat, and no longer when it is read on another device",
  async () => {
    const visitor = await visit({ permissions: ["notifications"] });
    const { page } = visitor;
    const email = `${crypto.randomUUID()}@example.org`;
    await register(visitor, "Dora", email);
    await page.evaluate(async () => void (await navigator.serviceWorker.ready));
    await page.goto("/#/settings/notifications");
    await page.getByRole("switch", { name: "Tell me about new messages" }).click();
    await page.goto("/#/");
    const writer = await server().person("Emil");
    const elsewhere = await signIn(server().url, { id: "", name: "Dora", email }, "correct horse");
    const me = await elsewhere.call<{ id: string }>("GET", "/auth/me");
    const chat = await writer.call<{ id: string }>("POST", "/chats", { user_id: me.body.id });
    await page.evaluate(() => Object.assign(document, { hasFocus: () => false }));
    const shown = () =>
      page.evaluate(async () =>
        (await (await navigator.serviceWorker.ready).getNotifications()).map(({ title, body: text, tag }) => [
          title,
          text,
          tag,
        ]),
      );
    await writer.call("POST", `/chats/${chat.body.id}/messages`, { text: "First" });
    const second = await writer.call<{ id: string }>("POST", `/chats/${chat.body.id}/messages`, {
      text: "Second",
    });
    await page.getByText("Second").first().waitFor();
    await until(async () => (await shown()).length > 0);
    expect(await shown()).toEqual([["Emil", "Second", chat.body.id]]);
    const socket = await elsewhere.connect(chat.body.id);
    await socket.request({ action: "message_read", chat_id: chat.body.id, message_id: second.body.id });
    await until(async () => (await shown()).length === 0);
    expect(await visitor.findOffences()).toEqual([]);
  },
  timeoutMs,
);
