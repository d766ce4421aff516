// The signs by which a page is seen among others: its title, the icon of its tab, and the badge of an installed app.

export function pageSigns({ document, navigator }: Window) {
  function setIcon(address: string): void {
    const icon = document.querySelector<HTMLLinkElement>("link[rel=icon]") ?? document.createElement("link");
    icon.rel = "icon";
    icon.href = address;
    document.head.append(icon);
  }
  return {
    setTitle: (title: string): void => void (document.title = title),
    setIcon,
    ...("setAppBadge" in navigator && {
      // An app that is not installed has no badge, and that is no fault.
      setBadge: (count: number): void =>
        void (count === 0 ? navigator.clearAppBadge() : navigator.setAppBadge(count)).catch(() => {}),
    }),
  };
}
