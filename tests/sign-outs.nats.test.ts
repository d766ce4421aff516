import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { call, createTestDatabase, startServer, type Person, type TestServer } from "./harness.ts";
import { startNats, type NatsServer } from "./nats.ts";
import { openPage } from "./page-visitor.ts";
import { openSocket } from "./socket.ts";

describe.each(["3600", "1"])("two nodes with NATS between them, which look every %s s", (auditSeconds) => {
  let nats: NatsServer;
  let servers: [TestServer, TestServer];
  let alice: Person;

  beforeAll(async () => {
    nats = await startNats();
    const environment = {
      DATABASE_URL: createTestDatabase(),
      JWT_SECRET_KEY: crypto.randomUUID() + crypto.randomUUID(),
      NATS_URL: nats.url,
      AUDIT_SECONDS: auditSeconds,
    };
    const one = await startServer({ database: "server", environment });
    servers = [one, await startServer({ database: "server", environment })];
    alice = await one.person("Alice");
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
    await nats[Symbol.asyncDispose]();
  });

  async function newDevice() {
    const page = openPage(servers[0].url);
    const { access_token: token } = await page.signIn(alice);
    return { page, token, there: await openSocket(servers[1].url, token) };
  }

  test("a session that ends on one closes its sockets on the other, also while NATS is away", async () => {
    const [own, other] = [await newDevice(), await newDevice()];
    if (auditSeconds === "1") await nats.kill();
    await own.page.post("/auth/logout");
    expect((await own.there.closed).code).toBe(4001);
    await other.there.settle();
    const body = { current_password: alice.password, new_password: "battery staple" };
    const plain = await openSocket(servers[1].url, alice.token);
    await call(servers[0].url, "PUT", "/auth/me/password", { token: other.token, body });
    expect((await plain.closed).code).toBe(4001);
    await other.there.settle();
    other.there.close();
  }, 30_000);
});
