// Workload: the list of chats of somebody who is in many: its first page, all of it, and marking a chat as read.
import { createChatLists, type ChatList, type Shape } from "./chat-list-data.ts";
import { createTasks, type Task } from "./chat-list-tasks.ts";
import { startMeter } from "./cpu.ts";
import {
  createEmbeddedSource,
  startPostgresSource,
  type DatabaseSource,
  type FreshDatabase,
} from "./databases.ts";
import { everyCore, startServer } from "./programs.ts";
import type { Goal, Result } from "./report.ts";
import { metric, quantile, runRounds, type Round, type Sample, type Variant } from "./rounds.ts";
import type { WorkloadOptions } from "./workloads.ts";

const pageSize = 50;
const all = 1000;

/** Few chats; many; many with ten times as many messages, ten times as many of them unread. */
const shapes = {
  PostgreSQL: [
    { chats: 100, messagesPerChat: 100 },
    { chats: 1000, messagesPerChat: 100 },
    { chats: 1000, messagesPerChat: 1000 },
  ],
  embedded: [
    { chats: 100, messagesPerChat: 10 },
    { chats: 1000, messagesPerChat: 10 },
    { chats: 1000, messagesPerChat: 100 },
  ],
} as const satisfies Record<DatabaseSource["kind"], readonly Shape[]>;

const label = ({ chats, messagesPerChat }: Shape) =>
  `${chats.toLocaleString("en")} × ${messagesPerChat.toLocaleString("en")}`;

export async function* chatList(options: WorkloadOptions): AsyncGenerator<Result> {
  for (const start of [() => startPostgresSource(everyCore), createEmbeddedSource]) {
    await using source = await start();
    await using fresh = await source.create();
    let lists: ChatList[];
    {
      await using database = await fresh.open();
      lists = await createChatLists(database, shapes[source.kind]);
    }
    const turns = Math.max(20, options.seconds * 10);
    const variants = createTasks(pageSize, all).map((task): Variant => ({
      name: task.name,
      run: () => measureTask(source, fresh, { task, lists, turns }),
    }));
    yield {
      title: `List of chats, ${source.kind}`,
      conditions: [
        `somebody's chats × messages in each, of 200 bytes: ${shapes[source.kind].map(label).join("; ")}`,
        "one chat has 10,000 members, a third of the others are personal ones; of every tenth chat half of the messages are unread",
        "statement: from the driver's call to the summaries; request: GET /chats/summaries over HTTP, from another process",
        "N+1: the same answer; the chats, then for each its last message, one's own newest, both counts and the other person",
        "mark read: moves the read pointer of somebody to whom nearly the whole chat is unread, the commit included",
        `${turns} of each kind per round (a tenth of that for N+1), after a warm-up`,
      ],
      rounds: await runRounds(variants, options),
      goals: goalsFor(shapes[source.kind]),
      chart: {
        metric: `statement p50 ms, ${label(shapes[source.kind][2])}`,
        title: `${label(shapes[source.kind][2])} messages, statement, p50 ms`,
      },
    };
  }
}

function goalsFor([few, many, long]: readonly [Shape, Shape, Shape]): Goal[] {
  const statement = (round: Round, task: string, shape: Shape, share = "p50") =>
    metric(round, task, `statement ${share} ms, ${label(shape)}`);
  const most = (name: string, most: number, value: (round: Round) => number): Goal => ({
    ...{ name, limit: `≤ ${most}`, value, isMet: (figure) => figure <= most },
  });
  const pages = [
    ["first page", 10],
    ["all chats", 40],
  ] as const;
  return [
    ...pages.map(([task, ms]) =>
      most(`${task}, statement p95 ms`, ms, (round) => statement(round, task, long, "p95")),
    ),
    ...pages.map(([task, ms]) =>
      most(`${task}, request p95 ms`, ms, (round) => metric(round, task, `request p95 ms, ${label(long)}`)),
    ),
    most(
      `all chats, ${label(many)} against ${label(few)}`,
      10,
      (round) => statement(round, "all chats", many) / statement(round, "all chats", few),
    ),
    ...["first page", "all chats", "mark read"].map((task) =>
      most(
        `${task}, ${label(long)} against ${label(many)}`,
        1.2,
        (round) => statement(round, task, long) / statement(round, task, many),
      ),
    ),
    ...pages.map(([task]): Goal => ({
      name: `${task}, N+1 against one statement`,
      limit: "≥ 10",
      value: (round) => statement(round, `${task}, N+1`, many) / statement(round, task, many),
      isMet: (value) => value >= 10,
    })),
    most(
      "mark read beside a commit, ms",
      2,
      (round) => statement(round, "mark read", long) - statement(round, "commit alone", long),
    ),
  ];
}

interface Load {
  task: Task;
  lists: readonly ChatList[];
  turns: number;
}

const warmUpTurns = 5;

async function measureTask(
  { pid }: DatabaseSource,
  { environment, open }: FreshDatabase,
  { task, lists, turns }: Load,
): Promise<Sample> {
  const faults: string[] = [];
  const marks: string[] = [];
  const metrics: Record<string, number> = {};
  const parts = (pid === undefined ? {} : { database: pid }) as { database: number };
  const count = Math.max(3, Math.round(turns * task.share));

  /** Asks for all lists in turn, so that whatever else the machine does meets them alike. */
  async function measure(kind: string, prepare: (list: ChatList) => Promise<() => Promise<number>>) {
    const times = new Map<ChatList, number[]>(lists.map((list) => [list, []]));
    for (let turn = -Math.min(warmUpTurns, count); turn < count; turn++) {
      for (const list of lists) {
        const ask = await prepare(list);
        const startedAt = performance.now();
        const rows = await ask();
        if (turn >= 0) times.get(list)?.push(performance.now() - startedAt);
        if (rows !== task.expected(list)) faults.push(`${rows} rows of ${task.expected(list)}`);
      }
    }
    for (const share of [0.5, 0.95]) {
      for (const [list, measured] of times)
        metrics[`${kind} p${share * 100} ms, ${label(list)}`] = quantile(measured, share);
    }
  }

  {
    await using database = await open();
    const stop = startMeter(parts, { maxGeneratorShare: Infinity });
    await measure("statement", (list) => task.prepare(database, list));
    marks.push(...stop().marks);
  }
  if (task.limit !== undefined) {
    await using server = await startServer(environment);
    const stop = startMeter({ ...parts, server: server.pid }, { maxGeneratorShare: Infinity });
    await measure("request", async ({ token }) => async () => {
      const url = `${server.url}/chats/summaries?limit=${task.limit}`;
      const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
      return ((await answer.json()) as { chats: unknown[] }).chats.length;
    });
    marks.push(...stop().marks);
  }
  return { metrics, marks, faults: faults.slice(0, 5) };
}
