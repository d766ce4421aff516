// HTTP made by hand on a TCP connection: for requests that no proper client sends.
import { connect } from "node:net";

export interface RawAnswer {
  /** 0: the connection was closed without an answer. */
  status: number;
  headers: Headers;
  text: string;
}

/**
 * Sends the head and the pieces of the body as they are, and reads one answer: up to its `Content-Length`, to the end of
 * the connection, or to the agreement to upgrade.
 */
export function exchange(
  url: string,
  head: readonly string[],
  body: Iterable<string | Uint8Array> = [],
): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const { promise, resolve } = Promise.withResolvers<RawAnswer>();
  const socket = connect(Number(port), hostname);
  let received = "";
  const finish = () => {
    socket.destroy();
    resolve(parse(received));
  };
  socket.on("data", (chunk: Buffer) => {
    received += chunk.toString("latin1");
    const { headers, text, status } = parse(received);
    const length = headers.get("content-length");
    if (status === 101 || (length !== null && text.length >= Number(length))) finish();
  });
  // A server that has answered may cut a body that it does not want.
  socket.on("error", () => {});
  socket.on("close", finish);
  socket.write(`${head.join("\r\n")}\r\n\r\n`);
  for (const piece of body) socket.write(piece);
  return promise;
}

/** One piece of a body of unknown length. */
export const chunk = (bytes: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);

function parse(received: string): RawAnswer {
  const end = received.indexOf("\r\n\r\n");
  if (end === -1) return { status: 0, headers: new Headers(), text: "" };
  const [statusLine = "", ...lines] = received.slice(0, end).split("\r\n");
  const headers = new Headers();
  for (const line of lines)
    headers.append(line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim());
  return { status: Number(statusLine.split(" ")[1]), headers, text: received.slice(end + 4) };
}
