import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { UserInfo } from "@windi/protocol";
import { indexWays, openExplained, planningSettings, readingOf } from "../../../tests/plans.ts";
import { kinds, openStore, type Store } from "../../../tests/stores.ts";
import type { Queries } from "../database/database.ts";
import type { Connection } from "../realtime/connection.ts";
import { createPeopleAudit } from "../realtime/people-audit.ts";
import { findCallers } from "./access.store.ts";
import { updatePassword } from "./accounts.store.ts";
import { endSession, eraseSessions, insertSession, listSessions, rotate } from "./sessions.store.ts";
import { eraseTickets, redeem } from "./tickets.store.ts";
import type { Access } from "./tokens.ts";

const place = { device: "Firefox on Linux", address: "192.0.2.0/24" };
const newSession = async (queries: Queries, userId: string) => {
  const id = Bun.randomUUIDv7();
  await insertSession(queries, { id, userId, passwordVersion: 0, ...place, seconds: 600 });
  return id;
};

describe.each(kinds)("what a token says, on the %s database,", (kind) => {
  let store: Store;
  beforeAll(async () => {
    store = await openStore(kind);
  });
  afterAll(() => store[Symbol.asyncDispose]());

  /** Callers of all kinds, and who of them is still one. */
  async function newCallers(): Promise<[Access, UserInfo | undefined][]> {
    const [alice, bob] = (await store.people(2)) as [UserInfo, UserInfo];
    const [alive, over] = [
      await newSession(store.database, alice.id),
      await newSession(store.database, alice.id),
    ];
    await endSession(store.database, over, null);
    await updatePassword(store.database, bob.id, 0, "none");
    return [
      [{ userId: alice.id, passwordVersion: 0 }, alice],
      [{ userId: bob.id, passwordVersion: 0 }, undefined],
      [{ userId: alice.id, passwordVersion: 0, sessionId: alive }, alice],
      [{ userId: bob.id, passwordVersion: 1 }, bob],
      [{ userId: alice.id, passwordVersion: 0, sessionId: over }, undefined],
      [{ userId: bob.id, passwordVersion: 1, sessionId: alive }, undefined],
      [{ userId: alice.id, passwordVersion: 1 }, undefined],
      [{ userId: alice.id, passwordVersion: 0, sessionId: Bun.randomUUIDv7() }, undefined],
      [{ userId: Bun.randomUUIDv7(), passwordVersion: 0 }, undefined],
    ];
  }

  test("is looked up for many at once, each for itself", async () => {
    const callers = await newCallers();
    const found = await findCallers(
      store.database,
      callers.map(([access]) => access),
    );
    expect(found).toEqual(callers.map(([, user]) => user));
    expect(await findCallers(store.database, [])).toEqual([]);
  });

  test("is looked at again for connections: they are closed, or get another name, or stay as they are", async () => {
    const told: string[] = [];
    const callers = (await newCallers()).map(([access, user], n) => {
      const shown = user ?? { id: access.userId, name: "Somebody", email: "" };
      const close = (reason: string) => void told.push(`${n} ${reason}`);
      return {
        ...access,
        user: n === 0 ? { ...shown, name: "Before" } : shown,
        close,
      } as unknown as Connection;
    });
    const renamed = ({ name }: UserInfo) => void told.push(name);
    await createPeopleAudit({ database: store.database, all: () => callers, renamed })();
    const closed = [1, 4, 5, 6, 7, 8].map((n) => `${n} unauthenticated`);
    expect(told.toSorted()).toEqual([...closed, callers[2]?.user.name ?? ""].toSorted());
  });

  test("is not looked at again for a session's connections, as far as the password goes", async () => {
    const [alice] = (await store.people(1)) as [UserInfo];
    const sessionId = await newSession(store.database, alice.id);
    await updatePassword(store.database, alice.id, 0, "none");
    const closed: string[] = [];
    const close = (reason: string) => void closed.push(reason);
    const access = { userId: alice.id, passwordVersion: 0, sessionId };
    const connection = { ...access, user: alice, close } as unknown as Connection;
    const look = createPeopleAudit({ database: store.database, all: () => [connection], renamed: () => {} });
    await look();
    expect(closed).toEqual([]);
    await endSession(store.database, sessionId, alice.id);
    await look();
    expect(closed).toEqual(["unauthenticated"]);
  });
});

describe.each(Object.keys(planningSettings))("among 20,000 people with three sessions each, %s,", (how) => {
  let store: Store;
  let people: { id: string; session: string }[];
  beforeAll(async () => {
    store = await openStore("server");
    await store.database.query(`
      with crowd as (
        insert into users (id, name, email, email_key, password_hash)
        select gen_random_uuid(), 'Person', n, n, 'none' from generate_series(1, 20000) n returning id
      )
      insert into sessions (id, user_id, device, address, ends_at)
      select gen_random_uuid(), crowd.id, 'Firefox', 'x', now() + interval '1 day' from crowd, generate_series(1, 3)`);
    await store.database.query(
      "insert into used_tickets (id) select n::text from generate_series(1, 50000) n",
    );
    await store.database.query("analyze");
    people = await store.database.query("select user_id as id, id as session from sessions limit 100");
  });
  afterAll(() => store[Symbol.asyncDispose]());

  const places = { device: "x", address: "x", idleSeconds: 1, absoluteSeconds: 10 };
  const all = () => people.map(({ id, session }) => ({ userId: id, passwordVersion: 0, sessionId: session }));
  const connections = () =>
    all().map((access) => ({
      ...access,
      user: { id: access.userId, name: "Person", email: "" },
      close: () => {},
    }));
  const works: [string, number, (queries: Queries) => Promise<unknown>][] = [
    ["looking up 100 callers", 300, (queries) => findCallers(queries, all())],
    [
      "looking at 100 connections",
      300,
      (database) => createPeopleAudit({ database, all: connections as never, renamed: () => {} })(),
    ],
    [
      "a refresh",
      10,
      (queries) => rotate(queries, { id: people[0]?.session ?? "", generation: 0, ...places }),
    ],
    ["a list of devices", 10, (queries) => listSessions(queries, people[1]?.id ?? "")],
    ["a sign-in", 10, (queries) => newSession(queries, people[2]?.id ?? "")],
    [
      "using 100 tickets",
      300,
      (queries) =>
        redeem(
          queries,
          all().map(({ sessionId }) => sessionId),
        ),
    ],
    [
      "erasing nothing",
      10,
      async (queries) => {
        await eraseSessions(queries);
        await eraseTickets(queries);
      },
    ],
  ];

  test.each(works)("%s reads what it wants, and little more", async (_, mostRows, work) => {
    const explained = openExplained(store.url ?? "", planningSettings[how]);
    try {
      await work(explained.database);
    } finally {
      await explained.end();
    }
    expect(explained.plans.length).toBeGreaterThan(0);
    const readings = ["users", "sessions", "used_tickets"].map((table) => readingOf(explained.plans, table));
    for (const { ways } of readings) expect(ways.filter((way) => !indexWays.includes(way))).toEqual([]);
    expect(Math.max(...readings.map(({ rows }) => rows))).toBeLessThanOrEqual(mostRows);
  });
});
