// The pages that document the API, and everything that they load, from installed packages and from nowhere else.
import { readFileSync } from "node:fs";
import { createAsyncApi } from "./asyncapi.ts";
import { createOpenApi } from "./openapi.ts";
import type { FilePolicy, StaticFile, StaticFiles } from "./static.ts";

interface DocumentsOptions {
  /** Where this server is reached from outside; named in the AsyncAPI document. */
  publicUrl?: string | undefined;
}

const html = "text/html; charset=utf-8";
const script = "text/javascript; charset=utf-8";
const css = "text/css; charset=utf-8";
const svg = "image/svg+xml";
const plain = "text/plain; charset=utf-8";
const json = "application/json";

/**
 * `/docs` (Swagger UI), `/redoc` (ReDoc), `/openapi.json`, `/asyncapi.json` and their assets. The pages name all of
 * these relatively, so they work below any prefix.
 */
export function createDocuments({ publicUrl }: DocumentsOptions = {}): StaticFiles {
  const icon = file(ownPage("icon.svg"), svg);
  return new Map<string, StaticFile>([
    ["/openapi.json", file(JSON.stringify(createOpenApi()), json)],
    ["/asyncapi.json", file(JSON.stringify(createAsyncApi({ publicUrl })), json)],

    ["/docs", file(ownPage("swagger-ui.html"), html, "docs")],
    ["/docs/assets/start.js", file(ownPage("swagger-ui.js"), script)],
    ["/docs/assets/icon.svg", icon],
    ["/docs/assets/swagger-ui.css", file(packaged("swagger-ui-dist/swagger-ui.css"), css)],
    ["/docs/assets/swagger-ui-bundle.js", file(packaged("swagger-ui-dist/swagger-ui-bundle.js"), script)],
    [
      "/docs/assets/swagger-ui-bundle.js.LICENSE.txt",
      file(packaged("swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt"), plain),
    ],

    ["/redoc", file(ownPage("redoc.html"), html, "docs")],
    ["/redoc/assets/start.js", file(ownPage("redoc.js"), script)],
    ["/redoc/assets/page.css", file(ownPage("redoc.css"), css)],
    ["/redoc/assets/icon.svg", icon],
    ["/redoc/assets/redoc.standalone.js", file(redocBundle(), script)],
    [
      "/redoc/assets/redoc.standalone.js.LICENSE.txt",
      file(packaged("redoc/bundles/redoc.standalone.js.LICENSE.txt"), plain),
    ],
  ]);
}

const file = (body: StaticFile["body"], contentType: string, policy: FilePolicy = "asset"): StaticFile => ({
  body,
  contentType,
  policy,
});

const ownPage = (name: string) => readFileSync(new URL(`docs-pages/${name}`, import.meta.url));
const packaged = (path: string) => readFileSync(new URL(import.meta.resolve(path)));

const foreignLogo = "https://cdn.redoc.ly/redoc/logo-mini.svg";

/** ReDoc would load a logo for its footer from another host; ours takes its place. */
function redocBundle(): Uint8Array<ArrayBuffer> {
  const bytes = packaged("redoc/bundles/redoc.standalone.js");
  const start = bytes.indexOf(foreignLogo);
  if (start === -1) return bytes;
  const ownLogo = Buffer.from("redoc/assets/icon.svg");
  return Buffer.concat([bytes.subarray(0, start), ownLogo, bytes.subarray(start + foreignLogo.length)]);
}
