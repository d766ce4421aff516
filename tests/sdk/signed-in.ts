// Clients of the SDK for people of a server under test.
import { createClient, type Client, type ClientOptions } from "@windi/sdk";
import type { Person } from "../harness.ts";

/** A client of this person; not connected yet. */
export const clientOf = (url: string, person: Person, options: Partial<ClientOptions> = {}): Client =>
  createClient({ url, token: () => person.token, ...options });

/** A client of this person that follows everything. */
export async function connectedClient(
  url: string,
  person: Person,
  options: Partial<ClientOptions> = {},
): Promise<Client> {
  const client = clientOf(url, person, options);
  client.connect();
  await phase(client, "subscribed");
  return client;
}

/** Resolves when the client's connection is in this phase. */
export async function phase(client: Client, wanted: string): Promise<void> {
  await when(client.connection, (state) => state.phase === wanted);
}

interface Observed<T> {
  subscribe(listener: (value: T) => void): () => void;
}

/** The first value, now or later, that is as it should be. */
export function when<T>(observed: Observed<T>, isWanted: (value: T) => boolean): Promise<T> {
  let last: T;
  let stop = () => {};
  const waiting = new Promise<T>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`Not within 10 s; last: ${JSON.stringify(last)}`)),
      10_000,
    );
    stop = observed.subscribe((value) => {
      last = value;
      if (!isWanted(value)) return;
      clearTimeout(timer);
      resolve(value);
    });
  });
  return waiting.finally(() => stop());
}
