// Sockets that are open and do nothing but answer pings.
import { openClient, type Client } from "./client.ts";
import { encodeText } from "./frames.ts";
import { forAll } from "./return.ts";

export interface Crowd extends Disposable {
  /** Opens more, until there are so many. */
  growTo(count: number): Promise<void>;
  leave(): void;
}

interface CrowdNeeds {
  url: string;
  tokens: readonly string[];
  /** What each says when it is open; it counts as open when each of them is answered. */
  greetings(place: number): readonly object[];
  /** Something ended a connection. */
  fault(text: string): void;
}

const opensAtOnce = 64;

export function createCrowd({ url, tokens, greetings, fault }: CrowdNeeds): Crowd {
  const clients: Client[] = [];

  async function open(place: number): Promise<void> {
    const frames = greetings(place);
    const answered = Promise.withResolvers<void>();
    let answers = 0;
    const client = await openClient({
      ...{ url, token: tokens[place] ?? "", number: place },
      onText: () => ++answers === frames.length && answered.resolve(),
      onEnd(reason) {
        fault(`connection ${place}: ${reason}`);
        answered.resolve();
      },
    });
    clients.push(client);
    for (const frame of frames) client.write(encodeText(JSON.stringify(frame)));
    if (frames.length > 0) await answered.promise;
  }

  const leave = () => {
    for (const client of clients.splice(0)) client.close();
  };
  return {
    growTo: (count) =>
      forAll(
        Array.from({ length: count - clients.length }, (_, more) => clients.length + more),
        opensAtOnce,
        open,
      ),
    leave,
    [Symbol.dispose]: leave,
  };
}
