import { expect, test } from "bun:test";
import postgres from "postgres";
import { call, startServer } from "./harness.ts";

test("a database is found by its name, whatever its characters", async () => {
  const url = process.env["TEST_POSTGRES_URL"] ?? "";
  const name = `my db/%40é?${crypto.randomUUID()}`;
  const sql = postgres(url, { max: 1 });
  await sql`create database ${sql(name)}`;
  await sql.end();
  const { hostname, port, username } = new URL(url);
  const parts = { POSTGRES_HOST: hostname, POSTGRES_PORT: port, POSTGRES_USER: username, POSTGRES_DB: name };
  for (const environment of [parts, { DATABASE_URL: url.replace(/[^/]*$/, encodeURIComponent(name)) }]) {
    await using server = await startServer({ environment });
    expect((await call(server.url, "GET", "/health")).body).toMatchObject({ database: "server" });
  }
});
