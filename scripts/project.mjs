// Where the project and its Bun are, and how a script ends when it cannot go on.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The npm package names its binary `bun.exe` on every platform. */
export const bun = join(root, "node_modules", "bun", "bin", "bun.exe");

/** What the person at the keyboard has to change; told without a stack. */
export class Problem extends Error {}

/** Tells what stopped a script: a Problem by its words, a bug with its stack. */
export function report(error) {
  console.error(error instanceof Problem ? `\n${error.message}` : error);
}

/** Runs a script's body; its result is the exit code. */
export async function main(body) {
  try {
    process.exitCode = await body();
  } catch (error) {
    report(error);
    process.exitCode = 1;
  }
}
