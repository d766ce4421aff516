// Whether somebody looks at the page: it is in front and has the focus.
import { createObservable, type Observable } from "@windi/sdk";

export function watchAttention(page: Window): Observable<boolean> & Disposable {
  const { document } = page;
  const read = () => document.visibilityState === "visible" && document.hasFocus();
  const attention = createObservable(read());
  const update = () => attention.set(read());
  page.addEventListener("focus", update);
  page.addEventListener("blur", update);
  document.addEventListener("visibilitychange", update);
  return {
    get: attention.get,
    subscribe: attention.subscribe,
    [Symbol.dispose]() {
      page.removeEventListener("focus", update);
      page.removeEventListener("blur", update);
      document.removeEventListener("visibilitychange", update);
    },
  };
}
