// The client's side of WebSocket framing: text out under a mask of zeros, frames in told apart by their headers.

const text = 1;
const close = 8;
const ping = 9;
const pong = 10;

export const encodeText = (payload: string) => encode(text, Buffer.from(payload));
export const encodePong = (payload: Buffer) => encode(pong, payload);

/** A mask of zeros is a mask: the bytes stay as they are, and the server takes it off like any other. */
function encode(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const header = length < 126 ? 2 : 4;
  const frame = Buffer.alloc(header + 4 + length);
  frame[0] = 0x80 | opcode;
  if (length < 126) frame[1] = 0x80 | length;
  else {
    frame[1] = 0x80 | 126;
    frame.writeUInt16BE(length, 2);
  }
  payload.copy(frame, header + 4);
  return frame;
}

export interface FrameReader {
  /** Text frames so far. */
  count: number;
  read(chunk: Buffer): void;
}

interface FrameReaderNeeds {
  /** Gets the payload as a range of the chunk. */
  onText?: ((chunk: Buffer, start: number, end: number) => void) | undefined;
  onPing(payload: Buffer): void;
  onClose(code: number): void;
}

/** Reads unfragmented, unmasked frames, as servers send them. */
export function createFrameReader({ onText, onPing, onClose }: FrameReaderNeeds): FrameReader {
  let partial: Buffer | undefined;

  const keep = (rest: Buffer) => {
    partial = Buffer.from(rest);
  };

  const reader: FrameReader = {
    count: 0,
    read(received) {
      let start = 0;
      let chunk = received;
      if (partial) {
        chunk = Buffer.concat([partial, chunk]);
        partial = undefined;
      }
      const { length } = chunk;
      while (start < length) {
        const short = (chunk[start + 1] ?? 127) & 127;
        const header = short < 126 ? 2 : short === 126 ? 4 : 10;
        if (start + header > length) return keep(chunk.subarray(start));
        const size =
          short < 126 ? short : short === 126 ? chunk.readUInt16BE(start + 2) : chunk.readUInt32BE(start + 6);
        const end = start + header + size;
        const opcode = (chunk[start] as number) & 15;
        if (end > length) return keep(chunk.subarray(start));
        if (opcode === text) {
          reader.count++;
          onText?.(chunk, start + header, end);
        } else {
          const payload = chunk.subarray(start + header, end);
          if (opcode === ping) onPing(payload);
          if (opcode === close) onClose(size >= 2 ? payload.readUInt16BE(0) : 1005);
        }
        start = end;
      }
      return undefined;
    },
  };
  return reader;
}
