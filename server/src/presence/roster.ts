// Who is online on which node, as far as the nodes have told each other. What is lost is found by counting, and asked for.
import type { PresenceHead, PresenceNews } from "./news.ts";

export interface Roster {
  /** On whatever node. */
  isOnline(userId: string): boolean;
  /** When the last connection ended, for those who went a short while ago. */
  wentAt(userId: string): number | undefined;
  came(userId: string): void;
  went(userId: string, endedAtMs: number): void;
  /** What to tell the others now that this person shows their presence, or no longer does. */
  switched(userId: string): PresenceHead;
  hear(head: PresenceHead): void;
  /** What is to be told to the other nodes, all that happened since the last time at once. */
  gather(isConnected: boolean): PresenceHead[];
  /** The others may have missed anything, and so may this node. */
  restart(): void;
  bye(): PresenceHead;
}

interface RosterNeeds {
  node: string;
  /** Somebody came who was not online anywhere, or is not online anywhere any more. */
  onChange(userId: string): void;
  onSwitch(userId: string): void;
  /** Something that another node told is lost. */
  onMissed(): void;
  /** Milliseconds since 1970. */
  now(): number;
  pace: RosterPace;
}

export interface RosterPace {
  /** A node that ended says so; its people have so long to come back. */
  holdMs: number;
  /** A node that has nothing to tell says that it is alive. */
  aliveMs: number;
  /** A node of which nothing is heard for so long is gone. */
  forgetMs: number;
  /** How long `wentAt` is remembered; by then it is in the database. */
  rememberMs: number;
}

interface Node {
  /** Its last change that is known here; undefined when something before is missing. */
  seq: number | undefined;
  users: Set<string>;
  heardAt: number;
  /** When it is forgotten although it was heard: it said that it ends. */
  endsAt?: number;
  /** What has come so far of everyone at `seq`. */
  gathered?: { seq: number; missing: number; parts: (readonly string[] | undefined)[] };
}

/** People in one message: below 300 kB. */
const maxPeople = 5000;

