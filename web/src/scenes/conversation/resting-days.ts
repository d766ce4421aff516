// The day that sticks at the top lies over messages: while the list rests it goes, and comes back as the reader scrolls.

const restMs = 1200;
/** As near to the end, in pixels, nobody asks for the day; new messages scroll there by themselves. */
const endReach = 50;

/** Marks each day over a message with `is-resting`. Answers with what ends it. */
export function restDays(list: HTMLElement): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;

  function rest(): void {
    for (const day of list.querySelectorAll<HTMLElement>(".day")) {
      const section = day.parentElement?.getBoundingClientRect();
      // In its own place it is above the first message of its day.
      const isStuck =
        section !== undefined && day.getBoundingClientRect().top - section.top > day.offsetHeight;
      day.classList.toggle("is-resting", isStuck);
    }
  }

  function wake(): void {
    clearTimeout(timer);
    timer = setTimeout(rest, restMs);
    if (list.scrollHeight - list.clientHeight - list.scrollTop <= endReach) return;
    for (const day of list.querySelectorAll(".day.is-resting")) day.classList.remove("is-resting");
  }

  list.addEventListener("scroll", wake, { passive: true });
  return () => {
    clearTimeout(timer);
    list.removeEventListener("scroll", wake);
  };
}
