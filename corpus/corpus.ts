// The corpus of real sentences: reads the three text files beside it and mixes them into a reproducible stream.
import { readFileSync } from "node:fs";

export type Corpus = { english: string[]; russian: string[]; special: string[] };
export type Sentences = { next(): string };

/** Reads the files synchronously; each message in the order of its file, with its newlines restored. */
export function loadCorpus(): Corpus {
  return {
    english: readMessages("english.txt"),
    russian: readMessages("russian.txt"),
    special: readMessages("special.txt"),
  };
}

/**
 * An endless stream of messages that read like conversations: runs of consecutive Russian lines (55 % of all) alternate
 * with runs of English ones (35 %), and special messages (10 %) fall in between. The same seed and corpus give the same
 * stream. No list may be empty.
 */
export function createSentences(seed: number, corpus: Corpus = loadCorpus()): Sentences {
  const random = createRandom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const russian = { lines: corpus.russian, shortest: 4, longest: 7 };
  const english = { lines: corpus.english, shortest: 2, longest: 5 };

  let voice = random() < 0.5 ? russian : english;
  let position = 0;
  let left = 0;

  function next(): string {
    if (random() < 0.1) return lineAt(corpus.special, below(corpus.special.length));
    if (left === 0) {
      voice = voice === russian ? english : russian;
      position = below(voice.lines.length);
      left = voice.shortest + below(voice.longest - voice.shortest + 1);
    }
    left--;
    return lineAt(voice.lines, position++ % voice.lines.length);
  }

  return { next };
}

function readMessages(name: string): string[] {
  const content = readFileSync(new URL(name, import.meta.url), "utf8");
  // Only real line ends separate messages; U+2028 and its like belong to their message.
  return content
    .split(/\r?\n/)
    .filter((line) => line !== "")
    .map(restore);
}

const restore = (line: string) => line.replace(/\\([n\\])/g, (_, sign) => (sign === "n" ? "\n" : "\\"));

function lineAt(lines: string[], index: number): string {
  const line = lines[index];
  if (line === undefined) throw new RangeError("A list of the corpus is empty");
  return line;
}

/** mulberry32, public domain, by Tommy Ettinger: numbers from 0 up to but without 1. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
