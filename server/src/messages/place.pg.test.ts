import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { UserInfo } from "@windi/protocol";
import fc from "fast-check";
import { indexWays, openExplained, planningSettings, readingOf } from "../../../tests/plans.ts";
import { kinds, openStore, type Store } from "../../../tests/stores.ts";
import { findPlaceAt } from "./place.store.ts";

describe.each(kinds)("the place of a moment on the %s database", (kind) => {
  let store: Store;
  let alice: UserInfo;
  let bob: UserInfo;

  beforeAll(async () => {
    store = await openStore(kind);
    [alice, bob] = (await store.people(2)) as [UserInfo, UserInfo];
  });
  afterAll(() => store[Symbol.asyncDispose]());

  test("is the first message at or after it, for random times, some of them equal", async () => {
    const epoch = Date.parse("2026-01-31T09:00:00.000Z");
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(20), { maxLength: 40 }),
        fc.integer({ min: -2, max: 22 }),
        async (ages, at) => {
          const times = ages.toSorted((a, b) => a - b);
          const chat = await store.group([alice]);
          if (times.length > 0) await store.append(chat, alice, times.map(String));
          await store.database.query(
            `update messages m set created_at = to_timestamp(t.at / 1000)
          from unnest($2::float8[]) with ordinality t(at, seq) where m.chat_id = $1 and m.seq = t.seq`,
            [chat, times.map((time) => epoch + time)],
          );
          const first = times.findIndex((time) => time >= at) + 1;
          expect(await findPlaceAt(store.database, chat, alice.id, epoch + at)).toBe(
            first === 0 ? null : first,
          );
        },
      ),
      { numRuns: 30 },
    );
  });

  test("is of no chat that one is not in", async () => {
    const chat = await store.group([alice]);
    await store.append(chat, alice, ["text"]);
    expect(await findPlaceAt(store.database, chat, bob.id, 0)).toBeUndefined();
    expect(await findPlaceAt(store.database, crypto.randomUUID(), alice.id, 0)).toBeUndefined();
    expect(await findPlaceAt(store.database, chat, alice.id, 0)).toBe(1);
  });
});

describe("the place of a moment among a million messages", () => {
  const messageCount = 1_000_000;
  const slice = 100_000;
  let store: Store;
  let alice: UserInfo;
  let chat: string;

  beforeAll(async () => {
    store = await openStore("server");
    [alice] = (await store.people(1)) as [UserInfo];
    chat = await store.group([alice]);
    // What is not looked at here takes longest to make.
    for (const index of ["id", "idempotency_key", "sender", "changed", "deleted"])
      await store.database.query(`drop index messages_${index}`);
    // A statement may take 15 s, on a busy machine too.
    for (let after = 0; after < messageCount; after += slice)
      await store.database.query(
        `insert into messages (chat_id, seq, id, sender_id, text, version, created_at)
        select $1::uuid, n, $2::uuid, $2::uuid, '', n, to_timestamp(n) from generate_series($3::int + 1, $3::int + ${slice}) n`,
        [chat, alice.id, after],
      );
    await store.database.query("update chats set last_seq = $2::int where id = $1", [chat, messageCount]);
    await store.database.query("analyze messages");
  }, 60_000);
  afterAll(() => store[Symbol.asyncDispose]());

  test.each(Object.keys(planningSettings))(
    "takes as many look-ups as it has binary digits: %s",
    async (name) => {
      const explained = openExplained(store.url ?? "", planningSettings[name]);
      await explained.database.query("select 1");
      for (const seq of [1, 2, 123_456, messageCount / 2, messageCount]) {
        explained.plans.length = 0;
        expect(await findPlaceAt(explained.database, chat, alice.id, seq * 1000)).toBe(seq);
        expect(explained.plans).toHaveLength(1);
        const { ways, rows } = readingOf(explained.plans, "messages");
        expect(ways.filter((way) => !indexWays.includes(way))).toEqual([]);
        expect(rows).toBeLessThanOrEqual(25);
      }
      await explained.end();
    },
  );
});
