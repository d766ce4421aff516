// What tests of writing share: what a chat holds, what somebody writes on a page, and what the page says of it.
import type { MessageInfo } from "@windi/protocol";
import type { Page } from "playwright-core";
import type { Person } from "../harness.ts";
import type { Chat, Device } from "./stage.ts";

export const history = async (reader: Person, chat: Chat) =>
  (await reader.call<MessageInfo[]>("GET", `/messages/history/${chat.id}?limit=100&before_seq=2147483647`))
    .body;

export const textsOf = async (reader: Person, chat: Chat) =>
  (await history(reader, chat)).map(({ text }) => text);

export async function write({ composer }: Device, ...texts: string[]): Promise<void> {
  for (const text of texts) {
    await composer.fill(text);
    await composer.press("Enter");
  }
}

export const state = (device: Device, text: string, label: string) =>
  device.message(text).getByText(label, { exact: true });

/** What can be done with a message that was refused, in it. */
export const offer = (device: Device, text: string, name: string) =>
  device.message(text).locator(".failed").getByRole("button", { name });

export const isFocused = (page: Page) =>
  page.evaluate(() => document.activeElement?.matches("main textarea"));

/** As a browser does when its network is back. */
export const comeBack = async (page: Page, { line }: Device) => {
  line?.become("pass");
  await page.evaluate(() => dispatchEvent(new Event("online")));
};
