// What the generator reads in a server's frames without parsing them: the chat and seq of a message, the request's number.

/** The event of a message begins with this, its id and its chat's id, each of 36 characters. */
const beginning = Buffer.from('{"event":"new_message","data":{"id":"');
const chatIdAt = beginning.length + 36 + '","chat_id":"'.length;
const seqAt = chatIdAt + 36 + '","seq":'.length;
const [quote, zero, nine] = [34, 48, 57];

/** Undefined if the frame that begins at `start` is not a new message. */
export function messageSeq(chunk: Buffer, start: number): number | undefined {
  for (let place = 0; place < beginning.length; place++) {
    if (chunk[start + place] !== beginning[place]) return undefined;
  }
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

const isDigit = (byte: number | undefined) => byte !== undefined && byte >= zero && byte <= nine;

function numberAt(chunk: Buffer, start: number): number | undefined {
  let value = 0;
  let at = start;
  for (; isDigit(chunk[at]); at++) value = value * 10 + (chunk[at] as number) - zero;
  return at === start ? undefined : value;
}
