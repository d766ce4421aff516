// Looks people up while somebody types: those who are known here at once, those whom the server finds as they come.
import { createObservable, isApiError, type Clock, type Observable, type UserInfo } from "@windi/sdk";
import type { People } from "../../state/people.ts";
import { rank } from "../switcher/rank.ts";

export interface PeopleFound {
  readonly query: string;
  /** The best first; before anything is typed, those with whom there is a chat. */
  readonly people: readonly UserInfo[];
  /** The server has not answered yet. */
  readonly isSearching: boolean;
  /** What the server failed with, for this query. */
  readonly failure: unknown;
}

export interface PeopleSearch extends Observable<PeopleFound> {
  ask(query: string): void;
  dispose(): void;
}

interface PeopleSearchNeeds {
  people: Pick<People, "find">;
  /** People with whom there is a chat, the most recent first. */
  known: () => readonly UserInfo[];
  /** Who is not offered, such as oneself. */
  isLeftOut: (person: UserInfo) => boolean;
  clock: Clock;
}

/** A pause in typing: each letter is not a question. */
const pauseMs = 180;
const most = 30;

/** Whether it could be a whole address, by which anybody is found. */
export const isAddress = (query: string): boolean => /^\S+@\S+\.\S+$/.test(query.trim());

export function createPeopleSearch({ people, known, isLeftOut, clock }: PeopleSearchNeeds): PeopleSearch {
  const local = (query: string) =>
    rank(
      known()
        .filter((person) => !isLeftOut(person))
        .map((person) => ({ id: person.id, name: person.name, alias: person.email, person })),
      query,
      most,
    ).map(({ person }) => person);
  const state = createObservable<PeopleFound>({
    query: "",
    people: local(""),
    isSearching: false,
    failure: undefined,
  });
  let cancelPause = () => {};
  let asking = new AbortController();

  async function find(query: string, signal: AbortSignal): Promise<void> {
    try {
      const found = await people.find(query, { signal, limit: most });
      if (!signal.aborted) show(found, undefined);
    } catch (failure) {
      // Too short or too odd to be looked for is the same as not found.
      if (!signal.aborted) show([], isApiError(failure, "invalid_request") ? undefined : failure);
    }
  }

  function show(found: readonly UserInfo[], failure: unknown): void {
    const { query, people: here } = state.get();
    const news = found.filter((person) => !isLeftOut(person) && here.every(({ id }) => id !== person.id));
    state.set({ query, people: [...here, ...news].slice(0, most), isSearching: false, failure });
  }

  return {
    get: state.get,
    subscribe: state.subscribe,
    ask(given) {
      const query = given.trim();
      if (query === state.get().query) return;
      cancelPause();
      asking.abort();
      asking = new AbortController();
      const { signal } = asking;
      state.set({ query, people: local(query), isSearching: query !== "", failure: undefined });
      if (query !== "") cancelPause = clock.later(pauseMs, () => void find(query, signal));
    },
    dispose() {
      cancelPause();
      asking.abort();
    },
  };
}
