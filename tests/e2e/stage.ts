// The frame of a browser test file: a server with the built client, a browser, devices of signed-in people, and what no page may do.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import type { MessageInfo } from "@windi/protocol";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { buildPage } from "../../scripts/page.mjs";
import { launchBrowser, openVisitor, type Visitor } from "./browser.ts";
import { root, startServer, type Person, type ServerOptions, type TestServer } from "../harness.ts";
import { startTcpProxy, type TcpProxy } from "../tcp-proxy.ts";

const timeoutMs = 120_000;
const patienceMs = 20_000;

/** The built client, as new as its sources. */
export async function buildClient(): Promise<string> {
  await buildPage();
  return join(root, "web", "dist");
}

/** Limits of the client are for a machine of one's own; one that runs tests is given this much more. */
export const generously = (limitMs: number): number => limitMs * 10;

export interface Device extends Visitor {
  /** What lies between it and the server, where that can be cut. */
  line: TcpProxy | undefined;
  /** Frames that it has sent, oldest first. */
  sent: readonly Frame[];
  /** The list of chats. */
  list: Locator;
  row: (name: string) => Locator;
  composer: Locator;
  /** Messages with this text. */
  message: (text: string) => Locator;
  openChat: (name: string) => Promise<void>;
  /** Looks at the page, or elsewhere. */
  attend: (isPresent: boolean) => Promise<void>;
}

export interface Frame {
  action: string;
  chat_id?: string;
  message_id?: string;
}

type DeviceOptions = BrowserContextOptions & {
  /** Where it begins; else the list. */
  at?: string;
  /** Over a line of its own that can be cut. */
  isCuttable?: boolean;
  /** Looks elsewhere while the page opens. */
  isAway?: boolean;
  /** Its time can be moved. */
  hasClock?: boolean;
  /** Runs in the page before its first script. */
  prepare?: () => void;
  /** Of a server that the test started; else of the stage's. */
  from?: TestServer;
};

export interface Chat {
  readonly id: string;
  readonly name: string;
}

/** Starts a server and a browser before the tests of the calling file, and stops them after. */
export function prepareStage({ database }: Pick<ServerOptions, "database"> = {}) {
  let server: TestServer;
  let browser: Browser;
  let webDirectory: string;
  const devices: Visitor[] = [];

  beforeAll(async () => {
    webDirectory = await buildClient();
    server = await startServer({ webDirectory, ...(database && { database }) });
    browser = await launchBrowser();
  }, timeoutMs);

  afterAll(async () => {
    await browser.close();
    await server[Symbol.asyncDispose]();
  }, timeoutMs);

  async function watch(url: string, options: BrowserContextOptions): Promise<Visitor> {
    const visitor = await openVisitor(browser, url, options);
    visitor.page.setDefaultTimeout(patienceMs);
    const faults: string[] = [];
    // What the network did is told there as well, and is what some tests are about.
    visitor.page.on("console", (entry) => {
      const isFault = entry.type() === "error" && !/^Failed to load|^WebSocket connection/.test(entry.text());
      if (isFault) faults.push(`console: ${entry.text()}`);
    });
    const watched = { ...visitor, findOffences: async () => [...(await visitor.findOffences()), ...faults] };
    devices.push(watched);
    return watched;
  }

  return {
    person: (name: string): Promise<Person> => server.person(name),
    /** Address of the database, where it is a server's. */
    databaseUrl: (): string => server.environment["DATABASE_URL"] ?? "",

    /** A browser of somebody who is signed in. */
    async open(person: Person, given: DeviceOptions = {}): Promise<Device> {
      const {
        at = "/",
        isCuttable = false,
        isAway = false,
        hasClock = false,
        prepare,
        from = server,
        ...options
      } = given;
      const line = isCuttable ? await startTcpProxy(Number(new URL(from.url).port)) : undefined;
      const url = line ? `http://127.0.0.1:${line.port}` : from.url;
      const visitor = await watch(url, options);
      const { page } = visitor;
      await page.addInitScript(pretendAttention, isAway);
      if (prepare) await page.addInitScript(prepare);
      if (hasClock) await page.clock.install();
      const sent: Frame[] = [];
      page.on("websocket", (socket) =>
        socket.on("framesent", ({ payload }) => sent.push(JSON.parse(String(payload)) as Frame)),
      );
      const answer = await page.context().request.post("/auth/sessions", {
        headers: { origin: url },
        data: { email: person.user.email, password: person.password },
      });
      expect(answer.status()).toBe(201);
      await page.goto(at);
      return { ...visitor, ...describeDevice(page), line, sent };
    },

    /** The built client that it hands out. */
    webDirectory: (): string => webDirectory,

    /** Somebody who is not signed in. */
    async openStranger(options: BrowserContextOptions = {}): Promise<Visitor> {
      const visitor = await watch(server.url, options);
      await visitor.page.goto("/");
      return visitor;
    },

    /** A test; whatever its pages did that no page may do fails it. */
    scene(title: string, run: () => Promise<void>): void {
      test(
        title,
        async () => {
          try {
            await run();
            const offences = await Promise.all(devices.map((device) => device.findOffences()));
            expect(offences.flat()).toEqual([]);
          } finally {
            await Promise.all(devices.splice(0).map((device) => device.close()));
          }
        },
        timeoutMs,
      );
    },
  };
}

