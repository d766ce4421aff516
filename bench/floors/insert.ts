// A floor for sends: the same rows by a bare INSERT, in batches or one by one, without any rule; as fast as it goes, or at a rate.
import { join } from "node:path";
import { openEmbeddedDatabase } from "../../server/src/database/embedded.ts";
import { createServerDatabase } from "../../server/src/database/server.ts";
import { startMeter } from "../cpu.ts";
import { arrive } from "../load/arrivals.ts";
import { quantile } from "../rounds.ts";
import { createTexts } from "../texts.ts";

/** What the program writes to its standard output; `generator` is the program itself. */
export interface InsertFloor {
  rows: number;
  seconds: number;
  cpu: { generator: number; database?: number };
  marks: string[];
  /** At a rate: from when a row was due until it was committed. */
  p50Ms?: number;
  p99Ms?: number;
}

interface Options {
  rowsPerStatement: number;
  connections: number;
  warmUpSeconds: number;
  seconds: number;
  databasePid?: number;
  /** One row at each moment of a random arrival, instead of as many as it can. */
  perSecond?: number;
}

const statement = `
insert into messages (chat_id, seq, id, sender_id, text, idempotency_key, version, created_at)
select chat_id, seq, id, sender_id, body, key, seq, now()
from unnest($1::uuid[], $2::int[], $3::uuid[], $4::uuid[], $5::text[], $6::text[])
  i(chat_id, seq, id, sender_id, body, key)`;

const options = JSON.parse(process.env["OPTIONS"] ?? "") as Options;
const url = process.env["DATABASE_URL"];
await using database =
  url === undefined
    ? await openEmbeddedDatabase(join(process.env["DATA_DIR"] ?? "", "database"))
    : createServerDatabase({ url, poolSize: options.connections });
const members = await database.query<{ chat_id: string; user_id: string }>(
  "select chat_id, user_id from members",
);
const texts = createTexts(1000);
const lastSeq = new Map<string, number>();
let rows = 0;

function nextRow() {
  const member = members[Math.floor(Math.random() * members.length)] as (typeof members)[number];
  const seq = (lastSeq.get(member.chat_id) ?? 0) + 1;
  lastSeq.set(member.chat_id, seq);
  const text = texts[rows++ % texts.length];
  return [member.chat_id, seq, Bun.randomUUIDv7(), member.user_id, text, crypto.randomUUID()];
}

async function insertUntil(deadline: number): Promise<void> {
  while (performance.now() < deadline) {
    const batch = Array.from({ length: options.rowsPerStatement }, nextRow);
    await database.query(
      statement,
      [0, 1, 2, 3, 4, 5].map((column) => batch.map((row) => row[column])),
    );
  }
}

const latencies: number[] = [];

async function insertAt(perSecond: number, seconds: number): Promise<void> {
  const inserts: Promise<void>[] = [];
  await arrive({ perSecond, isPoisson: true, seconds }, (dueAt) => {
    const columns = nextRow().map((value) => [value]);
    inserts.push(
      database.query(statement, columns).then(() => void latencies.push(performance.now() - dueAt)),
    );
  });
  await Promise.all(inserts);
}

async function insertFor(seconds: number): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  if (options.perSecond !== undefined) await insertAt(options.perSecond, seconds);
  else await Promise.all(Array.from({ length: options.connections }, () => insertUntil(deadline)));
}

await insertFor(options.warmUpSeconds);
rows = 0;
latencies.length = 0;
const { databasePid } = options;
const parts = (databasePid === undefined ? {} : { database: databasePid }) as { database: number };
const stop = startMeter(parts, { maxGeneratorShare: Infinity });
await insertFor(options.seconds);
const { seconds, cpu, marks } = stop();
const floor: InsertFloor = { rows, seconds, cpu, marks };
if (latencies.length > 0) {
  floor.p50Ms = quantile(latencies, 0.5);
  floor.p99Ms = quantile(latencies, 0.99);
}
console.log(JSON.stringify(floor));
