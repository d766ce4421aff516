import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { actions, closeCodes, endpoints, errors } from "@windi/protocol";
import { createProtocolDocument } from "./protocol-document.ts";

const document = createProtocolDocument();

describe("docs/protocol.md", () => {
  test("is what the contract says", async () => {
    const written = await readFile(new URL("../docs/protocol.md", import.meta.url), "utf8");
    expect(written === document, "docs/protocol.md is not up to date; write it: npm run generate").toBe(true);
  });

  test("names every call, action, error and close code", () => {
    for (const { method, path } of Object.values(endpoints))
      expect(document).toContain(`### ${method} ${path}\n`);
    for (const name of Object.keys(actions)) expect(document).toContain(`#### ${name}\n`);
    for (const [name, { status }] of Object.entries(errors)) {
      expect(document).toContain(`| \`${name}\` | ${status} |`);
    }
    for (const { code } of Object.values(closeCodes)) expect(document).toContain(`| ${code} |`);
  });

  test("every link leads to a heading", () => {
    const headings = [...document.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w -]/g, "")
        .replaceAll(" ", "-"),
    );
    const links = [...document.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor = ""]) => anchor);
    expect(links.length).toBeGreaterThan(20);
    expect(links.filter((anchor) => !headings.includes(anchor))).toEqual([]);
    expect(new Set(headings).size).toBe(headings.length);
  });
});
