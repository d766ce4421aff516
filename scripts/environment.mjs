// Reads `.env` in the project's root into the environment; what is already set wins. Only `NAME=value` lines, nothing is expanded.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Problem, root } from "./project.mjs";

export function loadEnvironment(path = join(root, ".env")) {
  for (const [name, value] of Object.entries(parse(read(path)))) process.env[name] ??= value;
}

function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return "";
    throw new Problem(`.env cannot be read: ${error.message}`);
  }
}

function parse(text) {
  const values = {};
  for (const [index, line] of text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const [, name, value] = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)$/.exec(line) ?? [];
    if (name === undefined)
      throw new Problem(`.env, line ${index + 1}: write NAME=value, or start the line with #`);
    const quoted = /^(["'])(.*)\1\s*(#.*)?$/.exec(value);
    values[name] = quoted ? quoted[2] : value.replace(/(^|\s)#.*$/, "").trim();
  }
  return values;
}
