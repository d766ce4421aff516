// How files are compressed on their way: what a browser takes, the best first.
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

export interface Encoding {
  /** As in Accept-Encoding and Content-Encoding. */
  name: "br" | "gzip";
  compress: (body: Uint8Array) => Uint8Array<ArrayBuffer>;
}

/** Some 13 ms for the client's script, once; what takes a second would save another 8 %. */
const encodings: readonly Encoding[] = [
  {
    name: "br",
    compress: (body) =>
      new Uint8Array(brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } })),
  },
  { name: "gzip", compress: (body) => new Uint8Array(gzipSync(body, { level: 9 })) },
];

/** A smaller file fits into one packet as it is. */
const leastBytes = 1024;

export const isWorthCompressing = (contentType: string, bytes: number): boolean =>
  bytes >= leastBytes && /^text\/|[/+](json|xml|javascript)\b/.test(contentType);

/** @param accepted the header Accept-Encoding; its weights are told apart from zero only */
export function chooseEncoding(accepted: string | undefined): Encoding | undefined {
  const taken = new Set(
    (accepted ?? "")
      .toLowerCase()
      .split(",")
      .filter((each) => !/;\s*q=0(\.0*)?\s*$/.test(each))
      .map((each) => each.split(";")[0]?.trim()),
  );
  return encodings.find(({ name }) => taken.has(name));
}
