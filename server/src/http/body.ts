// Reading a request's body: bounded while it is read, strict UTF-8, JSON whatever the content type says.
import { Failure } from "../failure.ts";

/** The largest body of any endpoint: 1000 ids, or 4096 characters, with room to spare. */
export const maxBodyBytes = 128 * 1024;

/** @throws Failure `payload_too_large`, `invalid_request` */
export async function readJson(request: Request): Promise<unknown> {
  const text = decode(await readBytes(request));
  try {
    return JSON.parse(text);
  } catch (error) {
    throw malformed(
      "json_invalid",
      text === "" ? "A JSON body is required" : "The body is not valid JSON",
      error,
    );
  }
}

async function readBytes(request: Request): Promise<Uint8Array> {
  if (Number(request.headers.get("content-length") ?? 0) > maxBodyBytes) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > maxBodyBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}

const tooLarge = () =>
  new Failure("payload_too_large", {
    detail: `The request body is larger than ${maxBodyBytes / 1024} KiB`,
  });

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw malformed("utf8_invalid", "The body is not valid UTF-8", error);
  }
}

const malformed = (type: string, msg: string, cause: unknown) =>
  new Failure("invalid_request", { fields: [{ loc: ["body"], msg, type }], cause });
