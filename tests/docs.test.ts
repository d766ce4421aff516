import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import packageJson from "../package.json" with { type: "json" };
import { root, startServer, temporaryDirectory, type TestServer } from "./harness.ts";

const read = (path: string) => readFileSync(join(root, path), "utf8");
const isFolder = (path: string) => statSync(join(root, path)).isDirectory();
const notOurs = ["node_modules", ".git", "dist", "data", "output", "results"];

/** A folder and everything below it that people write. */
function pathsUnder(folder: string): string[] {
  const entries = readdirSync(join(root, folder)).filter((name) => !notOurs.includes(name));
  return entries
    .map((name) => join(folder, name))
    .flatMap((path) => (isFolder(path) ? [path, ...pathsUnder(path)] : [path]));
}

const paths = pathsUnder(".");
const names = new Set(paths.map((path) => basename(path)));
const documents = paths.filter((path) => path.endsWith(".md"));
const readmes = ["README.md", "README.ru.md"];

const fence = /^```(\w*)\n([\s\S]*?)^```$/gm;
const blocksOf = (text: string) =>
  [...text.matchAll(fence)].map(([, language = "", code = ""]) => ({ language, code }));
const withoutBlocks = (text: string) => text.replace(fence, "");
const headingsOf = (text: string) => withoutBlocks(text).match(/^#+ .*$/gm) ?? [];

/** As the anchors of headings are made where the documents are read. */
const anchorOf = (heading: string) =>
  heading
    .replace(/^#+ /, "")
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(" ", "-");

function brokenLinks(path: string, text: string): string[] {
  const targets = [...withoutBlocks(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
  return targets.filter((target) => {
    if (/^[a-z]+:/.test(target)) return false;
    const [file = "", anchor] = target.split("#");
    const found = file === "" ? path : join(dirname(path), decodeURI(file));
    if (found !== path && !existsSync(join(root, found))) return true;
    return (
      anchor !== undefined &&
      !headingsOf(found === path ? text : read(found))
        .map(anchorOf)
        .includes(anchor)
    );
  });
}

function unknownScripts(text: string): string[] {
  const named = [...text.matchAll(/\bnpm (?:(start|test)\b|run (?:--silent )?([\w-]+))/g)];
  return named
    .map(([, short, script]) => short ?? script ?? "")
    .filter((script) => !Object.hasOwn(packageJson.scripts, script));
}

/** Paths and names of files in backticks; paths may begin at the project's root or at server/src. */
function unknownFiles(text: string): string[] {
  const named = [...withoutBlocks(text).matchAll(/`(\w[\w./-]*\.(?:ts|mjs|md|json|css|yaml))`/g)];
  return named
    .map(([, name = ""]) => name)
    .filter((name) =>
      name.includes("/")
        ? !["", "server/src"].some((start) => existsSync(join(root, start, name)))
        : !names.has(name),
    );
}

/** The paths that an annotated tree names: two spaces for each level, then the name, then a remark. */
function pathsInTree(tree: string): string[] {
  const folders: string[] = [];
  return tree.split("\n").flatMap((line) => {
    const [, indent = "", name] = /^( *)([\w.-]+\/?)(?: |$)/.exec(line) ?? [];
    if (name === undefined) return [];
    const level = indent.length / 2;
    folders.splice(level, folders.length, name);
    return [folders.join("").replace(/\/$/, "")];
  });
}

function settingsOf(text: string): Map<string, string> {
  const rows = [...text.matchAll(/^\| +((?:`[A-Z_]+`(?:, )?)+) +\| +(\S*) +\|/gm)];
  return new Map(
    rows.flatMap(([, named = "", value = ""]) =>
      [...named.matchAll(/[A-Z_]+/g)].map(([name]) => [name, value.replaceAll("`", "")] as const),
    ),
  );
}

/** Variable → its default as text, as config.ts has it. */
function settingsInCode(source: string): Map<string, string> {
  const [, schema = ""] = /^const Variables = z\.object\(\{\n([\s\S]*?)^\}\);/m.exec(source) ?? [];
  const found = new Map<string, string>();
  for (const [, name = "", rule = ""] of schema.matchAll(
    /^ {2}([A-Z_]+): ([\s\S]*?)(?=^ {2}[A-Z_]+: |(?![\s\S]))/gm,
  )) {
    const [, value = ""] = /\.(?:pre)?(?:default|fault)\((.*?)\)/.exec(rule) ?? [];
    found.set(name, value.replace(/^"(.*)"$|^\[\]$/, "$1"));
  }
  const [, secrets = ""] = /secretNames = \[([^\]]*)\]/.exec(source) ?? [];
  for (const [name] of secrets.matchAll(/[A-Z_]+/g)) found.set(`${name}_FILE`, "");
  return found;
}

describe("every document", () => {
  test("is found", () => {
    expect(documents).toEqual(
      expect.arrayContaining([...readmes, "docs/architecture.md", "docs/protocol.md"]),
    );
  });

  test.each(documents)("%s links to what is there", (path) => {
    expect(brokenLinks(path, read(path))).toEqual([]);
  });

  test.each(documents)("%s names npm scripts that exist", (path) => {
    expect(unknownScripts(read(path))).toEqual([]);
  });

  test("would be caught with a broken link, anchor or script", () => {
    const text =
      "# Here\n[a](LICENSE) [b](nowhere.md) [c](#here) [d](#there) [e](README.md#start) [f](README.md#stop)";
    expect(brokenLinks("sample.md", text)).toEqual(["nowhere.md", "#there", "README.md#stop"]);
    expect(unknownScripts("`npm start`, `npm run check`, `npm run fly`")).toEqual(["fly"]);
  });
});

describe("documents about the code", () => {
  const about = documents.filter((path) => /^(docs\/(?!protocol)|CONTRIBUTING|SECURITY)/.test(path));

  test.each(about)("%s names files that exist", (path) => {
    expect(unknownFiles(read(path))).toEqual([]);
  });

  test("would be caught naming a file that does not", () => {
    const text = "`http/mount.ts` `http/mound.ts` `app.ts` `ape.ts` `tests/run.ts` `*.test.ts` `live`";
    expect(unknownFiles(text)).toEqual(["http/mound.ts", "ape.ts"]);
  });

  const tree =
    blocksOf(read("docs/architecture.md")).find(({ code }) => code.startsWith("protocol/"))?.code ?? "";

  test("the tree names paths that exist, and no folder of the project is missing in it", () => {
    const named = pathsInTree(tree);
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    const folders = paths.filter(
      (path) => /^([\w-]+|(server|web)\/src\/[\w-]+)$/.test(path) && isFolder(path),
    );
    expect(folders.filter((folder) => !named.includes(folder))).toEqual([]);
  });

  test("a tree is read by its indentation", () => {
    expect(pathsInTree("a/  A\n  b/\n    c.ts  C\n  d.ts  D\ne/  E")).toEqual([
      "a",
      "a/b",
      "a/b/c.ts",
      "a/d.ts",
      "e",
    ]);
  });
});

describe("the READMEs", () => {
  const settings = settingsInCode(read("server/src/config.ts"));
  const sorted = (map: Map<string, string>) => [...map].toSorted(([a], [b]) => (a < b ? -1 : 1));

  test("the settings of the code are found with their defaults", () => {
    expect(settings.size).toBeGreaterThan(18);
    expect(settings.get("SERVER_PORT")).toBe("8000");
    expect(settings.get("RATE_LIMITS")).toBe("on");
    expect(settings.get("PUBLIC_URL")).toBe("");
    expect(settings.has("JWT_SECRET_KEY_FILE")).toBe(true);
  });

  test.each(readmes)("the table in %s has each setting with its default, and no other", (path) => {
    expect(sorted(settingsOf(read(path)))).toEqual(sorted(settings));
  });

  test("have the same headings and the same examples in both languages", () => {
    const [english = "", russian = ""] = readmes.map(read);
    const levels = (text: string) => headingsOf(text).map((heading) => heading.replace(/ .*/, ""));
    const code = (text: string) =>
      blocksOf(text).map(({ language, code }) => [language, code.replace(/^# .*\n| +# .*$/gm, "")]);
    expect(levels(russian)).toEqual(levels(english));
    expect(levels(english).length).toBeGreaterThan(10);
    expect(code(russian)).toEqual(code(english));
    expect(code(english).length).toBeGreaterThan(5);
  });
});

describe("the examples in the README", () => {
  const block = (language: string, start: RegExp) =>
    blocksOf(read("README.md")).find(({ language: own, code }) => own === language && start.test(code))
      ?.code ?? "";
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  /** Runs a program on the server under test; answers with its output. */
  async function run(command: string[], environment: Record<string, string>): Promise<string> {
    const env = { ...process.env, WINDI: server.url, ...environment };
    const child = Bun.spawn(command, { env, stdout: "pipe", stderr: "inherit", timeout: 20_000 });
    const output = await new Response(child.stdout).text();
    expect(await child.exited).toBe(0);
    return output;
  }

  test("the walk over HTTP ends with a message, its history, a group and two chats", async () => {
    const folder = temporaryDirectory();
    // Stands in for curl, which not every machine has: only the options of the walk.
    const curl = `let [url, init] = ["", { headers: {} }];
const words = process.argv.slice(2);
while (words.length > 0) {
  const word = words.shift();
  if (word === "--json") init = { ...init, method: "POST", body: words.shift() };
  else if (word === "-H") { const [name, value] = words.shift().split(": "); init.headers[name] = value; }
  else if (word !== "-s") url = word;
}
process.stdout.write(await (await fetch(url, init)).text());`;
    writeFileSync(join(folder, "curl.mjs"), curl);
    writeFileSync(join(folder, "curl"), `#!/bin/sh\nexec "${process.execPath}" "${folder}/curl.mjs" "$@"\n`, {
      mode: 0o755,
    });
    const walk = block("sh", /auth\/register/).replace(/^export WINDI=.*$/m, "");
    const output = await run(["sh", "-ec", walk], { PATH: `${folder}:${process.env["PATH"] ?? ""}` });
    expect(output).not.toContain('"code":');
    expect(output.match(/"text":"Hello, Boris!"/g)).toHaveLength(3);
    expect(output.match(/"title":"Weekend walks"/g)).toHaveLength(1);
    expect(output.match(/"type":"(personal|group)"/g)).toHaveLength(2);
  });

  test("the program for the WebSocket joins, sends, reads and ends", async () => {
    const [anna, boris] = await Promise.all([server.person("Anna"), server.person("Boris")]);
    const chat = await anna.call<{ id: string }>("POST", "/chats", { user_id: boris.user.id });
    const program = join(temporaryDirectory(), "live.mjs");
    writeFileSync(program, block("js", /new WebSocket/));
    const output = await run([process.execPath, program], { TOKEN: anna.token, CHAT: chat.body.id });
    const seen = ["joined", "new_message", "Are you there?", "message_read", "closed 1000"];
    expect(seen.filter((words) => !output.includes(words))).toEqual([]);
  });
});
