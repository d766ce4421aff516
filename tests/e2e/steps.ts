// What a person does on the page, step by step, found by role and label as a screen reader finds it.
import type { Browser, BrowserContextOptions, Locator } from "playwright-core";
import { openVisitor, type Visitor } from "./browser.ts";

const words = {
  en: {
    create: "Create an account",
    signIn: "Sign in",
    name: "Name",
    email: "E-mail",
    password: "Password",
    chats: "Chats",
    newChat: "New chat",
    yourCode: "Your code",
    theirCode: "Code of the other person",
    startChat: "Start the chat",
    close: "Close",
    sent: "Sent",
    read: "Read",
  },
  ru: {
    create: "Создать учётную запись",
    signIn: "Войти",
    name: "Имя",
    email: "Электронная почта",
    password: "Пароль",
    chats: "Чаты",
    newChat: "Новый чат",
    yourCode: "Ваш код",
    theirCode: "Код собеседника",
    startChat: "Начать чат",
    close: "Закрыть",
    sent: "Отправлено",
    read: "Прочитано",
  },
} as const;

export const password = "correct horse";

export type PersonOptions = BrowserContextOptions & { name: string; language: "en" | "ru" };

export interface PersonOnPage extends Visitor {
  email: string;
  words: Record<keyof (typeof words)["en"], string>;
  register: () => Promise<void>;
  signIn: () => Promise<void>;
  /** Comes with a token, as after a reload. */
  arrive: (token: string) => Promise<void>;
  /** The code to share, as the dialog for a chat shows it. */
  readCode: () => Promise<string>;
  startChat: (code: string) => Promise<void>;
  openChat: (name: string) => Promise<void>;
  /** Comes back to the page from elsewhere, which makes it look for chats that others made. */
  comeBack: () => Promise<void>;
  write: (text: string) => Promise<void>;
  /** The message with this text. */
  message: (text: string) => Locator;
  composer: Locator;
}

export async function openPerson(
  browser: Browser,
  url: string,
  { name, language, ...options }: PersonOptions,
): Promise<PersonOnPage> {
  const locale = language === "en" ? "en-GB" : "ru-RU";
  const visitor = await openVisitor(browser, url, { locale, ...options });
  const { page } = visitor;
  const say = words[language];
  const email = `${crypto.randomUUID()}@example.org`;
  const button = (label: string) => page.getByRole("button", { name: label, exact: true });
  const dialog = page.getByRole("dialog");
  const composer = page.getByRole("textbox", { name: language === "en" ? /^Message to/ : /^Сообщение для/ });

  async function fillAccount(): Promise<void> {
    await page.getByLabel(say.email).fill(email);
    await page.getByLabel(say.password, { exact: true }).fill(password);
  }

  return {
    ...visitor,
    email,
    words: say,
    composer,
    async register() {
      await page.goto("/");
      await button(say.create).click();
      await page.getByLabel(say.name, { exact: true }).fill(name);
      await fillAccount();
      await page.getByRole("form").getByRole("button", { name: say.create }).click();
      await page.getByRole("heading", { name: say.chats, exact: true }).waitFor();
    },
    async signIn() {
      await fillAccount();
      await page.getByRole("form").getByRole("button", { name: say.signIn }).click();
      await page.getByRole("heading", { name: say.chats, exact: true }).waitFor();
    },
    async arrive(token) {
      await page.goto("/");
      await page.evaluate((value) => sessionStorage.setItem("windi.token", value), token);
      await page.reload();
    },
    async readCode() {
      await button(say.newChat).first().click();
      const code = await dialog.getByLabel(say.yourCode).inputValue();
      await dialog.getByRole("button", { name: say.close }).click();
      return code;
    },
    async startChat(code) {
      await button(say.newChat).first().click();
      await dialog.getByLabel(say.theirCode).fill(code);
      await dialog.getByRole("button", { name: say.startChat }).click();
      await page.getByRole("log").waitFor();
    },
    async openChat(chat) {
      await page.getByRole("navigation", { name: say.chats }).getByRole("link", { name: chat }).click();
      await page.getByRole("log").waitFor();
    },
    async comeBack() {
      await page.bringToFront();
      await page.evaluate(() => window.dispatchEvent(new Event("focus")));
    },
    async write(text) {
      await composer.fill(text);
      await composer.press("Enter");
      await page.getByRole("article").filter({ hasText: text }).waitFor();
    },
    message: (text) => page.getByRole("article").filter({ hasText: text }),
  };
}
