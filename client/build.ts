// Builds the web client into dist: hashed scripts and styles, the page that names them, and a mark that all is done.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { build } from "vite";

const root = import.meta.dir;
const mark = join(root, "dist", ".built");

// Without the mark a build that breaks off here is seen as none.
await rm(mark, { force: true });
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
await Bun.write(mark, "");
