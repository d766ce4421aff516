// One's own message comes up a little as it is sent.

const riseMs = 140;

export function rise(element: HTMLElement): void {
  if (element.ownerDocument.defaultView?.matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  element.animate([{ transform: "translateY(8px)", opacity: 0.4 }, {}], {
    duration: riseMs,
    easing: "ease-out",
  });
}
