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

/** `/docs` (Swagger UI), `/redoc` (ReDoc), `/openapi.json`, `/asyncapi.json`, and the assets of the pages. */
export function createDocuments({ publicUrl }: DocumentsOptions = {}): StaticFiles {
  return new Map<string, StaticFile>([
    ["/openapi.json", file(() => JSON.stringify(createOpenApi()), json)],
    ["/asyncapi.json", file(() => JSON.stringify(createAsyncApi({ publicUrl })), json)],

    ["/docs", file(ownFile("swagger-ui.html"), html, "docs")],
    ["/docs/assets/start.js", file(ownFile("swagger-ui.js"), script)],
    ["/docs/assets/icon.svg", file(ownFile("icon.svg"), svg)],
    ["/docs/assets/swagger-ui.css", file(packageFile("swagger-ui-dist/swagger-ui.css"), css)],
    ["/docs/assets/swagger-ui-bundle.js", file(packageFile(swaggerUi), script)],
    ["/docs/assets/swagger-ui-bundle.js.LICENSE.txt", file(packageFile(`${swaggerUi}.LICENSE.txt`), plain)],

    ["/redoc", file(ownFile("redoc.html"), html, "docs")],
    ["/redoc/assets/start.js", file(ownFile("redoc.js"), script)],
    ["/redoc/assets/page.css", file(ownFile("redoc.css"), css)],
    ["/redoc/assets/icon.svg", file(ownFile("icon.svg"), svg)],
    ["/redoc/assets/redoc.standalone.js", file(redocWithoutForeignLogo, script)],
    ["/redoc/assets/redoc.standalone.js.LICENSE.txt", file(packageFile(`${redoc}.LICENSE.txt`), plain)],
  ]);
}

const swaggerUi = "swagger-ui-dist/swagger-ui-bundle.js";
const redoc = "redoc/bundles/redoc.standalone.js";

const file = (body: StaticFile["body"], contentType: string, policy: FilePolicy = "asset"): StaticFile => ({
  body,
  contentType,
  policy,
});

const ownFile = (name: string) => () => readFileSync(new URL(`docs-pages/${name}`, import.meta.url));
const packageFile = (path: string) => () => readFileSync(new URL(import.meta.resolve(path)));

const foreignLogo = "https://cdn.redoc.ly/redoc/logo-mini.svg";

/** ReDoc would load a logo for its footer from another host; our icon takes its place. */
function redocWithoutForeignLogo(): Uint8Array<ArrayBuffer> {
  const bytes = packageFile(redoc)();
  const start = bytes.indexOf(foreignLogo);
  if (start === -1) return bytes;
  const logo = Buffer.from("/redoc/assets/icon.svg");
  return Buffer.concat([bytes.subarray(0, start), logo, bytes.subarray(start + foreignLogo.length)]);
}
