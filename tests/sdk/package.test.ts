import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { MessageInfo } from "@windi/sdk";
import { root, startServer, temporaryDirectory, type Person, type TestServer } from "../harness.ts";
import { until } from "../until.ts";

const folder = temporaryDirectory();
let server: TestServer;
let anna: Person;
let boris: Person;
let chatId: string;

/** Runs a program to its end; answers with what it wrote. */
async function run(command: string[], { cwd = folder, env = {} }: { cwd?: string; env?: object } = {}) {
  const child = Bun.spawn(command, {
    cwd,
    env: { ...process.env, ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: 60_000,
  });
  const [output, problems] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if ((await child.exited) !== 0) throw new Error(`${command.join(" ")}: ${output}\n${problems}`);
  return output;
}

/** The README's program that begins like this, as JavaScript. */
function readProgram(start: RegExp): string {
  const text = readFileSync(join(root, "sdk/README.md"), "utf8");
  const code = [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, found = ""]) => found);
  const program = code.find((found) => start.test(found));
  if (program === undefined) throw new Error(`The README has no program with ${start}`);
  return new Bun.Transpiler({ loader: "ts", target: "node" }).transformSync(program);
}

/** Node.js before 22 has WebSockets only when asked for. */
async function nodeCommand(): Promise<string[]> {
  const major = Number.parseInt((await run(["node", "--version"])).slice(1), 10);
  return major < 22 ? ["node", "--experimental-websocket", "--no-warnings"] : ["node"];
}

const history = async () =>
  (await anna.call<MessageInfo[]>("GET", `/messages/history/${chatId}?limit=100`)).body;

beforeAll(async () => {
  server = await startServer();
  [anna, boris] = await Promise.all([server.person("Anna"), server.person("Boris")]);
  chatId = (await anna.call<{ id: string }>("POST", "/chats", { user_id: boris.user.id })).body.id;
  await run([process.execPath, "sdk/build.ts"], { cwd: root });
  const quiet = ["--ignore-scripts", "--offline", "--no-audit", "--no-fund", "--loglevel=error"];
  await run(["npm", "pack", ...quiet, "--pack-destination", folder], { cwd: join(root, "sdk") });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "outside", type: "module" }));
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "";
  await run(["npm", "install", ...quiet, `./${tarball}`]);
  writeFileSync(join(folder, "chat.js"), readProgram(/client\.chatLog\(/));
  writeFileSync(join(folder, "outbox.js"), readProgram(/OutboxStorage/));
  writeFileSync(join(folder, "bot.js"), readProgram(/positions\.json/));
}, 120_000);
afterAll(() => server[Symbol.asyncDispose]());

describe("the package, outside of this project", () => {
  test("is the only one that is installed, and holds what is built and nothing else", () => {
    expect(readdirSync(join(folder, "node_modules/@windi"))).toEqual(["sdk"]);
    expect(readdirSync(join(folder, "node_modules")).filter((name) => !name.startsWith("."))).toEqual([
      "@windi",
    ]);
    const files = readdirSync(join(folder, "node_modules/@windi/sdk")).toSorted();
    expect(files).toEqual(["README.md", "dist", "package.json"]);
  });

  test.each(["Bun", "Node.js"])(
    "runs the README's chat and outbox on %s",
    async (runtime) => {
      const command = runtime === "Bun" ? [process.execPath] : await nodeCommand();
      const env = { WINDI: server.url, TOKEN: anna.token, CHAT: chatId };
      const before = (await history()).length;
      const seen = await run([...command, "chat.js"], { env });
      expect(seen).toContain("connection: subscribed");
      expect(seen).toContain("Hello (queued)");
      expect(await run([...command, "outbox.js"], { env })).toContain("queued Written once, stored once");
      const texts = (await history()).slice(before).map(({ text }) => text);
      expect(texts).toEqual(["Hello", "Written once, stored once"]);
      expect(readdirSync(join(folder, "outbox"))).toEqual([]);
    },
    60_000,
  );

  test("runs the README's bot, which answers what was asked while it was not there", async () => {
    const env = { ...process.env, WINDI: server.url, EMAIL: boris.user.email, PASSWORD: boris.password };
    const ask = () => anna.call("POST", `/chats/${chatId}/messages`, { text: "ping" });
    const answers = async () => (await history()).filter(({ text }) => text === "pong").length;
    const start = () => Bun.spawn([process.execPath, "bot.js"], { cwd: folder, env, stdout: "ignore" });

    const first = start();
    await until(() => readdirSync(folder).includes("positions.json"));
    await ask();
    await until(async () => (await answers()) === 1);
    first.kill("SIGKILL");
    await first.exited;
    await ask();
    const second = start();
    await until(async () => (await answers()) === 2);
    await ask();
    await until(async () => (await answers()) === 3);
    second.kill("SIGKILL");
    await second.exited;
  }, 60_000);

  test("has declarations that a strict compiler takes without this project", async () => {
    const program = (operation: string) => `import { createClient, type MessageInfo } from "@windi/sdk";
const client = createClient({ url: "", token: () => "" });
export const send = (): Promise<MessageInfo> =>
  client.call("${operation}", { params: { chat_id: "" }, body: { text: "" } });
`;
    writeFileSync(join(folder, "right.ts"), program("sendMessage"));
    writeFileSync(join(folder, "wrong.ts"), program("sendMassage"));
    const tsc = ["node", join(root, "node_modules/typescript/bin/tsc"), "--strict", "--noEmit"];
    const options = ["--target", "es2022", "--module", "nodenext", "--lib", "es2022,dom,dom.iterable"];
    await run([...tsc, ...options, "right.ts"]);
    const refused = await run([...tsc, ...options, "wrong.ts"]).catch(String);
    expect(refused).toMatch(/sendMassage.*not assignable/);
  }, 120_000);
});
