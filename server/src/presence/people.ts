// The members of all chats that are looked at, each once: who comes or goes is found in these chats without a search.
import type { ProfileRow } from "./presence.store.ts";
import type { Person, View } from "./view.ts";

export interface People {
  /** Puts these people into the chat, and takes out of it whoever is not among them. */
  enter(view: View, rows: readonly ProfileRow[]): void;
  /** Nobody is kept for the sake of this chat any more. */
  release(view: View): void;
  has(userId: string): boolean;
  /** What the database says of somebody who is in a chat that is looked at. */
  refresh(row: ProfileRow): void;
  /** Somebody came or went. */
  settle(userId: string): void;
}

interface PeopleNeeds {
  isOnline(userId: string): boolean;
  wentAt(userId: string): number | undefined;
  /** There is something to tell of the chat. */
  onChange(view: View): void;
  /** Somebody shows presence now, or does not any more. */
  onSwitch(person: Person): void;
}

export function createPeople({ isOnline, wentAt, onChange, onSwitch }: PeopleNeeds): People {
  const people = new Map<string, Person>();

  function tellOf(person: Person): void {
    for (const view of person.views) {
      view.changed.add(person);
      onChange(view);
    }
  }

  function see(person: Person, lastSeenAt: number | null): void {
    const { id, showsPresence } = person;
    const isVisible = showsPresence && isOnline(id);
    const latest = Math.max(lastSeenAt ?? 0, wentAt(id) ?? 0);
    const seenAt = showsPresence && latest > 0 ? latest : null;
    const hasChanged = isVisible !== person.isVisible || (!isVisible && seenAt !== person.lastSeenAt);
    if (isVisible !== person.isVisible) {
      for (const view of person.views) view.visibleCount += isVisible ? 1 : -1;
    }
    person.isVisible = isVisible;
    person.lastSeenAt = seenAt;
    if (hasChanged) tellOf(person);
  }

  function refresh({ user_id, shows_presence, last_seen_at }: ProfileRow): Person {
    const known = people.get(user_id);
    const person = known ?? create(user_id);
    const isSwitched = known !== undefined && known.showsPresence !== shows_presence;
    person.showsPresence = shows_presence;
    see(person, last_seen_at);
    if (isSwitched) onSwitch(person);
    return person;
  }

  function create(id: string): Person {
    const person: Person = { id, showsPresence: true, isVisible: false, lastSeenAt: null, views: [] };
    people.set(id, person);
    return person;
  }

  function remove(view: View, person: Person): void {
    view.members.delete(person.id);
    view.changed.delete(person);
    if (person.isVisible) view.visibleCount--;
    person.views.splice(person.views.indexOf(view), 1);
    if (person.views.length === 0) people.delete(person.id);
  }

  return {
    enter(view, rows) {
      const countBefore = view.visibleCount;
      const ids = new Set(rows.map((row) => row.user_id));
      for (const person of [...view.members.values()]) if (!ids.has(person.id)) remove(view, person);
      for (const row of rows) {
        const person = refresh(row);
        if (view.members.has(person.id)) continue;
        view.members.set(person.id, person);
        person.views.push(view);
        if (person.isVisible) view.visibleCount++;
        if (view.isLoaded && (person.isVisible || person.lastSeenAt !== null)) {
          view.changed.add(person);
          onChange(view);
        }
      }
      if (view.isLoaded && view.visibleCount !== countBefore) onChange(view);
    },
    release(view) {
      for (const person of [...view.members.values()]) remove(view, person);
    },
    has: (userId) => people.has(userId),
    refresh: (row) => void (people.has(row.user_id) && refresh(row)),
    settle(userId) {
      const person = people.get(userId);
      if (person) see(person, person.lastSeenAt);
    },
  };
}
