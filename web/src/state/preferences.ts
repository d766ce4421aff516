// How this person likes the client on this device: kept in the browser, and nothing of it is secret.
import { createObservable, type Observable } from "@windi/sdk";
import { chooseLanguage, isLanguageCode, type LanguageCode } from "../messages/language.ts";

export const themes = ["system", "light", "dark"] as const;
export const accents = ["teal", "blue", "violet", "rose", "amber", "green"] as const;
export const densities = ["comfortable", "compact"] as const;

export interface PreferenceValues {
  readonly language: LanguageCode;
  readonly theme: (typeof themes)[number];
  readonly accent: (typeof accents)[number];
  readonly density: (typeof densities)[number];
  /** Whether Enter sends, and Shift+Enter begins a line; else Enter begins a line, and Ctrl+Enter sends. */
  readonly enterSends: boolean;
  readonly notifies: boolean;
  readonly sounds: boolean;
  /** Width of the list in pixels. */
  readonly listWidth: number;
}

export interface Preferences extends Observable<PreferenceValues> {
  change(values: Partial<PreferenceValues>): void;
}

export const listWidths = { least: 260, most: 420 } as const;
const key = "windi.preferences";

interface PreferencesNeeds {
  /** Undefined where the browser forbids it: then nothing is remembered. */
  storage: Pick<Storage, "getItem" | "setItem"> | undefined;
  /** The person's languages, the best first. */
  languages: readonly string[];
}

export function createPreferences({ storage, languages }: PreferencesNeeds): Preferences {
  const values = createObservable(read(storage?.getItem(key), languages));
  return {
    get: values.get,
    subscribe: values.subscribe,
    change(change) {
      values.set({ ...values.get(), ...change });
      storage?.setItem(key, JSON.stringify(values.get()));
    },
  };
}

/** Of what is kept, whatever still makes sense. */
function read(text: string | null | undefined, languages: readonly string[]): PreferenceValues {
  const kept = parse(text);
  const oneOf = <Value extends string>(values: readonly [Value, ...Value[]], value: unknown): Value =>
    values.find((known) => known === value) ?? values[0];
  const isOn = (value: unknown, otherwise: boolean) => (typeof value === "boolean" ? value : otherwise);
  const { language, listWidth } = kept;
  return {
    language: typeof language === "string" && isLanguageCode(language) ? language : chooseLanguage(languages),
    theme: oneOf(themes, kept["theme"]),
    accent: oneOf(accents, kept["accent"]),
    density: oneOf(densities, kept["density"]),
    enterSends: isOn(kept["enterSends"], true),
    notifies: isOn(kept["notifies"], false),
    sounds: isOn(kept["sounds"], true),
    listWidth:
      typeof listWidth === "number" && listWidth >= listWidths.least && listWidth <= listWidths.most
        ? listWidth
        : 320,
  };
}

function parse(text: string | null | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? "{}");
    return typeof value === "object" && value ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
