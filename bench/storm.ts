// Workload: a storm. 2,000 clients lose their connections at once: cut by the network, or by a server that is killed.
import { startPostgresSource, type DatabaseSource } from "./databases.ts";
import type { Database } from "../server/src/database/database.ts";
import { startFloor } from "./floors.ts";
import { driveStorm } from "./load/storm.ts";
import { membersOf, populate } from "./population.ts";
import { generatorCore, startServer } from "./programs.ts";
import type { Result } from "./report.ts";
import { metric, runRounds, type Round, type Sample } from "./rounds.ts";
import { freePort } from "../tests/postgres.ts";
import type { WorkloadOptions } from "./workloads.ts";

const size = { users: 2000, chats: 1000, membersPerChat: 20 };
/** Who sends meanwhile, each alone in a chat. */
const senders = { users: 20, chats: 20, membersPerChat: 1 };
const missed = 20;
/** The server's default: what it takes on at most. */
const handshakesPerSecond = "1000";

export async function* storm(options: WorkloadOptions): AsyncGenerator<Result> {
  await using source = await startPostgresSource(generatorCore, true);
  const cut = "WinDI Messenger, cut";
  const killed = `WinDI Messenger, killed, ${missed} missed in each of 10 chats`;
  const variants = [
    { name: cut, run: () => measureServer(source, false) },
    { name: killed, run: () => measureServer(source, true) },
    { name: "F-ws, cut", run: measureFloor },
  ];
  const figure = (variant: string, name: string) => (round: Round) => metric(round, variant, name);
  yield {
    title: "Storm",
    conditions: [
      "2,000 clients in 10 chats of 20 each, and with those who are cut 20 others who send 100 messages/s, timed by a thread of its own; they come back with full jitter, 0.5 s at first, or when the server says",
      "back: connected, subscribed, and everything missed is heard and checked; counted from the cut, or from when the server that was killed is ready again",
      `the messenger takes ${handshakesPerSecond} handshakes per second, its default; F-ws: bare Bun, which takes all, joined to 10 topics`,
      "server on core 0; generator and PostgreSQL 15 on core 1",
    ],
    rounds: await runRounds(variants, options),
    goals: [
      ...[cut, killed].map((variant) => ({
        name: `back, p95, s: ${variant}`,
        limit: "≤ 3",
        value: figure(variant, "back p95 s"),
        isMet: (value: number) => value <= 3,
      })),
      {
        name: "answers to others, p99 in the storm against before: cut",
        limit: "≤ 3",
        value: (round) =>
          metric(round, cut, "answer p99 ms in the storm") / metric(round, cut, "answer p99 ms before"),
        isMet: (value) => value <= 3,
      },
      ...[cut, killed].map((variant) => ({
        name: `statements per return: ${variant}`,
        limit: "≤ 1",
        value: figure(variant, "statements/return"),
        isMet: (value: number) => value <= 1,
      })),
    ],
    chart: { metric: "back p95 s", title: "95 % are back after so many seconds" },
  };
}

async function measureServer(source: DatabaseSource, isKilled: boolean): Promise<Sample> {
  await using fresh = await source.create();
  await using database = await fresh.open();
  const population = await populate(database, size);
  const others = isKilled ? undefined : membersOf(await populate(database, senders));
  const port = await freePort();
  const environment = {
    ...fresh.environment,
    ...{ SERVER_PORT: String(port), HANDSHAKES_PER_SECOND: handshakesPerSecond },
  };
  const servers = [await startServer(environment)];
  await using stack = new AsyncDisposableStack();
  stack.defer(async () => {
    for (const server of servers) await server[Symbol.asyncDispose]();
  });
  async function killAndRestart(): Promise<void> {
    process.kill(servers.at(-1)?.pid ?? 0, "SIGKILL");
    await insertMissed(database, missed);
    servers.push(await startServer(environment));
  }
  return await driveStorm({
    ...{ url: `http://127.0.0.1:${port}`, members: membersOf(population), subscribes: true },
    missed: isKilled ? missed : 0,
    ...(others && { senders: others }),
    ...(isKilled && { interrupt: killAndRestart }),
    parts: () => ({ server: servers.at(-1)?.pid ?? 0, database: source.pid ?? 0 }),
    countStatements: async () => (await fresh.takeStatements()).count,
  });
}

/** As another node would have written them. */
const insertMissed = (database: Database, count: number) =>
  database.query(
    `with added as (
      insert into messages (chat_id, seq, id, sender_id, text, version, created_at)
      select id, last_seq + s, gen_random_uuid(), creator_id, 'A message that was missed', version + s, now()
      from chats, generate_series(1, $1::int) s
    )
    update chats set last_seq = last_seq + $1::int, version = version + $1::int`,
    [count],
  );

async function measureFloor(): Promise<Sample> {
  await using floor = await startFloor();
  const members = Array.from({ length: size.users }, (_, place) => ({
    token: "",
    chatIds: Array.from({ length: 10 }, (__, chat) => `chat ${(place * 10 + chat) % size.chats}`),
  }));
  return await driveStorm({
    ...{ url: floor.url, members, subscribes: false, missed: 0, parts: () => ({ server: floor.pid }) },
  });
}
