// Messages of one size: real sentences, cut to exactly so many bytes of UTF-8.
import { createSentences, loadCorpus } from "../corpus/corpus.ts";

export const textBytes = 200;

/** `count` texts of so many bytes each, the same for each run. */
export function createTexts(count: number, bytes = textBytes): string[] {
  const sentences = createSentences(1, loadCorpus());
  const encoder = new TextEncoder();
  return Array.from({ length: count }, () => {
    let text = sentences.next();
    while (encoder.encode(text).length < bytes) text += ` ${sentences.next()}`;
    const whole = cut(text, bytes, encoder);
    return whole + ".".repeat(bytes - encoder.encode(whole).length);
  });
}

/** The longest beginning that fits, without half a character. */
function cut(text: string, bytes: number, encoder: TextEncoder): string {
  const { read } = encoder.encodeInto(text, new Uint8Array(bytes));
  return text.slice(0, read);
}