export function createRoster({ node: own, onChange, onSwitch, onMissed, now, pace }: RosterNeeds): Roster {
  const nodes = new Map<string, Node>();
  const here = new Set<string>();
  /** Not told yet: user → when they went, or undefined for those who came. */
  const pending = new Map<string, number | undefined>();
  const gone = new Map<string, number>();
  const asks = new Set<string>();
  let seq = 0;
  let toldAt = -Infinity;
  let owesHello = true;
  let owesEveryone = true;

  const tell = (news: PresenceNews): PresenceHead => ({ kind: "presence", node: own, news });

  function isOnline(userId: string): boolean {
    if (here.has(userId)) return true;
    for (const { users } of nodes.values()) if (users.has(userId)) return true;
    return false;
  }

  function add(users: Set<string>, userId: string): void {
    const wasOnline = isOnline(userId);
    users.add(userId);
    if (!wasOnline) onChange(userId);
  }

  function remove(users: Set<string>, userId: string, endedAtMs: number | undefined): void {
    if (endedAtMs !== undefined) {
      gone.delete(userId);
      gone.set(userId, endedAtMs);
    }
    if (users.delete(userId) && !isOnline(userId)) onChange(userId);
  }

  function forget(id: string, { users, heardAt }: Node): void {
    nodes.delete(id);
    asks.delete(id);
    for (const userId of [...users]) remove(users, userId, heardAt);
  }

  function known(id: string): Node {
    const node = nodes.get(id) ?? { seq: undefined, users: new Set(), heardAt: now() };
    nodes.set(id, node);
    node.heardAt = now();
    return node;
  }

  /** Whether the node's change is the next one. One that is too far shows that others are lost. */
  function isNext(id: string, node: Node, nextSeq: number): boolean {
    if (node.seq === nextSeq - 1) {
      node.seq = nextSeq;
      return true;
    }
    doubt(id, node, nextSeq);
    return false;
  }

  /** The node has come to `lastSeq`: if that is further than what is known here, it is asked for everyone. */
  function doubt(id: string, node: Node, lastSeq: number): void {
    if (node.seq !== undefined && node.seq >= lastSeq) return;
    node.seq = undefined;
    asks.add(id);
  }

  function collect(id: string, node: Node, news: Extract<PresenceNews, { type: "everyone" }>): void {
    if (node.seq !== undefined && node.seq >= news.seq) return;
    const started = node.gathered;
    if (started && started.seq > news.seq) return;
    const gathered =
      started?.seq === news.seq
        ? started
        : { seq: news.seq, missing: news.parts, parts: Array<undefined>(news.parts).fill(undefined) };
    node.gathered = gathered;
    if (gathered.parts[news.part]) return;
    gathered.parts[news.part] = news.userIds;
    if (--gathered.missing > 0) return;
    delete node.gathered;
    const users = new Set(gathered.parts.flatMap((part) => part ?? []));
    for (const userId of [...node.users]) if (!users.has(userId)) remove(node.users, userId, undefined);
    for (const userId of users) add(node.users, userId);
    node.seq = news.seq;
    asks.delete(id);
    // People may have switched meanwhile; a node that has told nothing yet told nothing that could be lost.
    if (news.seq > 0) onMissed();
  }

  function* changes(): Iterable<PresenceNews> {
    const all = [...pending];
    pending.clear();
    for (const some of slices(all)) {
      const came = some.flatMap(([userId, endedAtMs]) => (endedAtMs === undefined ? [userId] : []));
      const went = some.flatMap(([userId, endedAtMs]) =>
        endedAtMs === undefined ? [] : [[userId, endedAtMs] as const],
      );
      yield { type: "changes", seq: ++seq, came, went };
    }
  }

  function* everyone(): Iterable<PresenceNews> {
    const slicesOfAll = here.size === 0 ? [[]] : [...slices([...here])];
    for (const [part, userIds] of slicesOfAll.entries())
      yield { type: "everyone", seq, part, parts: slicesOfAll.length, userIds };
  }

  function expire(isConnected: boolean): void {
    for (const [id, node] of nodes) {
      // Silence means nothing while nobody can be heard.
      if (!isConnected) node.heardAt = now();
      const isLost = now() - node.heardAt >= pace.forgetMs;
      if (isLost || (node.endsAt !== undefined && node.endsAt <= now())) forget(id, node);
      if (isLost) onMissed();
    }
    for (const [userId, endedAtMs] of gone) {
      if (now() - endedAtMs < pace.rememberMs) break;
      gone.delete(userId);
    }
  }

  return {
    isOnline,
    wentAt: (userId) => gone.get(userId),
    came(userId) {
      pending.set(userId, undefined);
      add(here, userId);
    },
    went(userId, endedAtMs) {
      pending.set(userId, endedAtMs);
      remove(here, userId, endedAtMs);
    },
    switched: (userId) => tell({ type: "switched", seq: ++seq, userId }),
    hear({ node: id, news }) {
      if (id === own) return;
      const node = known(id);
      switch (news.type) {
        case "changes":
          if (!isNext(id, node, news.seq)) return;
          for (const userId of news.came) add(node.users, userId);
          for (const [userId, endedAtMs] of news.went) remove(node.users, userId, endedAtMs);
          return;
        case "switched":
          isNext(id, node, news.seq);
          return onSwitch(news.userId);
        case "everyone":
          return collect(id, node, news);
        case "alive":
          return doubt(id, node, news.seq);
        case "ask":
          owesEveryone ||= news.nodes.includes(own);
          return;
        case "hello":
          owesEveryone = true;
          return;
        case "bye":
          node.endsAt = now() + pace.holdMs;
      }
    },
    gather(isConnected) {
      expire(isConnected);
      const told = [...changes(), ...(owesEveryone ? everyone() : [])];
      if (told.length === 0 && now() - toldAt >= pace.aliveMs) told.push({ type: "alive", seq });
      if (told.length > 0) toldAt = now();
      if (owesHello) told.push({ type: "hello" });
      if (asks.size > 0) told.push({ type: "ask", nodes: [...asks] });
      asks.clear();
      owesHello = false;
      owesEveryone = false;
      return told.map(tell);
    },
    restart() {
      owesHello = true;
      owesEveryone = true;
    },
    bye: () => tell({ type: "bye" }),
  };
}

function* slices<T>(items: readonly T[]): Iterable<T[]> {
  for (let from = 0; from < items.length; from += maxPeople) yield items.slice(from, from + maxPeople);
}