/** In the page: a browser without a screen believes that each of its pages is in front. */
function pretendAttention(isAway: boolean): void {
  let isPresent = !isAway;
  Object.defineProperty(document, "visibilityState", { get: () => (isPresent ? "visible" : "hidden") });
  document.hasFocus = () => isPresent;
  Reflect.set(globalThis, "attend", (present: boolean) => {
    isPresent = present;
    document.dispatchEvent(new Event("visibilitychange"));
    dispatchEvent(new Event(present ? "focus" : "blur"));
  });
}

function describeDevice(page: Page) {
  const list = page.getByRole("navigation", { name: "Chats" });
  const row = (name: string) => list.getByRole("link").filter({ has: page.getByText(name, { exact: true }) });
  return {
    list,
    row,
    composer: page.getByRole("textbox", { name: /^Message to/ }),
    message: (text: string) =>
      page.getByRole("article").filter({ has: page.getByText(text, { exact: true }) }),
    async openChat(name: string) {
      await row(name).click();
      await page.getByRole("textbox", { name: `Message to ${name}` }).waitFor();
    },
    attend: (isPresent: boolean) =>
      page.evaluate((present) => {
        (Reflect.get(globalThis, "attend") as (present: boolean) => void)(present);
      }, isPresent),
  };
}

async function expectAnswer<Body>(answer: Promise<{ status: number; body: unknown }>): Promise<Body> {
  const { status, body } = await answer;
  if (status >= 300) throw new Error(JSON.stringify(body));
  return body as Body;
}

export async function makeGroup(creator: Person, title: string, ...members: Person[]): Promise<Chat> {
  const body = { title, member_ids: members.map(({ user }) => user.id) };
  const { id } = await expectAnswer<{ id: string }>(creator.call("POST", "/groups", body));
  return { id, name: title };
}

export async function makePersonalChat(person: Person, other: Person): Promise<Chat> {
  const { id } = await expectAnswer<{ id: string }>(
    person.call("POST", "/chats", { user_id: other.user.id }),
  );
  return { id, name: other.user.name };
}

/** Sends these messages one after the other. */
export async function say(person: Person, chat: Chat, ...texts: string[]): Promise<MessageInfo[]> {
  const sent: MessageInfo[] = [];
  for (const text of texts)
    sent.push(await expectAnswer(person.call("POST", `/chats/${chat.id}/messages`, { text })));
  return sent;
}

/** Numbered sentences, each of them unlike the others. */
export const lines = (word: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${word} ${index + 1}.`);
