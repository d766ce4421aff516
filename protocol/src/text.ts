// Strings as people mean them: length in characters, and only what PostgreSQL can store.
import { z } from "zod";

/** Unicode characters (code points), the way the seed counts: an emoji is 1 where JavaScript's length says 2. */
export function countCharacters(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length - 1; i++) {
    if (isHighSurrogate(text.charCodeAt(i)) && isLowSurrogate(text.charCodeAt(i + 1))) {
      count--;
      i++;
    }
  }
  return count;
}

/**
 * A string of `min`–`max` characters without NUL and without half of a surrogate pair: PostgreSQL refuses the one,
 * UTF-8 cannot hold the other, and silently changing what somebody wrote is worse than a clear error.
 */
export function text(min: number, max: number) {
  return z
    .string()
    .superRefine((value, context) => {
      const problem = findProblem(value, min, max);
      if (problem) context.addIssue({ code: "custom", message: problem });
    })
    .meta({ minLength: min, maxLength: max });
}

function findProblem(value: string, min: number, max: number): string | undefined {
  // The cheap test first: what is within the limit in UTF-16 units is also within it in characters.
  const tooLong = value.length > max && (value.length > 2 * max || countCharacters(value) > max);
  if (tooLong) return `Must have at most ${max} character(s)`;
  if (value.length < min || (min > 1 && countCharacters(value) < min))
    return `Must have at least ${min} character(s)`;
  if (value.includes("\0")) return "Must not contain the character U+0000; remove it";
  if (!value.isWellFormed()) return "Must be well-formed Unicode; a surrogate stands alone";
  return undefined;
}

const isHighSurrogate = (unit: number) => unit >= 0xd800 && unit <= 0xdbff;
const isLowSurrogate = (unit: number) => unit >= 0xdc00 && unit <= 0xdfff;

/** Any UUID, whatever its version, in lower case, so that one id has one spelling. */
export const Id = z.guid().toLowerCase().meta({ description: "A UUID." });
export type Id = z.infer<typeof Id>;

/** A moment in UTC as ISO 8601 with milliseconds: `2026-01-31T09:00:00.000Z`. */
export const Timestamp = z.iso.datetime().meta({ description: "UTC, ISO 8601 with milliseconds." });
export type Timestamp = z.infer<typeof Timestamp>;
