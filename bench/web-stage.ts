// The stage of the web client's measurements: a server with the built client, started anew where it was, and a browser.
import { freePort } from "../tests/postgres.ts";
import { createEmbeddedSource, type FreshDatabase } from "./databases.ts";
import { startServer, type ServerProgram } from "./programs.ts";
import { openPage, startBrowser, type MeasuredBrowser, type MeasuredPage } from "./web-browser.ts";
import { createWebPerson, type WebPerson } from "./web-data.ts";

export const chatCount = 1000;

export interface WebStage extends AsyncDisposable {
  readonly person: WebPerson;
  readonly url: string;
  readonly serverPid: () => number;
  readonly browser: MeasuredBrowser;
  /** A browser of one's own, of the person who is signed in, which has shown nothing yet. */
  openSignedIn: () => Promise<MeasuredPage>;
  /** While there is no server. */
  withoutServer: <T>(run: () => Promise<T>) => Promise<T>;
}

/** @param messageCount of the long chat */
export async function prepareWebStage(messageCount: number): Promise<WebStage> {
  await using stack = new AsyncDisposableStack();
  const source = stack.use(createEmbeddedSource());
  const fresh: FreshDatabase = stack.use(await source.create());
  const person = await fillDatabase(fresh, messageCount);
  const environment = { ...fresh.environment, SERVER_PORT: String(await freePort()) };
  let server: ServerProgram = await startServer(environment);
  stack.defer(() => server[Symbol.asyncDispose]());
  const browser = stack.use(await startBrowser());
  const { url } = server;
  const kept = stack.move();
  return {
    person,
    url,
    browser,
    serverPid: () => server.pid,
    async openSignedIn() {
      const opened = await openPage(browser, url);
      const { email, password } = person;
      const answer = await opened.page
        .context()
        .request.post("/auth/sessions", { headers: { origin: url }, data: { email, password } });
      if (!answer.ok()) throw new Error(`Signing in was answered with ${answer.status()}`);
      return opened;
    },
    async withoutServer(run) {
      await server[Symbol.asyncDispose]();
      try {
        return await run();
      } finally {
        server = await startServer(environment);
      }
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function fillDatabase(fresh: FreshDatabase, messageCount: number): Promise<WebPerson> {
  await using database = await fresh.open();
  return await createWebPerson(database, messageCount, chatCount);
}
