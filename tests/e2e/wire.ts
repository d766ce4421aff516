// The frames between a page and the server in the hands of a test: passed on, held, left out, or answered in the server's stead.
import type { Device } from "./stage.ts";

export type WireFrame = Record<string, unknown>;
type Way = (frame: WireFrame, pass: (frame: WireFrame) => void) => void;

export interface Wire {
  /** What becomes of a frame to the server; `answer` gives the page one in the server's stead. */
  out: (frame: WireFrame, pass: (frame: WireFrame) => void, answer: (frame: WireFrame) => void) => void;
  /** What becomes of a frame to the page. */
  in: Way;
  /** Holds what comes that way, and answers with what lets it and all that follows go on. */
  hold(way: "in" | "out"): { release: () => void; frames: readonly WireFrame[] };
}

const passOn: Way = (frame, pass) => pass(frame);

/** Loads the page again, over connections in the hands of the test. */
export async function takeWire({ page }: Device): Promise<Wire> {
  const wire: Wire = {
    out: passOn,
    in: passOn,
    hold(way) {
      const frames: WireFrame[] = [];
      const held: (() => void)[] = [];
      wire[way] = (frame, pass) => {
        frames.push(frame);
        held.push(() => pass(frame));
      };
      return {
        frames,
        release() {
          wire[way] = passOn;
          for (const go of held.splice(0)) go();
        },
      };
    },
  };
  await page.routeWebSocket(/\/api\/v1\/ws/, (socket) => {
    const server = socket.connectToServer();
    const toPage = (frame: WireFrame) => socket.send(JSON.stringify(frame));
    const read = (text: string | Buffer) => JSON.parse(String(text)) as WireFrame;
    socket.onMessage((text) => wire.out(read(text), (frame) => server.send(JSON.stringify(frame)), toPage));
    server.onMessage((text) => wire.in(read(text), toPage));
  });
  await page.reload();
  return wire;
}
