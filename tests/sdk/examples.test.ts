import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { root } from "../harness.ts";

/** What stands around a fragment: an example that imports nothing is one. */
const prelude = `import { ApiError, ConnectionError, createClient, isApiError, type Client } from "@windi/sdk";
declare const client: Client;
declare const accessToken: string, chatId: string, userId: string;
void [ApiError, ConnectionError, createClient, isApiError, client, accessToken, chatId, userId];
`;

const fences = (text: string) => [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = ""]) => code);

/** Name → code of the examples in the README and in what is said of exported things. */
function readExamples(): Map<string, string> {
  const folder = join(root, "sdk/src");
  const texts = new Map([["README.md", readFileSync(join(root, "sdk/README.md"), "utf8")]]);
  for (const name of readdirSync(folder)) {
    const source = readFileSync(join(folder, name), "utf8");
    const said = [...source.matchAll(/^ *\* @example\n([\s\S]*?)\*\/$/gm)].map(([, text = ""]) => text);
    if (said.length > 0) texts.set(name, said.join("\n").replace(/^ *\* ?/gm, ""));
  }
  return new Map(
    [...texts].flatMap(([name, text]) =>
      fences(text).map((code, index) => [
        `${name} ${index + 1}`,
        code.startsWith("import ")
          ? code
          : `${prelude}{\n${code.replace(/^const client = .*$/m, "void createClient;")}}\n`,
      ]),
    ),
  );
}

/** The compiler's complaints about these programs, as if they lay beside the tests. */
function compile(programs: ReadonlyMap<string, string>): string[] {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), (name) => ts.sys.readFile(name));
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const paths = new Map([...programs].map(([name, code]) => [join(root, "tests/sdk", `${name}.ts`), code]));
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => paths.has(path) || fileExists(path);
  host.readFile = (path) => paths.get(path) ?? readFile(path);
  host.getSourceFile = (path, target) => {
    const code = paths.get(path);
    return code === undefined ? getSourceFile(path, target) : ts.createSourceFile(path, code, target);
  };
  const program = ts.createProgram([...paths.keys()], options, host);
  return [...paths.keys()].flatMap((path) => {
    const file = program.getSourceFile(path);
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
      ({ messageText }) => `${path}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`,
    );
  });
}

describe("the examples", () => {
  const examples = readExamples();

  test("are found in the README and in the sources", () => {
    const names = [...new Set([...examples.keys()].map((name) => name.replace(/ \d+$/, "")))];
    expect(names).toEqual(expect.arrayContaining(["README.md", "client.ts", "api-error.ts"]));
    expect(examples.size).toBeGreaterThan(6);
  });

  test("compile, and one that is wrong would not", () => {
    const wrong = `import { createClient } from "@windi/sdk";\ncreateClient({ url: 1 });\n`;
    expect(compile(new Map([...examples, ["wrong", wrong]]))).toEqual([
      expect.stringMatching(/wrong\.ts: Type 'number'/),
    ]);
  }, 120_000);
});
