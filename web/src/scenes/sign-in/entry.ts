// What a stranger types on the first page, and what is wrong with it.
import { isApiError } from "@windi/sdk";
import type { SentenceKey } from "../../messages/catalogue.ts";

export type Mode = "sign_in" | "register";
export type FieldName = "name" | "email" | "password";

/** Lives longer than the scene, which is made anew when the language changes. */
export interface Entry {
  /** Undefined until the person, or what the server says, has chosen. */
  mode: Mode | undefined;
  name: string;
  email: string;
  password: string;
  /** The scene was made anew because the language was changed in it: there the focus returns. */
  isLanguageChanged: boolean;
}

export type Faults = Partial<Record<FieldName, SentenceKey>>;

export const createEntry = (): Entry => ({
  mode: undefined,
  name: "",
  email: "",
  password: "",
  isLanguageChanged: false,
});

const countCharacters = (text: string): number => Array.from(text).length;

/** The fields in their order. Signing in asks only that nothing is empty: what is wrong then, the server says. */
export function findFaults(mode: Mode, { name, email, password }: Entry): Faults {
  const isEmailPlausible = /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email.trim());
  if (mode === "sign_in")
    return {
      ...(email.trim() === "" && { email: "field_email" }),
      ...(password === "" && { password: "field_password_missing" }),
    };
  return {
    ...((name.trim() === "" || countCharacters(name.trim()) > 128) && { name: "field_name" }),
    ...(!isEmailPlausible && { email: "field_email" }),
    ...(countCharacters(password) < 8 && { password: "field_password" }),
    ...(new TextEncoder().encode(password).length > 512 && { password: "field_password_long" }),
  };
}

/** Where the server's refusal belongs; undefined when it concerns no field, but the attempt as a whole. */
export function placeFailure(mode: Mode, error: unknown): Faults | undefined {
  if (isApiError(error, "user_exists")) return { email: "error_user_exists" };
  if (isApiError(error, "invalid_credentials")) return { password: "error_invalid_credentials" };
  if (!isApiError(error, "invalid_request")) return undefined;
  const sentences: Required<Faults> = {
    name: "field_name",
    email: "field_email",
    password: mode === "register" ? "field_password" : "field_password_missing",
  };
  const named = (Object.keys(sentences) as FieldName[]).filter((field) =>
    error.fields.some(({ loc }) => loc.at(-1) === field),
  );
  return named.length > 0 ? Object.fromEntries(named.map((field) => [field, sentences[field]])) : undefined;
}
