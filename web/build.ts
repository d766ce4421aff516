// Builds the web client into dist: hashed scripts and styles, the page that names them, and its service worker.
import { copyFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { build } from "vite";

const root = import.meta.dir;
const output = join(root, "dist");

await build({
  root,
  configFile: false,
  logLevel: "warn",
  base: "/static/",
  publicDir: "public",
  // Elements are made one by one: no string of HTML, so the page needs no policy of Trusted Types.
  plugins: [svelte({ configFile: false, compilerOptions: { fragments: "tree" } })],
  resolve: { alias: { "@windi/sdk": join(root, "..", "sdk", "src", "index.ts") } },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2023",
    // What is inlined as data: would need a looser Content-Security-Policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        entryFileNames: "app-[hash].js",
        chunkFileNames: "[name]-[hash].js",
        assetFileNames: "[name]-[hash][extname]",
        hashCharacters: "base36",
      },
    },
  },
});
await copyFile(join(root, "manifest.webmanifest"), join(output, "manifest.webmanifest"));
await buildWorker();

/** The service worker names what it keeps; so each change of a file makes another worker, which browsers find. */
async function buildWorker(): Promise<void> {
  const names = (await readdir(output)).filter((name) => /\.(js|css|svg|png|html)$/.test(name)).toSorted();
  const contents = await Promise.all(
    names.map(async (name) => Bun.hash(await Bun.file(join(output, name)).bytes())),
  );
  const files = names.filter((name) => name !== "index.html").map((name) => `/static/${name}`);
  const { outputs } = await Bun.build({
    entrypoints: [join(root, "worker", "worker.ts")],
    target: "browser",
    format: "iife",
    minify: true,
    define: {
      builtFiles: JSON.stringify(files),
      builtVersion: JSON.stringify(Bun.hash(contents.join()).toString(36)),
    },
  });
  const [worker] = outputs;
  if (!worker) throw new Error("The build gave no service worker");
  await Bun.write(join(output, "sw.js"), worker);
}
