// Which chat is open is in the address, so that reload, back and forward work.

const pattern = /^#\/chats\/([0-9a-f-]{36})$/i;

export const chatAddress = (chatId: string): string => `#/chats/${chatId}`;

interface RouteNeeds {
  window: Window;
  onChange: () => void;
}

export function createRoute({ window, onChange }: RouteNeeds) {
  const read = () => pattern.exec(window.location.hash)?.[1]?.toLowerCase();
  let current = read();

  function follow(): void {
    const next = read();
    if (next === current) return;
    // Marks the entry of a chat that was opened from the list, so that "back" need not make another entry.
    if (next && !current) window.history.replaceState({ fromList: true }, "");
    current = next;
    onChange();
  }
  window.addEventListener("hashchange", follow);
  window.addEventListener("popstate", follow);

  return {
    chatId: () => current,
    open(chatId: string): void {
      window.location.hash = chatAddress(chatId);
    },
    back(): void {
      const state: unknown = window.history.state;
      if (typeof state === "object" && state && "fromList" in state) window.history.back();
      else this.leave();
    },
    /** To the list, without a way back to a chat that is gone. */
    leave(): void {
      window.history.replaceState(null, "", "#/");
      follow();
    },
  };
}

export type Route = ReturnType<typeof createRoute>;
