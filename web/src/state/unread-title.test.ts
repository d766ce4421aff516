import { describe, expect, test } from "bun:test";
import { createObservable, type ChatTotals } from "@windi/sdk";
import { drawIcon, showUnread } from "./unread-title.ts";

function createPage() {
  const totals = createObservable<ChatTotals>({ unread: 0, unreadChats: 0, mentions: 0 });
  const shown = { title: "", icon: "", badge: -1, changes: 0 };
  const page = {
    setTitle: (title: string) => void ((shown.title = title), shown.changes++),
    setIcon: (address: string) => void (shown.icon = decodeURIComponent(address)),
    setBadge: (count: number) => void (shown.badge = count),
  };
  const unread = (count: number, mentions = 0) =>
    totals.set({ unread: count, unreadChats: Math.min(1, count), mentions });
  return { totals, shown, page, unread };
}

describe("what is unread", () => {
  test("is in the title, on the icon and on the app, always the same", () => {
    const { totals, shown, page, unread } = createPage();
    showUnread({ totals, name: "WinDI", page });
    expect(shown).toMatchObject({ title: "WinDI", badge: 0 });
    expect(shown.icon).not.toContain("<text");
    for (const count of [1, 12, 0, 7]) {
      unread(count);
      expect(shown.title).toBe(count === 0 ? "WinDI" : `(${count}) WinDI`);
      expect(shown.badge).toBe(count);
      expect(shown.icon.includes(`>${count}</text>`)).toBe(count > 0);
    }
  });

  test("is shown again only when the count is another", () => {
    const { totals, shown, page, unread } = createPage();
    showUnread({ totals, name: "WinDI", page });
    unread(3);
    unread(3, 1);
    expect(shown.changes).toBe(2);
  });

  test("leaves nothing behind at the end", () => {
    const { totals, shown, page, unread } = createPage();
    const stop = showUnread({ totals, name: "WinDI", page });
    unread(3);
    stop();
    expect(shown).toMatchObject({ title: "WinDI", badge: 0 });
    unread(4);
    expect(shown.title).toBe("WinDI");
  });

  test("of more than two digits has no room on the icon", () => {
    expect(decodeURIComponent(drawIcon(1234))).toContain(">99+</text>");
  });

  test("is shown where there is no badge for apps", () => {
    const { totals, shown, page, unread } = createPage();
    showUnread({ totals, name: "WinDI", page: { setTitle: page.setTitle, setIcon: page.setIcon } });
    unread(2);
    expect(shown).toMatchObject({ title: "(2) WinDI", badge: -1 });
  });
});
