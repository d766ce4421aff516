// `npm run demo-data -- --messages N`: through the running server if the embedded database is in use, else by itself.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createPasswords } from "../accounts/passwords.ts";
import { ConfigError, readProcessConfig, type Config } from "../config.ts";
import type { Database } from "../database/database.ts";
import { lockDirectory } from "../database/directory-lock.ts";
import { openEmbeddedDatabase } from "../database/embedded.ts";
import { createServerDatabase } from "../database/server.ts";
import { createAppender } from "../messages/append.ts";
import { createLanes } from "../messages/lanes.ts";
import { demoPassword, fillDemoData, type DemoReport } from "./demo.ts";

const defaultMessages = 40;

function readCount(): number {
  const { values } = parseArgs({
    options: { messages: { type: "string", default: String(defaultMessages) } },
  });
  if (!/^\d{1,8}$/.test(values.messages)) throw new ConfigError("--messages must be a whole number");
  return Number(values.messages);
}

async function fillByItself(database: Database, count: number): Promise<DemoReport> {
  await database.migrate();
  const newId = () => Bun.randomUUIDv7();
  const appender = createAppender<undefined>({
    database,
    newId,
    lanes: createLanes(1),
    onCommitted: () => {},
  });
  return fillDemoData({ database, passwords: createPasswords(), appender, newId }, count);
}

async function fill(config: Config, count: number): Promise<DemoReport> {
  if (config.database.kind === "server") {
    await using database = createServerDatabase(config.database);
    return await fillByItself(database, count);
  }
  const control = join(config.dataDir, "control.sock");
  if (existsSync(control)) {
    const answer = await fetch(`http://localhost/demo-data?messages=${count}`, {
      unix: control,
      method: "POST",
      signal: null,
    }).catch(() => undefined);
    if (answer?.ok) return (await answer.json()) as DemoReport;
    if (answer) throw new Error(`The server could not fill its database: ${await answer.text()}`);
  }
  using _lock = lockDirectory(config.dataDir);
  await using database = await openEmbeddedDatabase(join(config.dataDir, "database"));
  return await fillByItself(database, count);
}

try {
  const { added, present } = await fill(readProcessConfig(), readCount());
  console.log(`Demo data: ${added} messages added, ${present} were there already.`);
  console.log(
    `Sign in as alice@example.com, bob@…, charlie@… or david@example.com with the password ${demoPassword}.`,
  );
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof ConfigError ? 78 : 1;
}
