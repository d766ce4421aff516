// Builds the web client into web/dist: one script, one style sheet, the page that names them, and a mark that all is done.
import { mkdir, readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";

const source = join(import.meta.dir, "src");
const output = join(import.meta.dir, "dist");
const mark = join(output, ".built");

async function build(): Promise<void> {
  await mkdir(output, { recursive: true });
  const older = await readdir(output);
  // Without the mark a build that breaks off here is seen as none.
  await rm(mark, { force: true });

  const { outputs } = await Bun.build({
    entrypoints: [join(source, "main.ts"), join(source, "styles", "app.css")],
    outdir: output,
    naming: "app-[hash].[ext]",
    target: "browser",
    format: "esm",
    minify: true,
  });
  const names = outputs.map((file) => basename(file.path));
  const page = await Bun.file(join(source, "index.html")).text();
  const written = page
    .replace("app.js", `/static/${nameOf(names, ".js")}`)
    .replace("app.css", `/static/${nameOf(names, ".css")}`);
  await Bun.write(join(output, "index.html"), written);

  const current = new Set([...names, "index.html"]);
  await Promise.all(
    older
      .filter((name) => !current.has(name))
      .map((name) => rm(join(output, name), { recursive: true, force: true })),
  );
  await Bun.write(mark, "");
}

function nameOf(names: readonly string[], extension: string): string {
  const name = names.find((candidate) => candidate.endsWith(extension));
  if (name === undefined) throw new Error(`The build gave no ${extension} file`);
  return name;
}

await build();
