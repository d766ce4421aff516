// A server, people and clients for tests, all on one clock.
import { createClient, type Client, type ClientOptions } from "./client.ts";
import type { ConnectionState } from "./connection.ts";
import type { UserInfo } from "./contract.ts";
import { createFakeClock, settle } from "./fake-clock.ts";
import type { Faults } from "./fake-faults.ts";
import { createFakeServer, createFakeToken } from "./fake-server.ts";

export function createFakeWorld({
  random = () => 0.5,
  faults,
}: { random?: () => number; faults?: Faults } = {}) {
  const clock = createFakeClock();
  const server = createFakeServer({ clock, random, ...(faults ? { faults } : {}) });
  const alice = server.person("alice");
  const bob = server.person("bob");
  let keys = 0;

  /** A client of this person; not connected yet. */
  const client = (person: UserInfo, options: Partial<ClientOptions> = {}): Client =>
    createClient({
      url: "http://chat.test",
      token: () => createFakeToken(person.id, clock.now() + 3_600_000),
      fetch: server.fetch,
      webSocket: server.webSocket,
      clock,
      random,
      newKey: () => `key-${++keys}`,
      wake: () => () => {},
      ...options,
    });

  return {
    clock,
    server,
    alice,
    bob,
    client,
    settle,
    /** A client of this person that is subscribed. */
    async connected(person: UserInfo, options: Partial<ClientOptions> = {}): Promise<Client> {
      const made = client(person, options);
      made.connect();
      await clock.advance(10);
      return made;
    },
    /** The phases that a client's connection goes through from now on. */
    phases(of: Client): ConnectionState["phase"][] {
      const phases: ConnectionState["phase"][] = [];
      of.connection.subscribe(({ phase }) => phases.push(phase));
      return phases;
    },
    /** The one socket that is open. */
    socket() {
      const [socket] = server.sockets.open;
      if (!socket) throw new Error("No socket is open");
      return socket;
    },
  };
}

export const textsOf = (messages: readonly { text: string }[]): string[] => messages.map(({ text }) => text);
