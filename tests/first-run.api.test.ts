import { describe, expect, test } from "bun:test";
import type { ServerInfo } from "@windi/protocol";
import { call, startServer, type DatabaseKind } from "./harness.ts";

describe.each<DatabaseKind>(["embedded", "server"])("a new server on the %s database", (database) => {
  test("says that nobody is there until somebody is, to anybody", async () => {
    await using server = await startServer({ database });
    const info = async () => (await call<ServerInfo>(server.url, "GET", "/api/v1/server")).body;
    for (const _ of [1, 2]) expect(await info()).toEqual({ version: "test", has_people: false });
    await server.person("Alice");
    for (const _ of [1, 2]) expect(await info()).toEqual({ version: "test", has_people: true });
  });
});
