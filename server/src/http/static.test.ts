import { expect, test } from "bun:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { Hono } from "hono";
import { chooseEncoding } from "./encodings.ts";
import type { RequestContext } from "./mount.ts";
import { serveFiles } from "./static.ts";

const script = "export const words = 'the same again and again';\n".repeat(100);

function serve(body: string, contentType = "text/javascript; charset=utf-8") {
  const app = new Hono<RequestContext>({ strict: false });
  serveFiles(app, new Map([["/static/app.js", { body, contentType, policy: "asset" }]]));
  return (headers: Record<string, string> = {}) => app.request("/static/app.js", { headers });
}
const bytesOf = async (answer: Response) => new Uint8Array(await answer.arrayBuffer());

test("a script comes compressed as the browser takes it, and is the same script", async () => {
  const ask = serve(script);
  const plain = await ask();
  expect(plain.headers.get("content-encoding")).toBeNull();
  expect(await plain.text()).toBe(script);
  const gzip = await ask({ "accept-encoding": "gzip, deflate" });
  expect(gzip.headers.get("content-encoding")).toBe("gzip");
  const brotli = await ask({ "accept-encoding": "gzip, deflate, br, zstd" });
  expect(brotli.headers.get("content-encoding")).toBe("br");
  const [zipped, packed] = [await bytesOf(gzip), await bytesOf(brotli)];
  expect(gunzipSync(zipped).toString()).toBe(script);
  expect(brotliDecompressSync(packed).toString()).toBe(script);
  expect(Math.max(zipped.length, packed.length)).toBeLessThan(script.length / 10);
  for (const answer of [plain, gzip, brotli]) expect(answer.headers.get("vary")).toBe("accept-encoding");
});

test("what a browser has is not sent again, and each form has a tag of its own", async () => {
  const ask = serve(script);
  const accepted = { "accept-encoding": "br" };
  const etag = (await ask(accepted)).headers.get("etag") ?? "";
  const again = await ask({ ...accepted, "if-none-match": etag });
  expect(again.status).toBe(304);
  expect((await ask({ "accept-encoding": "gzip", "if-none-match": etag })).status).toBe(200);
});

test("an image and what is small come as they are", async () => {
  const accepted = { "accept-encoding": "br" };
  for (const ask of [serve(script, "image/png"), serve("small")]) {
    const answer = await ask(accepted);
    expect(answer.headers.get("content-encoding")).toBeNull();
    expect(answer.headers.get("vary")).toBeNull();
  }
});

test.each([
  [undefined, undefined],
  ["identity", undefined],
  ["br;q=0, gzip;q=0.5", "gzip"],
  ["br;q=0.0", undefined],
  ["GZIP", "gzip"],
  ["gzip;q=0.2, br;q=0.1", "br"],
  ["brotli", undefined],
])("of %p is chosen %p", (accepted, name) => {
  expect(chooseEncoding(accepted)?.name).toBe(name as never);
});
