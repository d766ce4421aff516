import { describe, expect, test } from "bun:test";
import { createPreferences } from "./preferences.ts";

function createStorage(text?: string) {
  const values = new Map(text === undefined ? [] : [["windi.preferences", text]]);
  return {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
  };
}

describe("preferences", () => {
  test("begin with the person's language and the system's theme", () => {
    const preferences = createPreferences({ storage: createStorage(), languages: ["ru-RU"] });
    expect(preferences.get()).toMatchObject({ language: "ru", theme: "system", enterSends: true });
  });

  test("are there again at the next start", () => {
    const storage = createStorage();
    createPreferences({ storage, languages: [] }).change({ theme: "dark", listWidth: 400 });
    const { theme, listWidth } = createPreferences({ storage, languages: [] }).get();
    expect([theme, listWidth]).toEqual(["dark", 400]);
  });

  test("that make no sense any more are left out", () => {
    const kept = { theme: "pink", density: "compact", listWidth: 5000, enterSends: "yes", language: "xx" };
    const storage = createStorage(JSON.stringify(kept));
    expect(createPreferences({ storage, languages: ["en"] }).get()).toMatchObject({
      theme: "system",
      density: "compact",
      listWidth: 320,
      enterSends: true,
      language: "en",
    });
  });

  test("work where the browser keeps nothing, or rubbish", () => {
    expect(createPreferences({ storage: undefined, languages: [] }).get().theme).toBe("system");
    for (const text of ["{", "null", "3"])
      expect(createPreferences({ storage: createStorage(text), languages: [] }).get().accent).toBe("teal");
  });
});
