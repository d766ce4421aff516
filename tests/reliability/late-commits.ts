// A database in which every tenth message is committed late: its transaction waits up to 60 ms, with all that it holds.
import postgres from "postgres";

const statements = [
  `create function wait_a_moment() returns trigger language plpgsql as $$
  begin
    perform pg_sleep(new.seq * 37 % 60 / 1000.0);
    return null;
  end $$`,
  // Deferred: runs as a part of the commit.
  `create constraint trigger late after insert or update on messages deferrable initially deferred
  for each row when (new.seq % 10 = 0) execute function wait_a_moment()`,
];

/** @param url of a database that has its tables */
export async function delayCommits(url: string): Promise<void> {
  const client = postgres(url, { max: 1, onnotice: () => {} });
  for (const statement of statements) await client.unsafe(statement);
  await client.end();
}
