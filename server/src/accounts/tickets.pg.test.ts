import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { kinds, openStore, type Store } from "../../../tests/stores.ts";
import { createSeal } from "./seal.ts";
import { createTickets } from "./tickets.ts";
import { eraseTickets } from "./tickets.store.ts";

const secret = "q7F2m0XyK9bVtR4sLw8ZcN1pJ6hD3gUa";
const access = {
  userId: "01900000-0000-7000-8000-000000000001",
  sessionId: "01900000-0000-7000-8000-000000000002",
  passwordVersion: 3,
};

describe.each(kinds)("tickets on the %s database", (kind) => {
  let store: Store;
  const clock = { ms: 0 };
  const node = () => createTickets({ secret, database: store.node(), now: () => clock.ms });
  beforeAll(async () => {
    store = await openStore(kind);
  });
  afterAll(() => store[Symbol.asyncDispose]());

  test("a ticket stands for the token that it was given for, with a session or without", async () => {
    const tickets = node();
    expect(await tickets.use(tickets.issue(access).ticket)).toEqual(access);
    const plain = { userId: access.userId, passwordVersion: 0 };
    expect(await tickets.use(tickets.issue(plain).ticket)).toEqual(plain);
  });

  test("it is good once, also for fifty at the same moment on several nodes", async () => {
    const [one, other] = [node(), node()];
    const { ticket } = one.issue(access);
    const uses = await Promise.all(Array.from({ length: 50 }, (_, n) => (n % 2 ? one : other).use(ticket)));
    expect(uses.filter((use) => use !== undefined)).toEqual([access]);
    expect(await one.use(ticket)).toBeUndefined();
  });

  test("it is good for thirty seconds", async () => {
    const tickets = node();
    const [early, late] = [tickets.issue(access), tickets.issue(access)];
    expect(early.expires_in_ms).toBe(30_000);
    clock.ms += 29_999;
    expect(await tickets.use(early.ticket)).toEqual(access);
    clock.ms += 1;
    expect(await tickets.use(late.ticket)).toBeUndefined();
  });

  test("nothing else is one, and no two are the same", async () => {
    const tickets = node();
    const { ticket } = tickets.issue(access);
    expect(tickets.issue(access).ticket).not.toBe(ticket);
    const longer = ticket.replace(/\.\d+\./, ".99999999999999.");
    const others = ["", "garbage", longer, ticket.slice(0, -1), `${ticket}A`];
    const foreign = createSeal(secret, "refresh token").close(ticket.slice(0, ticket.lastIndexOf(".")));
    for (const other of [...others, foreign]) expect(await tickets.use(other)).toBeUndefined();
    expect(await tickets.use(ticket)).toEqual(access);
  });

  test("its characters are those that the name of a subprotocol may have", () => {
    expect(`ticket.${node().issue(access).ticket}`).toMatch(/^[\w!#$%&'*+.^`|~-]+$/);
  });

  test("used ones are erased when none of their time can be good any more", async () => {
    const tickets = node();
    await tickets.use(tickets.issue(access).ticket);
    await store.database.query("update used_tickets set used_at = used_at - interval '11 minutes'");
    const { ticket } = tickets.issue(access);
    await tickets.use(ticket);
    await eraseTickets(store.database);
    const left = await store.database.query<{ id: string }>("select id from used_tickets");
    expect(left.map(({ id }) => id)).toEqual([ticket.split(".")[0] ?? ""]);
  });
});
