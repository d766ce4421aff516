import { expect } from "bun:test";
import type { ChatSummary } from "@windi/protocol";
import type { Page } from "playwright-core";
import { until } from "../until.ts";
import { lines, makeGroup, makePersonalChat, prepareStage, say } from "./stage.ts";

const { person, open, openStranger, scene } = prepareStage();

async function signOut(page: Page): Promise<void> {
  await page.evaluate(() => (location.hash = "#/settings/account"));
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
}

/** In the page: how many chats and ends of logs are kept. */
async function countCopies(name: string): Promise<number[]> {
  const settled = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      request.addEventListener("success", () => resolve(request.result));
      request.addEventListener("error", () => reject(new Error("The database cannot be read")));
    });
  const database = await settled(indexedDB.open(name));
  const names = ["chats", "logs"];
  const stores = database.transaction(names);
  const counts = await Promise.all(names.map((each) => settled(stores.objectStore(each).count())));
  database.close();
  return counts;
}

scene("what is typed in the form of one tab is forgotten when somebody signs in with another", async () => {
  const anna = await person("Anna");
  const { page } = await openStranger();
  const other = await page.context().newPage();
  await other.goto("/");
  for (const tab of [page, other]) {
    await tab.getByLabel("E-mail").fill(anna.user.email);
    await tab.getByLabel("Password", { exact: true }).fill(anna.password);
  }
  await other.getByRole("form").getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("navigation", { name: "Chats" }).waitFor();
  await signOut(other);
  await page.getByLabel("E-mail").waitFor();
  expect(await page.getByLabel("E-mail").inputValue()).toBe("");
  expect(await page.getByLabel("Password", { exact: true }).inputValue()).toBe("");
});

scene("nothing of a person stays in the browser after they have signed out, nor on its screen", async () => {
  const [anna, boris] = await Promise.all([person("Anna"), person("Boris")]);
  const chat = await makeGroup(boris, "Lake", anna);
  await say(boris, chat, ...lines("Stone", 60));
  const device = await open(anna, { permissions: ["notifications"], at: "/#/settings/notifications" });
  const { page } = device;
  const shown = () =>
    page.evaluate(async () => (await (await navigator.serviceWorker.ready).getNotifications()).length);
  await page.getByRole("switch", { name: "Tell me about new messages" }).click();
  await page.evaluate((id) => (location.hash = `#/chats/${id}/20`), chat.id);
  await device.message("Stone 20.").waitFor();
  await page.evaluate(() => (location.hash = "#/"));
  await page.getByRole("log").waitFor({ state: "detached" });
  await device.attend(false);
  await say(boris, chat, "Secret");
  await until(async () => (await shown()) === 1);
  const other = await page.context().newPage();
  await other.goto(`/#/chats/${chat.id}/30`);
  await other.getByText("Stone 30.").waitFor();
  await say(boris, chat, "Another secret");
  await other.getByRole("navigation").getByText("Another secret").waitFor();
  await signOut(page);
  await other.getByLabel("E-mail").waitFor();
  await page.getByLabel("E-mail").waitFor();
  await until(async () => (await shown()) === 0);
  for (const tab of [page, other]) {
    const kept = await tab.evaluate(async () => ({
      databases: (await indexedDB.databases()).map(({ name }) => name),
      local: Object.keys(localStorage),
      tab: Object.keys(sessionStorage),
    }));
    expect(kept).toEqual({ databases: [], local: ["windi.preferences"], tab: [] });
  }
});

scene("a session that was ended elsewhere says so in each tab, and leaves no copies of chats", async () => {
  const [anna, boris] = await Promise.all([person("Anna"), person("Boris")]);
  const chat = await makeGroup(boris, "Lake", anna);
  await say(boris, chat, "Stone");
  const { page } = await open(anna, { at: `/#/chats/${chat.id}` });
  const other = await page.context().newPage();
  await other.goto(`/#/chats/${chat.id}`);
  for (const tab of [page, other]) await tab.getByRole("article").getByText("Stone").waitFor();
  const copies = () => page.evaluate(countCopies, `windi-${anna.user.id}`);
  await until(async () => (await copies()).join() === "1,1");
  await say(boris, chat, "Last");
  for (const tab of [page, other]) await tab.getByRole("article").getByText("Last").waitFor();
  expect((await anna.call("DELETE", "/auth/sessions")).status).toBe(204);
  for (const tab of [page, other]) await tab.getByText("Your session has ended").waitFor();
  await until(async () => (await copies()).join() === "0,0");
});

scene("what was deleted and could still be brought back is deleted before its writer signs out", async () => {
  const [anna, boris] = await Promise.all([person("Anna"), person("Boris")]);
  const chat = await makeGroup(boris, "Lake", anna);
  await say(anna, chat, "Stone");
  const device = await open(anna, { at: `/#/chats/${chat.id}` });
  await device.message("Stone").click({ button: "right" });
  await device.page.getByRole("menuitem", { name: "Delete" }).click();
  await signOut(device.page);
  await device.page.getByLabel("E-mail").waitFor();
  const { body } = await boris.call<ChatSummary>("GET", `/chats/${chat.id}/summary`);
  expect(body.last_message?.deleted_at).toBeString();
});

scene("a browser that keeps nothing opens chats all the same", async () => {
  const [anna, boris] = await Promise.all([person("Anna"), person("Boris")]);
  const chat = await makeGroup(boris, "Lake", anna);
  await say(boris, chat, "Stone");
  const device = await open(anna, {
    at: `/#/chats/${chat.id}`,
    prepare: () => {
      for (const name of ["localStorage", "sessionStorage", "indexedDB"])
        Object.defineProperty(globalThis, name, {
          get() {
            throw new DOMException("Forbidden", "SecurityError");
          },
        });
    },
  });
  await device.message("Stone").waitFor();
  await device.composer.fill("Hello");
  await device.composer.press("Enter");
  await device.message("Hello").waitFor();
});

scene("a row of the list that stays in sight is looked at once, whatever comes in its chat", async () => {
  const [anna, boris] = await Promise.all([person("Anna"), person("Boris")]);
  const chat = await makePersonalChat(boris, anna);
  const device = await open(anna);
  const looks = () => device.sent.filter(({ action }) => /^(join|leave)_chat$/.test(action));
  await until(() => looks().length === 1);
  for (const text of lines("Stone", 5)) {
    await say(boris, chat, text);
    await device.list.getByText(text).waitFor();
  }
  expect(looks().map(({ action }) => action)).toEqual(["join_chat"]);
});

scene("the first message of a chat that is looked at is said aloud", async () => {
  const [anna, boris] = await Promise.all([person("Anna"), person("Boris")]);
  const chat = await makeGroup(boris, "Lake", anna);
  const device = await open(anna, { at: `/#/chats/${chat.id}` });
  await device.page.getByText("No messages yet", { exact: false }).first().waitFor();
  await say(boris, chat, "Stone");
  await device.page.getByRole("status").getByText("Boris: Stone").waitFor();
});

scene("where the browser gives no clipboard, as without HTTPS, copying says so", async () => {
  const [anna, boris] = await Promise.all([person("Anna"), person("Boris")]);
  const chat = await makePersonalChat(boris, anna);
  const device = await open(anna, {
    at: `/#/chats/${chat.id}`,
    prepare: () => Object.defineProperty(navigator, "clipboard", { value: undefined }),
  });
  await device.page.getByRole("button", { name: "Details", exact: true }).click();
  await device.page.getByRole("button", { name: "Copy", exact: true }).click();
  await device.page.getByRole("status").getByText("The browser did not allow copying").waitFor();
});
