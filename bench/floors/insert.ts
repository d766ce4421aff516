// A floor for sends: the same rows by a bare INSERT, in batches or one by one, without any rule.
import { join } from "node:path";
import { openEmbeddedDatabase } from "../../server/src/database/embedded.ts";
import { createServerDatabase } from "../../server/src/database/server.ts";
import { startMeter } from "../cpu.ts";
import { createTexts } from "../texts.ts";

/** What the program writes to its standard output; `generator` is the program itself. */
export interface InsertFloor {
  rows: number;
  seconds: number;
  cpu: { generator: number; database?: number };
  marks: string[];
}

interface Options {
  rowsPerStatement: number;
  connections: number;
  warmUpSeconds: number;
  seconds: number;
  databasePid?: number;
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

async function insertFor(seconds: number): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  await Promise.all(Array.from({ length: options.connections }, () => insertUntil(deadline)));
}

await insertFor(options.warmUpSeconds);
rows = 0;
const { databasePid } = options;
const parts = (databasePid === undefined ? {} : { database: databasePid }) as { database: number };
const stop = startMeter(parts, { maxGeneratorShare: Infinity });
await insertFor(options.seconds);
const { seconds, cpu, marks } = stop();
console.log(JSON.stringify({ rows, seconds, cpu, marks } satisfies InsertFloor));
