import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";

const root = dirname(import.meta.dir);
const folders = [
  "protocol",
  "server",
  "sdk",
  "web",
  "corpus",
  "tests",
  "bench",
  "chaos",
  "scripts",
  "deploy",
];

/** Path → text of each file of source that people write. */
function readSources(): Map<string, string> {
  const sources = new Map<string, string>();
  for (const folder of folders) {
    for (const entry of readdirSync(root).includes(folder)
      ? readdirSync(join(root, folder), { recursive: true })
      : []) {
      const path = `${folder}/${String(entry)}`;
      if (
        /(^|\/)(node_modules|dist|output|results|migrations)\//.test(path) ||
        !/\.(ts|mjs|js|css|svelte)$/.test(path)
      )
        continue;
      sources.set(path, readFileSync(join(root, path), "utf8"));
    }
  }
  return sources;
}

const isTest = (path: string) => /\.(test|e2e)\.ts$/.test(path);
const isComponent = (path: string) => path.endsWith(".svelte");
const countLines = (text: string) => text.trimEnd().split("\n").length;
const self = "tests/structure.test.ts";

/** What a reader may rely on in each file: a rule's name, and whether a file breaks it. */
const rules: Record<string, (path: string, text: string) => boolean> = {
  "a file has at most 400 lines": (_, text) => countLines(text) > 400,
  "the first line of a file that is no test says what it owns": (path, text) =>
    !isTest(path) && !/^(#!.*\n)?(\/\/ |\/\* |<!-- @component )\S/.test(text),
  "names of files are in kebab-case": (path) =>
    !isComponent(path) && !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)+$/.test(basename(path)),
  "names of components are in PascalCase": (path) =>
    isComponent(path) && !/^([A-Z][a-z0-9]*)+\.svelte$/.test(basename(path)),
  "a component has at most 250 lines": (path, text) => isComponent(path) && countLines(text) > 250,
  "a component has no string of HTML": (path, text) => isComponent(path) && /\{@html\b/.test(text),
  "a component has no style attribute, which the page may not have": (path, text) =>
    isComponent(path) && /\sstyle\s*=\s*["'{]/.test(text),
  "no folder is a junk drawer": (path) =>
    /(^|\/)(utils?|helpers?|common|shared|types|lib|misc)(\/|\.)/.test(path),
  "no test is skipped or singled out": (path, text) =>
    isTest(path) && /\b(test|it|describe)\s*\.\s*(skip|only|todo|if|skipIf|todoIf|failing)\b/.test(text),
  "no type error is silenced": (_, text) => /@ts-(ignore|nocheck|expect-error)/.test(text),
  "no test waits for a length of time": (path, text) => isTest(path) && /\bBun\.sleep(Sync)?\(/.test(text),
};

const findBreaches = (rule: string, sources: Iterable<[string, string]>) =>
  [...sources].filter(([path, text]) => path !== self && rules[rule]?.(path, text)).map(([path]) => path);

describe("each source file", () => {
  const badSamples: Record<string, [path: string, text: string]> = {
    "a file has at most 400 lines": ["server/src/long.ts", "// Long.\n".repeat(401)],
    "the first line of a file that is no test says what it owns": [
      "server/src/a.ts",
      "export const a = 1;\n",
    ],
    "names of files are in kebab-case": ["server/src/chatLog.ts", "// A log.\n"],
    "names of components are in PascalCase": ["web/src/parts/chat-row.svelte", "<!-- @component A row. -->"],
    "a component has at most 250 lines": ["web/src/parts/Long.svelte", "<p>Long.</p>\n".repeat(251)],
    "a component has no string of HTML": ["web/src/parts/Bold.svelte", "<p>{@html text}</p>"],
    "a component has no style attribute, which the page may not have": [
      "web/src/parts/Red.svelte",
      '<p class="a"\n style="color: red">Red.</p>',
    ],
    "no folder is a junk drawer": ["server/src/utils/a.ts", "// A.\n"],
    "no test is skipped or singled out": ["server/src/a.test.ts", "test.skip('x', () => {});"],
    "no type error is silenced": ["server/src/a.ts", "// A.\n// @ts-ignore\n"],
    "no test waits for a length of time": ["server/src/a.test.ts", "await Bun.sleep(100);"],
  };

  test.each(Object.keys(rules))("%s", (rule) => {
    expect(findBreaches(rule, readSources())).toEqual([]);
  });

  test.each(Object.keys(rules))("is refused when it breaks: %s", (rule) => {
    const sample = badSamples[rule];
    expect(sample && findBreaches(rule, [sample])).toEqual([sample?.[0] ?? ""]);
  });
});

interface Lockfile {
  packages: Record<string, { resolved?: string; optionalDependencies?: Record<string, string> }>;
}

describe("the lockfile", () => {
  const text = readFileSync(join(root, "package-lock.json"), "utf8");

  const findForeign = ({ packages }: Lockfile) =>
    Object.entries(packages).flatMap(([path, { resolved }]) => (resolved?.includes("://") ? [path] : []));

  /** An optional package without an entry makes `npm ci` fail, and leaves other platforms without its binary. */
  const findMissing = ({ packages }: Lockfile) =>
    Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter((name) => {
        const parents = path
          .split("/node_modules/")
          .map((_, index, parts) => parts.slice(0, index + 1).join("/node_modules/"));
        return ![...parents.map((parent) => `${parent}/node_modules/${name}`), `node_modules/${name}`].some(
          (at) => at in packages,
        );
      }),
    );

  test("names no registry", () => {
    expect(findForeign(JSON.parse(text) as Lockfile)).toEqual([]);
    expect(text).not.toMatch(/registry\.|verdaccio|artifactory/i);
    expect(findForeign({ packages: { "node_modules/a": { resolved: "https://a.example/a.tgz" } } })).toEqual([
      "node_modules/a",
    ]);
  });

  test("holds the optional packages of every platform", () => {
    expect(findMissing(JSON.parse(text) as Lockfile)).toEqual([]);
    expect(
      findMissing({ packages: { "node_modules/a": { optionalDependencies: { "a-darwin": "1.0.0" } } } }),
    ).toEqual(["a-darwin"]);
  });
});

describe("dependencies", () => {
  type Manifest = Partial<
    Record<"dependencies" | "devDependencies" | "optionalDependencies", Record<string, string>>
  >;

  const findRanges = ({ dependencies, devDependencies, optionalDependencies }: Manifest) =>
    Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
      .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
      .map(([name]) => name);

  test.each([
    "package.json",
    "protocol/package.json",
    "sdk/package.json",
    "server/package.json",
    "web/package.json",
  ])("%s pins every version exactly", (path) => {
    expect(findRanges(JSON.parse(readFileSync(join(root, path), "utf8")) as Manifest)).toEqual([]);
  });

  test("a range is found out", () => {
    expect(
      findRanges({ dependencies: { a: "^1.0.0", b: "1.0.0" }, devDependencies: { c: "latest" } }),
    ).toEqual(["a", "c"]);
  });
});

describe("lint", () => {
  /** Path, text, and the rule that must refuse it; none for what must be allowed. */
  const samples: [path: string, text: string, rule?: string][] = [
    ["protocol/src/own.ts", `export { z } from "zod";\nexport * from "./other.ts";`],
    ["protocol/src/other.ts", `export const other = 1;`],
    ["protocol/src/server.ts", `export * from "../../server/src/rules.ts";`, "no-restricted-imports"],
    ["protocol/src/hono.ts", `export { Hono } from "hono";`, "no-restricted-imports"],
    ["corpus/protocol.ts", `export * from "@windi/protocol";`, "no-restricted-imports"],
    ["web/src/ours.ts", `export { errors } from "@windi/protocol";`],
    ["web/src/server.ts", `export * from "../../server/src/rules.ts";`, "no-restricted-imports"],
    ["web/src/protocol.ts", `export * from "../../protocol/src/other.ts";`, "no-restricted-imports"],
    ["sdk/src/server.ts", `export * from "../../server/src/rules.ts";`, "no-restricted-imports"],
    ["server/src/rules.ts", `export const rules = 1;`],
    ["server/src/web.ts", `export * from "../../web/src/ours.ts";`, "no-restricted-imports"],
    ["server/src/sdk.ts", `export * from "@windi/sdk";`, "no-restricted-imports"],
    ["server/src/tests.ts", `export * from "../../tests/harness.ts";`, "no-restricted-imports"],
    ["server/src/chats/routes.ts", `export * from "./chats.routes.ts";`, "no-restricted-imports"],
    ["server/src/chats/chats.routes.ts", `export const routes = 1;`],
    ["server/src/http/listen.ts", `export { listen } from "../runtime/bun.ts";`, "no-restricted-imports"],
    ["server/src/http/type.ts", `import type { Socket } from "../runtime/bun.ts";\nexport type A = Socket;`],
    ["server/src/messages/open.ts", `export * from "../database/embedded.ts";`, "no-restricted-imports"],
    ["server/src/messages/wire.ts", `export * from "../bus/bus-memory.ts";`, "no-restricted-imports"],
    ["server/src/messages/a.store.ts", `export * from "../http/errors.ts";`, "no-restricted-imports"],
    ["server/src/messages/b.store.ts", `export * from "../realtime/fanout.ts";`, "no-restricted-imports"],
    ["server/src/chats/c.store.ts", `export * from "../messages/open.ts";`, "no-restricted-imports"],
    ["server/src/chats/d.store.ts", `export * from "../messages/b.store.ts";`],
    ["server/src/app.ts", `export * from "./runtime/bun.ts";\nexport * from "./chats/chats.routes.ts";`],
    [
      "server/src/runtime/bun.ts",
      `export interface Socket { id: string }\nexport const listen = () => Bun.serve({ fetch: () => new Response() });`,
    ],
    [
      "server/src/serve.ts",
      `export const a = () => Bun.serve({ fetch: () => new Response() });`,
      "no-restricted-properties",
    ],
    ["server/src/config.ts", `export const a = process.env["A"];`],
    ["server/src/env.ts", `export const a = process.env["A"];`, "no-process-env"],
    ["server/src/bun-env.ts", `export const a = Bun.env["A"];`, "no-restricted-properties"],
    ["server/src/cycle-a.ts", `import { b } from "./cycle-b.ts";\nexport const a = () => b;`, "no-cycle"],
    ["server/src/cycle-b.ts", `import { a } from "./cycle-a.ts";\nexport const b = () => a;`, "no-cycle"],
    ["server/src/default.ts", `export default 1;`, "no-default-export"],
    ["server/src/console.ts", `export const a = () => console.log(1);`, "no-console"],
    ["server/src/any.ts", `export const a = (b: any) => [b];`, "no-explicit-any"],
    ["server/src/extension.ts", `export * from "./rules";`, "extensions"],
    [
      "server/src/floating.ts",
      `const a = async () => 1;\nexport const b = () => { a(); };`,
      "no-floating-promises",
    ],
    [
      "server/src/misused.ts",
      `const a = async () => 1;\nexport const b = () => { [1].forEach(a); };`,
      "no-misused-promises",
    ],
    ["server/src/thenable.ts", `export const a = async () => { await 1; };`, "await-thenable"],
    ["server/src/unsafe.ts", `export const a: string = JSON.parse("1");`, "no-unsafe-assignment"],
    [
      "server/src/unused.ts",
      `// oxlint-disable-next-line no-console -- nothing here\nexport const a = 1;`,
      "unused",
    ],
    [
      "server/src/anything.test.ts",
      `export * from "../../tests/harness.ts";\nexport * from "./runtime/bun.ts";`,
    ],
    ["tests/harness.ts", `export * from "../server/src/app.ts";`],
  ];

  const directory = mkdtempSync(join(tmpdir(), "windi-lint-"));
  const found = new Map<string, string[]>();

  beforeAll(() => {
    for (const file of [".oxlintrc.json", "tsconfig.json", "package.json"])
      cpSync(join(root, file), join(directory, file));
    symlinkSync(join(root, "node_modules"), join(directory, "node_modules"));
    for (const folder of folders) mkdirSync(join(directory, folder));
    for (const [path, text] of samples) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), `${text}\n`);
    }
    const oxlint = join(root, "node_modules/oxlint/bin/oxlint");
    const { stdout } = Bun.spawnSync(["node", oxlint, "--format=json", ...folders], { cwd: directory });
    const { diagnostics } = JSON.parse(stdout.toString()) as {
      diagnostics: { code?: string; filename: string; message: string }[];
    };
    for (const { code = "", filename, message } of diagnostics) {
      const rule = /\(([^)]+)\)/.exec(code)?.[1] ?? (message.startsWith("Unused") ? "unused" : message);
      found.set(filename, [...(found.get(filename) ?? []), rule]);
    }
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  test.each(samples.map(([path, , rule]) => [path, rule ?? "nothing"] as const))(
    "finds in %s: %s",
    (path, rule) => {
      expect(found.get(path) ?? ["nothing"]).toContain(rule);
    },
  );
});
