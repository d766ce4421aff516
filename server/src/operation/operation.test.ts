import { expect, test } from "bun:test";
import { endpoints, type Endpoint } from "@windi/protocol";
import type { Database } from "../database/database.ts";
import { mountOperation } from "./operation.routes.ts";

/** What `GET /server` is bound to, and how often it has asked the database, which has these answers. */
function serverOf(...answers: boolean[]) {
  let asked = 0;
  const query = () => Promise.resolve([{ has_people: answers[asked++] }]);
  const handlers = new Map<Endpoint, (call: never) => Promise<unknown>>();
  mountOperation((endpoint, handler) => void handlers.set(endpoint, handler), {
    phase: () => "ready",
    version: "1.2.3",
    kind: "server",
    ...(answers.length > 0 && { database: { query } as unknown as Database }),
  });
  return { ask: () => handlers.get(endpoints.getServer)?.({} as never), asked: () => asked };
}

test("the database is asked until there are people, and not again", async () => {
  const { ask, asked } = serverOf(false, false, true);
  for (const has_people of [false, false, true, true, true])
    expect(await ask()).toEqual({ version: "1.2.3", has_people });
  expect(asked()).toBe(3);
});

test("whether there are people is not known before there is a database", async () => {
  const failure = await serverOf()
    .ask()
    ?.catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "unavailable", retryAfterSeconds: 1 });
});
