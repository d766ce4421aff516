// Files that the server hands out: a map whose paths are all known at start, so no path ever reaches the disk.
import { fileHeaders } from "./headers.ts";
import { prefixes } from "./mount.ts";
import type { Router } from "./router.ts";

/** Names the Content-Security-Policy: of a document, of the page's service worker, or of what is neither. */
export type FilePolicy = "page" | "docs" | "worker" | "asset";

type FileBody = string | Uint8Array<ArrayBuffer>;

export interface StaticFile {
  /** A function is called once, when the file is first asked for: what few ask for costs nothing at start. */
  body: FileBody | (() => FileBody);
  contentType: string;
  policy: FilePolicy;
}

/** Path (`/docs`, `/static/app.js`) → file. Each is also served below `/api/v1`. */
export type StaticFiles = ReadonlyMap<string, StaticFile>;

/** Serves the files at their paths and below /api/v1, with an entity tag so that nothing is sent twice. */
export function serveFiles(router: Router, files: StaticFiles): void {
  for (const [path, file] of files) {
    // A name with its content's hash never changes; everything else is asked for again each time.
    const isHashed = /-[0-9a-z]{8,}\.\w+$/.test(path);
    const headers = {
      ...fileHeaders(file.policy),
      "content-type": file.contentType,
      "cache-control": isHashed ? "public, max-age=31536000, immutable" : "no-cache",
    };
    let loaded: LoadedFile | undefined;
    for (const prefix of prefixes) {
      router.get(prefix + path, (c) => {
        loaded ??= load(file);
        const { body, etag } = loaded;
        c.header("etag", etag);
        if (c.req.header("if-none-match") === etag) return c.body(null, 304, headers);
        return c.body(body, 200, headers);
      });
    }
  }
}

interface LoadedFile {
  body: Uint8Array<ArrayBuffer>;
  etag: string;
}

function load(file: StaticFile): LoadedFile {
  const content = typeof file.body === "function" ? file.body() : file.body;
  const body = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return { body, etag: `"${Bun.hash(body).toString(36)}"` };
}
