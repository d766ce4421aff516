// A finger that rests on something for a moment, as touch screens ask for a menu.

const restMs = 500;
/** A finger is never quite still. */
const slackPx = 10;

/** For `{@attach}`: calls with what the finger rests on; the press that follows its leaving does nothing. */
export function longPress(run: (target: EventTarget | null, point: { x: number; y: number }) => void) {
  return (element: HTMLElement) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let from = { x: 0, y: 0 };
    let isDone = false;

    function begin(event: PointerEvent): void {
      cancel();
      isDone = false;
      if (event.pointerType === "mouse" || !event.isPrimary) return;
      from = { x: event.clientX, y: event.clientY };
      timer = setTimeout(() => {
        isDone = true;
        run(event.target, from);
      }, restMs);
    }
    const cancel = () => clearTimeout(timer);
    function move({ clientX, clientY }: PointerEvent): void {
      if (Math.hypot(clientX - from.x, clientY - from.y) > slackPx) cancel();
    }
    function swallow(event: Event): void {
      if (!isDone) return;
      event.preventDefault();
      event.stopPropagation();
      if (event.type === "click") isDone = false;
    }

    const heard = [
      ["pointerdown", begin],
      ["pointermove", move],
      ["pointerup", cancel],
      ["pointercancel", cancel],
      ["contextmenu", swallow],
      ["click", swallow],
    ] as const;
    for (const [type, listener] of heard) element.addEventListener(type, listener as EventListener, true);
    return () => {
      cancel();
      for (const [type, listener] of heard)
        element.removeEventListener(type, listener as EventListener, true);
    };
  };
}
