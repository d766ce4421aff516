// Messages of one size: real sentences, cut to exactly so many bytes of UTF-8.
import { createSentences, loadCorpus } from "../corpus/corpus.ts";

export const textBytes = 200;

/** `count` texts of 200 bytes each, the same for each run. */
export function createTexts(count: number): string[] {
  const sentences = createSentences(1, loadCorpus());
  const encoder = new TextEncoder();
  return Array.from({ length: count }, () => {
    let text = sentences.next();
    while (encoder.encode(text).length < textBytes) text += ` ${sentences.next()}`;
    const whole = cut(text, encoder);
    return whole + ".".repeat(textBytes - encoder.encode(whole).length);
  });
}

/** The longest beginning that fits, without half a character. */
function cut(text: string, encoder: TextEncoder): string {
  const { read } = encoder.encodeInto(text, new Uint8Array(textBytes));
  return text.slice(0, read);
}
