import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { kinds, openStore, type Store } from "../../../tests/stores.ts";
import { updatePassword } from "./accounts.store.ts";
import type { AccountNews } from "./news.ts";
import { createProfiles } from "./profile.ts";

const silent: AccountNews = {
  sessionsEnded: () => {},
  passwordChanged: () => {},
  presenceSwitched: () => {},
  userChanged: () => {},
};

describe.each(kinds)("what people change of themselves on the %s database", (kind) => {
  let store: Store;
  beforeAll(async () => {
    store = await openStore(kind);
  });
  afterAll(() => store[Symbol.asyncDispose]());

  /** Every password is right; `meanwhile` happens while it is checked. */
  const createOwn = (meanwhile: () => Promise<unknown>) =>
    createProfiles({
      database: store.database,
      passwords: {
        hash: (password) => Promise.resolve(`hash of ${password}`),
        verify: async () => (await meanwhile(), true),
        waiting: 0,
      },
      news: silent,
    });

  test("an address is not changed by a password that is another one by then", async () => {
    const [user] = await store.people(1);
    const { id = "", email = "" } = user ?? {};
    const profiles = createOwn(() => updatePassword(store.database, id, 0, "the hash of another one"));
    const change = { email: "thief@example.org", current_password: "the old one" };
    const code = await profiles.change(id, change).catch((error: { code: string }) => error.code);
    expect(code).toBe("wrong_password");
    expect((await profiles.read(id)).email).toBe(email);
  });

  test("an address is changed by the password that is still right, a name without one", async () => {
    const [user] = await store.people(1);
    const { id = "" } = user ?? {};
    const profiles = createOwn(() => Promise.resolve());
    const email = `${crypto.randomUUID()}@example.org`;
    await profiles.change(id, { email, current_password: "the password" });
    await profiles.change(id, { name: "Another name" });
    expect(await profiles.read(id)).toMatchObject({ email, name: "Another name" });
  });
});
