// Which requests the service worker answers from what it keeps: the page and its files, and nothing else.

export type Kind = "page" | "file" | "other";

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly mode: string;
}

/** @param files paths of the page's files, as they are kept */
export function kindOf({ method, url, mode }: Asked, origin: string, files: ReadonlySet<string>): Kind {
  const { origin: asked, pathname } = new URL(url);
  if (method !== "GET" || asked !== origin) return "other";
  if (mode === "navigate") return pathname === "/" ? "page" : "other";
  return files.has(pathname) ? "file" : "other";
}
