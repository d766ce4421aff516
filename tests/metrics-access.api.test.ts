import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { findFreePort } from "../server/src/processes/port.ts";
import { call, createPerson, startServer, testEnvironment, type TestServer } from "./harness.ts";
import { readMetrics } from "./metrics-page.ts";
import { freePort } from "./postgres.ts";
import { processEnvironment, startProcess } from "./process.ts";
import { openSocket } from "./socket.ts";
import { until } from "./until.ts";

const token = "marker-metrics-token-5d1c";
const ask = (url: string, authorization?: string) =>
  call<{ code?: string }>(url, "GET", "/metrics", {
    headers: authorization === undefined ? {} : { authorization },
  }).catch((error: unknown) => {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  });

describe("on the server's port", () => {
  test("there is nothing without a token of its own, at neither path", async () => {
    await using server = await startServer();
    for (const prefix of ["", "/api/v1"]) {
      const { status, body } = await call<{ code: string }>(server.url, "GET", `${prefix}/metrics`);
      expect([status, body.code]).toEqual([404, "not_found"]);
    }
  });

  describe("with a token of its own", () => {
    let server: TestServer;
    beforeAll(async () => {
      server = await startServer({ environment: { METRICS_TOKEN: token } });
    });
    afterAll(() => server[Symbol.asyncDispose]());

    test("whoever has it reads, as Prometheus expects", async () => {
      const headers = { authorization: `Bearer ${token}` };
      const response = await fetch(`${server.url}/metrics`, { headers });
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect(await response.text()).toMatch(
        /^# HELP windi_ready .*\n# TYPE windi_ready gauge\nwindi_ready 1$/m,
      );
    });

    test("nobody else does: no token, part of it, more than it, another scheme, a user's token", async () => {
      const { token: own } = await server.person();
      const wrong = [
        `Bearer ${token.slice(0, -1)}`,
        `Bearer ${token}x`,
        `Basic ${token}`,
        token,
        `Bearer ${own}`,
      ];
      for (const authorization of [undefined, "", ...wrong]) {
        const answer = await ask(server.url, authorization);
        expect([authorization, answer?.status, answer?.body.code]).toEqual([
          authorization,
          401,
          "unauthenticated",
        ]);
        expect(answer?.headers.get("www-authenticate")).toBe("Bearer");
      }
    });

    test("it opens nothing else", async () => {
      expect((await call(server.url, "GET", "/auth/me", { token })).status).toBe(401);
    });
  });

  test("the token is not in the log, right or wrong, whatever is asked with it", async () => {
    const environment = await testEnvironment({ environment: { METRICS_TOKEN: token, LOG_LEVEL: "trace" } });
    await using server = startProcess(environment);
    const url = await server.listening;
    expect(await ask(url, `Bearer ${token}`)).toBeUndefined();
    for (const path of ["/metrics", "/auth/me", `/nowhere?token=${token}`, `/metrics?token=${token}`])
      await call(url, "GET", path, { token: `${token}-wrong` });
    await (
      await openSocket(url, token)
    ).closed;
    server.kill("SIGTERM");
    await server.exited;
    const lines = [...server.log.map((line) => JSON.stringify(line)), server.errors];
    expect(lines.filter((line) => line.includes('"path":"/metrics"')).length).toBeGreaterThan(2);
    expect(lines.filter((line) => line.includes("marker-"))).toEqual([]);
  });
});

/** The first of several free ports in a row. */
async function freePorts(count: number): Promise<number> {
  for (;;) {
    const first = await freePort();
    const rest = Array.from({ length: count - 1 }, (_, i) => first + 1 + i);
    const isFree = await Promise.all(
      rest.map((port) => findFreePort("127.0.0.1", port).then(Boolean, () => false)),
    );
    if (isFree.every(Boolean)) return first;
  }
}

describe("on a port of its own", () => {
  const onPort = async (more: Record<string, string> = {}) => {
    const METRICS_PORT = String(await freePort());
    return { url: `http://127.0.0.1:${METRICS_PORT}`, environment: { METRICS_PORT, ...more } };
  };

  test("whoever reaches it reads, and finds nothing else", async () => {
    const { url, environment } = await onPort();
    await using _server = await startServer({ environment });
    expect((await readMetrics(url)).sum("windi_ready")).toBe(1);
    for (const path of ["/", "/livez", "/auth/me", "/metrics/x"])
      expect([path, (await call(url, "GET", path)).status]).toEqual([path, 404]);
    expect((await call(url, "POST", "/metrics")).status).toBe(405);
  });

  test("a token is asked for there too, if there is one", async () => {
    const { url, environment } = await onPort({ METRICS_TOKEN: token });
    await using _server = await startServer({ environment });
    expect((await ask(url))?.status).toBe(401);
    expect((await readMetrics(url, token)).sum("windi_ready")).toBe(1);
  });

  test("it tells that the database is away while the server waits for it", async () => {
    const { url, environment } = await onPort({ DATABASE_URL: "postgres://windi@127.0.0.1:1/windi" });
    await using server = startProcess(await testEnvironment({ database: "server", environment }));
    const page = await until(() => readMetrics(url));
    expect([page.sum("windi_ready"), page.sum("windi_database_up")]).toEqual([0, 0]);
    server.kill("SIGTERM");
    await server.exited;
  });

  test("several processes have one each, and what they tell adds up", async () => {
    const first = await freePorts(2);
    const settings = { PROCESSES: "2", NATS_URL: process.env["TEST_NATS_URL"] ?? "" };
    const { environment } = await onPort({ ...settings, METRICS_PORT: String(first) });
    await using server = startProcess(await processEnvironment({ database: "server", environment }));
    const alice = await createPerson(await server.listening, "Alice");
    const read = () => Promise.all([0, 1].map((i) => readMetrics(`http://127.0.0.1:${first + i}`)));
    await until(async () => (await read()).every((page) => page.sum("windi_ready") === 1));
    for (let i = 0; i < 8; i++) await alice.connect();
    const pages = await read();
    const sum = (name: string, labels?: Record<string, string>) =>
      pages.reduce((total, page) => total + (page.sum(name, labels) ?? 0), 0);
    expect([sum("windi_sockets"), sum("windi_bus_connected")]).toEqual([8, 2]);
    expect(sum("windi_http_requests_total", { operation: "register", status: "201" })).toBe(1);
  }, 120_000);

  test("that is taken is named, and nothing starts", async () => {
    const { environment } = await onPort();
    await using _other = await startServer({ environment });
    await using server = startProcess(await testEnvironment({ environment }));
    expect((await server.exited).code).toBe(78);
    expect(server.errors).toStartWith("METRICS_HOST and METRICS_PORT cannot be used: ");
  });
});
