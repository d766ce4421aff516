// The web client's built files, read once at start.
import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import type { FilePolicy, StaticFile, StaticFiles } from "./static.ts";

const contentTypes: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".webmanifest": "application/manifest+json",
};

/** What browsers look for at the root: a service worker has only what lies below its own address. */
const atRoot = new Set(["sw.js", "manifest.webmanifest"]);

/** @param directory the output of the web client's build; a file without a known type is left out */
export async function loadPage(directory: string): Promise<StaticFiles> {
  const files = new Map<string, StaticFile>();
  for (const name of await readdir(directory)) {
    const contentType = contentTypes[extname(name)];
    if (contentType === undefined) continue;
    const body = new Uint8Array(await readFile(join(directory, name)));
    files.set(atRoot.has(name) ? `/${name}` : `/static/${name}`, {
      body,
      contentType,
      policy: policyOf(name),
    });
  }
  const page = files.get("/static/index.html");
  if (!page)
    throw new Error(`The web client is not built: ${directory} has no index.html; run npm run build`);
  return files.set("/", page);
}

function policyOf(name: string): FilePolicy {
  if (name === "sw.js") return "worker";
  return extname(name) === ".html" ? "page" : "asset";
}
