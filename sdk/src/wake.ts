// Signs that it is worth trying at once: in a browser, the network or the person has come back.

/** Calls when there is such a sign; answers with a function that ends this. */
export type WakeSource = (wake: () => void) => () => void;

export const watchBrowser: WakeSource = (wake) => {
  if (typeof document === "undefined" || typeof window === "undefined") return () => {};
  const wakeIfVisible = () => {
    if (document.visibilityState === "visible") wake();
  };
  window.addEventListener("online", wake);
  document.addEventListener("visibilitychange", wakeIfVisible);
  return () => {
    window.removeEventListener("online", wake);
    document.removeEventListener("visibilitychange", wakeIfVisible);
  };
};
