// Files that the server hands out: a map whose paths are all known at start, so no path ever reaches the disk.
import { chooseEncoding, isWorthCompressing, type Encoding } from "./encodings.ts";
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
        const [encoding, etag, body] = loaded.choose(c.req.header("accept-encoding"));
        c.header("etag", etag);
        if (encoding) c.header("content-encoding", encoding.name);
        if (loaded.varies) c.header("vary", "accept-encoding", { append: true });
        if (c.req.header("if-none-match") === etag) return c.body(null, 304, headers);
        return c.body(body(), 200, headers);
      });
    }
  }
}

interface LoadedFile {
  /** What the browser takes, its entity tag, and its bytes, which are compressed when they are first asked for. */
  choose: (accepted: string | undefined) => [Encoding | undefined, string, () => Uint8Array<ArrayBuffer>];
  varies: boolean;
}

function load(file: StaticFile): LoadedFile {
  const content = typeof file.body === "function" ? file.body() : file.body;
  const body = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const hash = Bun.hash(body).toString(36);
  const compressed = new Map<Encoding, Uint8Array<ArrayBuffer>>();
  const varies = isWorthCompressing(file.contentType, body.length);
  return {
    varies,
    choose(accepted) {
      const encoding = varies ? chooseEncoding(accepted) : undefined;
      if (!encoding) return [undefined, `"${hash}"`, () => body];
      const read = () => {
        const known = compressed.get(encoding) ?? encoding.compress(body);
        compressed.set(encoding, known);
        return known;
      };
      return [encoding, `"${hash}-${encoding.name}"`, read];
    },
  };
}
