// Files that the server hands out: a map from path to bytes that is complete at start, so no path ever reaches the disk.
import { fileHeaders } from "./headers.ts";
import { prefixes } from "./mount.ts";
import type { Router } from "./router.ts";

/** `page` and `docs` name the Content-Security-Policy; everything that is not a document is an `asset`. */
export type FilePolicy = "page" | "docs" | "asset";

export interface StaticFile {
  body: string | Uint8Array<ArrayBuffer>;
  contentType: string;
  policy: FilePolicy;
}

/** Path (`/docs`, `/static/app.js`) → file. Each is also served below `/api/v1`. */
export type StaticFiles = ReadonlyMap<string, StaticFile>;

/** Serves the files at their paths and below /api/v1, with an entity tag so that nothing is sent twice. */
export function serveFiles(router: Router, files: StaticFiles): void {
  for (const [path, file] of files) {
    const body = typeof file.body === "string" ? new TextEncoder().encode(file.body) : file.body;
    const etag = `"${Bun.hash(body).toString(36)}"`;
    // A name with its content's hash never changes; everything else is asked for again each time.
    const isHashed = /-[0-9a-z]{8,}\.\w+$/.test(path);
    const headers = {
      ...fileHeaders(file.policy),
      "content-type": file.contentType,
      "cache-control": isHashed ? "public, max-age=31536000, immutable" : "no-cache",
      etag,
    };
    for (const prefix of prefixes) {
      router.get(prefix + path, (c) => {
        if (c.req.header("if-none-match") === etag) return c.body(null, 304, headers);
        return c.body(body, 200, headers);
      });
    }
  }
}
