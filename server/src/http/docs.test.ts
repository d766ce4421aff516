import { describe, expect, test } from "bun:test";
import { createDocuments } from "./docs.ts";

const files = createDocuments({ publicUrl: "https://chat.example.com" });

function read(path: string): string {
  const body = files.get(path)?.body ?? "";
  const content = typeof body === "function" ? body() : body;
  return typeof content === "string" ? content : new TextDecoder().decode(content);
}

describe("the documents", () => {
  test.each([...files.keys()])("%s has content", (path) => {
    expect(read(path)).not.toBe("");
  });

  test("are OpenAPI, and AsyncAPI that names the public address", () => {
    expect(JSON.parse(read("/openapi.json"))).toHaveProperty("openapi");
    expect(read("/asyncapi.json")).toContain('"host":"chat.example.com"');
  });

  test.each(["/docs", "/redoc"])("%s loads only files that are served, and runs nothing inline", (path) => {
    const html = read(path);
    const named = [...html.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, address = ""]) => address);
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((address) => !files.has(address))).toEqual([]);
    expect(html).not.toMatch(/<script(?![^>]* src=)|<style|\son\w+=|javascript:/i);
    expect(files.get(path)?.policy).toBe("docs");
  });

  test("no logo comes from another host", () => {
    const bundle = read("/redoc/assets/redoc.standalone.js");
    expect(bundle).not.toContain("cdn.redoc.ly");
    expect(bundle).toContain('"/redoc/assets/icon.svg"');
  });

  test("only the two pages are documents", () => {
    const pages = [...files].filter(([, { policy }]) => policy !== "asset").map(([path]) => path);
    expect(pages).toEqual(["/docs", "/redoc"]);
  });
});
