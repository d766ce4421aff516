// What the server gives out and later takes back only if it is unchanged: a text with a code that nobody else can make.
import { createHmac, createSecretKey, hkdfSync, timingSafeEqual } from "node:crypto";

export interface Seal {
  /** The text, a dot, and 43 characters that belong to it. */
  close(text: string): string;
  /** The text; undefined for whatever was not closed by this seal. */
  open(sealed: string): string | undefined;
}

/** @param purpose what is sealed for one purpose is worth nothing for another, nor for access tokens */
export function createSeal(secret: string, purpose: string): Seal {
  const key = createSecretKey(Buffer.from(hkdfSync("sha256", secret, "", `windi ${purpose}`, 32)));
  const codeOf = (text: string) => createHmac("sha256", key).update(text).digest("base64url");
  return {
    close: (text) => `${text}.${codeOf(text)}`,
    open(sealed) {
      const end = sealed.lastIndexOf(".");
      const text = sealed.slice(0, Math.max(end, 0));
      const [given, right] = [Buffer.from(sealed.slice(end + 1)), Buffer.from(codeOf(text))];
      return given.length === right.length && timingSafeEqual(given, right) ? text : undefined;
    },
  };
}
