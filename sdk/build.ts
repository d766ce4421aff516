// Builds what is published into sdk/dist: one script, and declarations that name no other package.
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import ts from "typescript";
import { printTypes } from "./print-types.ts";

const source = join(import.meta.dir, "src");
const output = join(import.meta.dir, "dist");
const entry = join(source, "index.ts");

async function buildScript(): Promise<void> {
  await Bun.build({ entrypoints: [entry], outdir: output, target: "browser", format: "esm" });
  const script = await readFile(join(output, "index.js"), "utf8");
  const foreign = /^import .*$/m.exec(script);
  if (foreign) throw new Error(`The script needs another package: ${foreign[0]}`);
}

function readOptions(): ts.CompilerOptions {
  const path = join(import.meta.dir, "..", "tsconfig.json");
  const { config } = ts.readConfigFile(path, (name) => ts.sys.readFile(name)) as { config: object };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, join(import.meta.dir, ".."));
  return {
    ...options,
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    types: [],
    rootDir: source,
  };
}

/** The declarations of one file as they are published; those of the contract say what its schemas come out as. */
function declare(program: ts.Program, name: string): string {
  if (name === "contract") return printTypes(program, join(source, "contract.ts"));
  let declaration = "";
  const file = program.getSourceFile(join(source, `${name}.ts`));
  const { diagnostics } = program.emit(file, (_, text) => (declaration = text));
  requireNone(diagnostics);
  return declaration.replace(/(from "\.\/[\w-]+)\.ts"/g, '$1.js"');
}

async function buildDeclarations(): Promise<void> {
  const program = ts.createProgram([entry], readOptions());
  requireNone(ts.getPreEmitDiagnostics(program));
  const names = new Set(["index"]);
  for (const name of names) {
    const text = declare(program, name);
    for (const [, other = ""] of text.matchAll(/from "\.\/([\w-]+)\.js"/g)) names.add(other);
    const head = name === "index" ? '/// <reference lib="esnext.disposable" />\n' : "";
    await writeFile(join(output, `${name}.d.ts`), head + text);
  }
}

function requireNone(problems: readonly ts.Diagnostic[]): void {
  if (problems.length > 0) throw new Error(ts.formatDiagnostics(problems, host));
}

const host: ts.FormatDiagnosticsHost = {
  getCanonicalFileName: (name) => name,
  getCurrentDirectory: () => source,
  getNewLine: () => "\n",
};

await rm(output, { recursive: true, force: true });
await mkdir(output, { recursive: true });
await buildScript();
await buildDeclarations();
await copyFile(join(import.meta.dir, "..", "LICENSE"), join(output, "LICENSE"));
