// What the generator reads in a server's frames without parsing them: a message's chat and seq, and the generator's own number.

const chatIdAt = '{"event":"new_message","data":{"id":"'.length + 36 + '","chat_id":"'.length;
const seqAt = chatIdAt + 36 + '","seq":'.length;
/** What follows the idempotency key in a message that names nobody and is as it was sent. */
const afterKey = '","mentions":[],"edited_at":null,"deleted_at":null}}'.length;
const [quote, colon, zero, nine, e, n] = [34, 58, 48, 57, 101, 110];

/** Undefined if the frame that begins at `start` is not a new message. */
export function messageSeq(chunk: Buffer, start: number): number | undefined {
  // `{"event":"new_message"` is the one frame that has these where they are.
  if (chunk[start + 2] !== e || chunk[start + 10] !== n || chunk[start + seqAt - 1] !== colon)
    return undefined;
  return numberAt(chunk, start + seqAt);
}

export const messageChatId = (chunk: Buffer, start: number) =>
  chunk.toString("latin1", start + chatIdAt, start + chatIdAt + 36);

/** The number that the client gave as `request_id`, which ends the frame; undefined if it has none. */
export function answerPlace(chunk: Buffer, end: number): number | undefined {
  const last = end - 2;
  if (chunk[last] !== quote) return undefined;
  let start = last;
  while (isDigit(chunk[start - 1])) start--;
  return chunk[start - 1] === quote ? numberAt(chunk, start) : undefined;
}

/** The number at the end of the message's idempotency key; the frame is a new message. */
export function keyNumber(chunk: Buffer, end: number): number | undefined {
  const place = answerPlace(chunk, end);
  if (place !== undefined) return place;
  const last = end - afterKey;
  let start = last;
  while (isDigit(chunk[start - 1])) start--;
  return chunk[last] === quote ? numberAt(chunk, start) : undefined;
}

const isDigit = (byte: number | undefined) => byte !== undefined && byte >= zero && byte <= nine;

function numberAt(chunk: Buffer, start: number): number | undefined {
  let value = 0;
  let at = start;
  for (; isDigit(chunk[at]); at++) value = value * 10 + (chunk[at] as number) - zero;
  return at === start ? undefined : value;
}
