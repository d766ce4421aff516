// The icons: strokes on a grid of 24, drawn in the colour of the text around them.
const paths = {
  back: "M15 5l-7 7 7 7",
  close: "M6 6l12 12M18 6L6 18",
  plus: "M12 5v14M5 12h14",
  send: "M12 19V5M6 11l6-6 6 6",
  down: "M12 5v14M6 13l6 6 6-6",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  check: "M5 12.5l4.5 4.5L19 7.5",
  checks: "M1 12.5l5 5L16 7.5M11.5 16.5l1 1 10-10",
  clock: "M12 3a9 9 0 100 18 9 9 0 000-18M12 7.5V12l3 2",
  alert: "M12 3a9 9 0 100 18 9 9 0 000-18M12 7.5v5.5M12 16v.5",
  people:
    "M9 11.5a3.5 3.5 0 100-7 3.5 3.5 0 000 7M2.5 20c0-3.6 2.9-6 6.5-6s6.5 2.4 6.5 6M16 4.8a3.5 3.5 0 010 6.4M18 14.6c2.1.8 3.5 2.7 3.5 5.4",
  details: "M12 3a9 9 0 100 18 9 9 0 000-18M12 11.5V16M12 8v.5",
  chat: "M4 5h16v11H11l-5 4v-4H4z",
} as const;

export type IconName = keyof typeof paths;

const svg = "http://www.w3.org/2000/svg";

/** An icon beside words that say the same; for an icon that stands alone see `labelledIcon`. */
export function icon(name: IconName): SVGSVGElement {
  const element = document.createElementNS(svg, "svg");
  element.setAttribute("viewBox", "0 0 24 24");
  element.setAttribute("class", "icon");
  element.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(svg, "path");
  path.setAttribute("d", paths[name]);
  element.append(path);
  return element;
}

/** An icon that says something by itself. */
export function labelledIcon(name: IconName, label: string): SVGSVGElement {
  const element = icon(name);
  element.removeAttribute("aria-hidden");
  element.setAttribute("role", "img");
  element.setAttribute("aria-label", label);
  const title = document.createElementNS(svg, "title");
  title.textContent = label;
  element.prepend(title);
  return element;
}
