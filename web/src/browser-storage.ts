// What the browser keeps for us: the token while the tab lives, the choice of language for longer.

const tokenKey = "windi.token";
const languageKey = "windi.language";

/** Storage that a browser forbids is storage that remembers nothing: the page works without. */
function attempt<Result>(action: () => Result): Result | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

export function createBrowserStorage(window: Window) {
  let token = attempt(() => window.sessionStorage.getItem(tokenKey)) ?? undefined;
  return {
    token: () => token,
    setToken(value: string | undefined): void {
      token = value;
      attempt(() => {
        if (value === undefined) window.sessionStorage.removeItem(tokenKey);
        else window.sessionStorage.setItem(tokenKey, value);
      });
    },
    language: () => attempt(() => window.localStorage.getItem(languageKey)) ?? undefined,
    setLanguage(code: string): void {
      attempt(() => window.localStorage.setItem(languageKey, code));
    },
  };
}

export type BrowserStorage = ReturnType<typeof createBrowserStorage>;
