// Builds the page's elements; text only ever becomes text, there is no HTML string anywhere.

type Attribute = string | number | boolean | undefined | ((event: Event) => void);
export type Attributes = Record<string, Attribute> & { style?: never };
export type Child = Node | string | false | undefined;

/** An element. `on…` attributes are listeners, `true` is an empty attribute, `false` and `undefined` are none. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  set(element, attributes);
  element.append(...children.filter((child) => child !== false && child !== undefined));
  return element;
}

export function set(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === undefined || value === false) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
}

/** Makes `nodes` the children of `parent`; what stays is not touched, so it keeps its focus and is not read out again. */
export function arrange(parent: Element, nodes: readonly Node[]): void {
  const staying = new Set(nodes);
  for (const child of Array.from(parent.childNodes)) if (!staying.has(child)) child.remove();
  let next: Node | null = parent.firstChild;
  for (const node of nodes) {
    if (node === next) next = next.nextSibling;
    else parent.insertBefore(node, next);
  }
}

/** Sets the text of an element if it differs, so that nothing is read out twice. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
