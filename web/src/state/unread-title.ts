// How much is unread, where it is seen while the page is not: in the title, on the icon of the tab and of the app.
import type { ChatTotals, Observable } from "@windi/sdk";

interface UnreadTitleNeeds {
  totals: Observable<ChatTotals>;
  /** What the page is called when nothing is unread. */
  name: string;
  page: {
    setTitle(title: string): void;
    setIcon(address: string): void;
    /** On the icon of an installed app; 0 takes it away. Undefined where there is none. */
    setBadge?(count: number): void;
  };
}

/** Shows it from now on; answers with a way to end this, which leaves nothing shown as unread. */
export function showUnread({ totals, name, page }: UnreadTitleNeeds): () => void {
  let shown: number | undefined;

  function show(unread: number): void {
    if (unread === shown) return;
    shown = unread;
    page.setTitle(unread === 0 ? name : `(${unread}) ${name}`);
    page.setIcon(drawIcon(unread));
    page.setBadge?.(unread);
  }

  const stop = totals.subscribe(({ unread }) => show(unread));
  return () => {
    stop();
    show(0);
  };
}

/** A speech bubble, and in its corner the count. There is room for two digits. */
export function drawIcon(unread: number): string {
  const label = unread > 99 ? "99" : String(unread);
  const plus = unread > 99 ? "+" : "";
  const badge =
    unread === 0
      ? ""
      : '<circle cx="44" cy="44" r="20" fill="#d4183d"/>' +
        `<text x="44" y="52" font-family="system-ui,sans-serif" font-size="24" font-weight="700" fill="#fff" ` +
        `text-anchor="middle">${label}${plus}</text>`;
  const bubble =
    '<path d="M10 6h44a8 8 0 0 1 8 8v26a8 8 0 0 1-8 8H28L14 60V48h-4a8 8 0 0 1-8-8V14a8 8 0 0 1 8-8z" fill="#0b7a75"/>';
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">${bubble}${badge}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
