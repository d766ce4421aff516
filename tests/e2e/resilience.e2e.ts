import { expect } from "bun:test";
import type { MessageInfo } from "@windi/protocol";
import type { Person } from "../harness.ts";
import { createRandom } from "../random.ts";
import { until } from "../until.ts";
import { generously, lines, makeGroup, prepareStage, say, type Device } from "./stage.ts";

const { person, open, scene } = prepareStage();

/** What somebody with this page sees of the chat, as far as it is in the document. */
const readMessages = ({ page }: Device) =>
  page.locator("article[data-seq]").evaluateAll((all) =>
    all.map((message) => ({
      seq: Number((message as HTMLElement).dataset["seq"]),
      text: message.querySelector(".is-deleted, .words")?.textContent?.trim(),
      isEdited: message.querySelector(".edited") !== null,
    })),
  );

const describeMessage = ({ seq, text, edited_at, deleted_at }: MessageInfo) =>
  deleted_at === null
    ? { seq, text, isEdited: edited_at !== null }
    : { seq, text: "Message deleted", isEdited: false };

/** All but the files of the page. */
const isBlocked = ({ pathname }: URL) => !/^\/(static\/.*|sw\.js)?$/.test(pathname);

scene(
  "38 without an answer the list and the last chat are there within a second, and then nothing jumps",
  async () => {
    const [anna, boris] = await Promise.all([person("Anna"), person("Boris")]);
    const chat = await makeGroup(boris, "Lake", anna);
    const other = await makeGroup(boris, "Forest", anna);
    await say(anna, chat, ...lines("Stone", 50));
    await say(boris, other, "Tree");
    const device = await open(anna);
    const { page } = device;
    await device.openChat("Lake");
    await device.message("Stone 50.").waitFor();

    await page.route(isBlocked, (route) => route.abort());
    await page.reload();
    const started = await page.evaluate(() => performance.timeOrigin);
    await device.row("Lake").waitFor();
    await device.message("Stone 50.").waitFor();
    expect(Date.now() - started).toBeLessThan(generously(1000));
    const place = async () => [
      await device.row("Lake").boundingBox(),
      await device.row("Forest").boundingBox(),
      await device.message("Stone 50.").boundingBox(),
      await device.composer.boundingBox(),
    ];
    const before = await place();
    await say(boris, other, "Leaf");
    await page.unroute(isBlocked);
    await page.evaluate(() => dispatchEvent(new Event("online")));
    await device.row("Forest").getByText("2 unread messages").waitFor();
    expect(await place()).toEqual(before);
  },
);

scene("39 cut thirty times during 300 messages, all devices end with the same messages", async () => {
  const names = ["Anna", "Boris", "Clara", "Dora", "Emil"];
  const people = await Promise.all(names.map((name) => person(name)));
  const [anna, boris, clara, dora, emil] = people;
  if (!anna || !boris || !clara || !dora || !emil) throw new Error("Nobody is here");
  const chat = await makeGroup(anna, "Lake", boris, clara, dora, emil);
  const devices = await Promise.all(
    [anna, boris, clara].map((each) => open(each, { at: `/#/chats/${chat.id}`, isCuttable: true })),
  );
  await Promise.all(devices.map((device) => device.composer.waitFor()));
  const random = createRandom(39);

  async function write(device: Device, name: string): Promise<void> {
    for (let count = 1; count <= 20; count++) {
      await device.composer.fill(`${name} ${count}`);
      await device.composer.press("Enter");
    }
  }
  async function talk(speaker: Person, name: string): Promise<void> {
    for (let count = 1; count <= 120; count++) {
      const [message] = await say(speaker, chat, `${name} ${count}`);
      if (!message) continue;
      const path = `/chats/${chat.id}/messages/${message.id}`;
      const what = random.below(6);
      if (what === 0) await speaker.call("PATCH", path, { text: `${name} ${count}, better` });
      if (what === 1) await speaker.call("DELETE", path);
    }
  }
  async function cut({ line, page, sent }: Device): Promise<void> {
    const countConnections = () => sent.filter(({ action }) => action === "subscribe").length;
    for (let count = 0; count < 10; count++) {
      const before = countConnections();
      line?.become("hang up");
      line?.become("pass");
      await until(async () => {
        // As a browser does when its network is back.
        await page.evaluate(() => dispatchEvent(new Event("online")));
        return countConnections() > before;
      });
    }
  }
  await Promise.all([
    ...devices.map((device, index) => write(device, `Page ${index}`)),
    talk(dora, "Dora"),
    talk(emil, "Emil"),
    ...devices.map(cut),
  ]);
  const log = async () =>
    (await anna.call<MessageInfo[]>("GET", `/messages/history/${chat.id}?limit=100&before_seq=2147483647`))
      .body;
  await until(async () => (await log()).at(-1)?.seq === 300);
  const expected = (await log()).map(describeMessage);
  expect(expected.map(({ seq }) => seq)).toEqual(Array.from({ length: 100 }, (_, index) => 201 + index));
  for (const device of devices) {
    const toEnd = device.page.getByRole("button", { name: /^Jump to the newest|jump to/ });
    await until(async () => {
      // First it leads to what is unread, then to the end.
      if (await toEnd.isVisible()) await toEnd.click();
      const seen = await readMessages(device);
      const isRead =
        (await device
          .row("Lake")
          .getByText(/unread/)
          .count()) === 0;
      return isRead && seen.length >= 30 && Bun.deepEquals(seen.slice(-30), expected.slice(-30));
    });
    const texts = await device.page.locator("article").count();
    expect(await device.page.locator("article[data-seq]").count()).toBe(texts);
  }
});

scene("39 a short break of the connection is nobody's concern, and one of two seconds is told", async () => {
  const anna = await person("Anna");
  const device = await open(anna, { isCuttable: true });
  const { page, line } = device;
  await page.getByText("No chats yet.").first().waitFor();
  await page.evaluate(() => {
    const pills: number[] = [];
    Reflect.set(globalThis, "pills", pills);
    new MutationObserver(() => {
      if (document.querySelector(".pill")) pills.push(Date.now());
    }).observe(document.body, { childList: true, subtree: true });
  });
  const pills = () => page.evaluate(() => Reflect.get(globalThis, "pills") as number[]);
  const back = page.waitForEvent("websocket");
  line?.become("hang up");
  line?.become("pass");
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await back;
  await until(() => device.sent.filter(({ action }) => action === "subscribe").length >= 2);

  const cutAt = Date.now();
  line?.become("hang up");
  await page.getByText("Connecting…").waitFor();
  expect((await pills())[0]).toBeGreaterThanOrEqual(cutAt + 1900);
  line?.become("pass");
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await page.getByText("Connecting…").waitFor({ state: "detached" });
});
