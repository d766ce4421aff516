import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ChatInfo } from "@windi/protocol";
import { call, root, startServer, type Person, type TestServer } from "./harness.ts";
import { readMetrics, type MetricsPage } from "./metrics-page.ts";
import { openRawSocket } from "./raw-socket.ts";
import { openSocket } from "./socket.ts";
import { until } from "./until.ts";

const read = (path: string) => readFileSync(join(root, path), "utf8");
const token = "marker-metrics-token-5d1c";

test("a reader that stops is counted as slow when it is cut", async () => {
  await using server = await startServer({ environment: { METRICS_TOKEN: token } });
  const [alice, bob] = await Promise.all([server.person("Alice"), server.person("Bob")]);
  const { id: chat_id } = (await alice.call<ChatInfo>("POST", "/chats", { user_id: bob.user.id })).body;
  const stalled = await openRawSocket(server.url, { target: `/ws?token=${bob.token}` });
  stalled.sendJson({ action: "join_chat", chat_id });
  await stalled.nextJson();
  stalled.pause();
  const talker = await alice.connect();
  const text = "x".repeat(4096);
  // The kernel takes some megabytes for the stalled one before anything waits in the server.
  const page = await until(async () => {
    for (let i = 0; i < 200; i++) talker.send({ action: "send_message", chat_id, text });
    await talker.settle();
    const now = await readMetrics(server.url, token);
    return now.sum("windi_slow_closes_total") !== 0 && now;
  });
  expect(page.sum("windi_slow_closes_total")).toBe(1);
  expect(page.sum("windi_sockets_closed_total", { code: "1006" })).toBe(1);
  stalled.destroy();
});

describe("after traffic", () => {
  let server: TestServer;
  let alice: Person;
  let bob: Person;
  let chat: string;
  let page: MetricsPage;

  beforeAll(async () => {
    server = await startServer({
      environment: { METRICS_TOKEN: token, RATE_LIMITS: "typing=1/3600" },
    });
    [alice, bob] = await Promise.all([server.person("Alice"), server.person("Bob")]);
    chat = (await alice.call<ChatInfo>("POST", "/chats", { user_id: bob.user.id })).body.id;
    const [a, b] = await Promise.all([alice.connect(chat), bob.connect(chat)]);
    const send = { action: "send_message", chat_id: chat, text: "Hello", idempotency_key: "once" };
    const sent = await a.request(send);
    await a.request(send);
    await b.request({ action: "message_read", chat_id: chat, message_id: sent.data.id });
    await alice.call("POST", `/chats/${chat}/messages`, { text: "over HTTP" });
    await bob.call("GET", `/messages/history/${chat}`);
    const stranger = await server.person();
    await stranger.call("POST", `/chats/${chat}/messages`, { text: "refused" });
    await a.request({ action: "dance" });
    b.send({ action: "typing", chat_id: chat });
    b.send({ action: "typing", chat_id: chat });
    await b.request({ action: "subscribe" });
    await b.request({
      action: "catch_up",
      chats: [
        { chat_id: chat, seq: 0, version: 0 },
        { chat_id: crypto.randomUUID(), seq: 0, version: 0 },
      ],
    });
    await (
      await openSocket(server.url, "no token")
    ).closed;
    await fetch(`${server.url}/ws`);
    await call(server.url, "GET", `/nowhere/${chat}`, { token: alice.token });
    a.close();
    await a.closed;
    page = await until(async () => {
      const now = await readMetrics(server.url, token);
      return now.sum("windi_sockets") === 1 && now;
    });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test.each<[string, Record<string, string>, number]>([
    ["windi_sends_total", { outcome: "stored" }, 2],
    ["windi_sends_total", { outcome: "duplicate" }, 1],
    ["windi_sends_total", { outcome: "chat_not_found" }, 1],
    ["windi_send_commit_seconds_count", {}, 2],
    ["windi_send_deliver_seconds_count", {}, 2],
    ["windi_batch_size_sum", { kind: "sends" }, 4],
    ["windi_batch_size_count", { kind: "reads" }, 1],
    ["windi_frames_received_total", { action: "send_message" }, 2],
    ["windi_frames_received_total", { action: "invalid" }, 1],
    ["windi_frames_received_total", { action: "typing" }, 2],
    ["windi_rate_limited_total", { limit: "typing" }, 1],
    ["windi_errors_total", { via: "frame", code: "invalid_request" }, 1],
    ["windi_errors_total", { via: "http", code: "chat_not_found" }, 1],
    ["windi_errors_total", { via: "http", code: "not_found" }, 1],
    ["windi_http_requests_total", { operation: "sendMessage", status: "201" }, 1],
    ["windi_http_requests_total", { operation: "none", status: "404" }, 1],
    ["windi_http_request_seconds_count", { operation: "register" }, 3],
    ["windi_handshakes_total", { outcome: "accepted" }, 2],
    ["windi_handshakes_total", { outcome: "unauthenticated" }, 1],
    ["windi_handshakes_total", { outcome: "upgrade_required" }, 1],
    ["windi_sockets_opened_total", {}, 3],
    ["windi_sockets_closed_total", { code: "4001" }, 1],
    ["windi_catch_ups_total", { outcome: "changes" }, 1],
    ["windi_catch_ups_total", { outcome: "gone" }, 1],
    ["windi_database_up", {}, 1],
    ["windi_bus_connected", {}, 1],
    ["windi_build_info", { version: "test" }, 1],
    ["windi_passwords_waiting", {}, 0],
  ])("%s %o is %d", (name, labels, value) => {
    expect(page.sum(name, labels)).toBe(value);
  });

  test("times and sizes are plausible", () => {
    for (const name of ["windi_send_commit_seconds", "windi_send_deliver_seconds"]) {
      expect(page.sum(`${name}_sum`)).toBeWithin(0.0001, 10);
    }
    const mostly = page.sum("windi_send_deliver_seconds_sum") ?? 0;
    expect(mostly).toBeGreaterThanOrEqual(page.sum("windi_send_commit_seconds_sum") ?? 0);
    // Two messages to two listeners, and what was answered.
    expect(page.sum("windi_deliveries_total")).toBeWithin(8, 40);
    expect(page.sum("process_resident_memory_bytes")).toBeGreaterThan(10_000_000);
    expect(page.sum("process_start_time_seconds")).toBeWithin(
      Date.now() / 1000 - 3600,
      Date.now() / 1000 + 1,
    );
  });

  test.each(["append", "history", "read_pointers", "catch_up", "positions", "users", "transaction", "other"])(
    "the statement %s has a name of its own",
    (statement) => {
      expect(page.sum("windi_database_statement_seconds_count", { statement })).toBeGreaterThan(0);
    },
  );

  /** Values of labels that could be an id, an address, a name or a text. */
  const findIds = ({ samples }: MetricsPage) =>
    samples
      .flatMap(({ labels }) => Object.entries(labels))
      .filter(([label, value]) =>
        label === "le"
          ? !/^(\+Inf|\d+(\.\d+)?)$/.test(value)
          : !/^([a-zA-Z_]{1,24}|\d{3,4}|\d+\.\d+\.\d+)$/.test(value),
      );

  test("no label holds an id, an address or a name", () => {
    expect(findIds(page)).toEqual([]);
    const bad = [chat, "127.0.0.1", "::1", "alice@example.org", "Alice Smith", "01900000", "/chats/1"];
    for (const value of bad)
      expect(
        findIds({ ...page, samples: [{ name: "windi_ready", labels: { chat: value }, value: 1 }] }),
      ).toHaveLength(1);
  });

  test("no metric has more series than a page of them can hold", () => {
    const counts = Map.groupBy(page.samples, ({ name }) => name.replace(/_bucket$/, ""));
    const many = [...counts].filter(([, samples]) => samples.length > 400).map(([name]) => name);
    expect(many).toEqual([]);
  });

  describe("what is written about the metrics", () => {
    interface Panel {
      title: string;
      type: string;
      gridPos: { x: number; y: number; w: number; h: number };
      targets?: { expr: string }[];
      datasource?: { uid: string };
    }
    const dashboard = JSON.parse(read("deploy/grafana/windi.json")) as {
      schemaVersion: number;
      templating: { list: { name: string }[] };
      panels: Panel[];
    };
    const { groups } = Bun.YAML.parse(read("deploy/alerts.yaml")) as {
      groups: {
        rules: {
          alert: string;
          expr: string;
          labels: { severity: string };
          annotations: { summary: string };
        }[];
      }[];
    };
    const rules = groups.flatMap((group) => group.rules);
    const queries = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

    const namesIn = (text: string) => [...new Set(text.match(/\b(?:windi|process)_[a-z_]+\b/g))];
    const known = () => new Set(page.samples.map(({ name }) => name));
    const findUnknown = (expr: string) => namesIn(expr).filter((name) => !known().has(name));
    /** Without what a histogram adds to its name. */
    const families = () => new Set([...known()].map((name) => name.replace(/_(bucket|sum|count)$/, "")));

    test("the dashboard asks for metrics that exist, in every panel", () => {
      expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(39);
      expect(dashboard.templating.list.map(({ name }) => name)).toContain("datasource");
      const rows = dashboard.panels.filter(({ type }) => type === "row").map(({ title }) => title);
      expect(rows).toEqual(["Users", "Message path", "Real time", "Cluster", "Database", "Process"]);
      expect(queries.length).toBeGreaterThan(30);
      expect(queries.flatMap(findUnknown)).toEqual([]);
      expect(queries.filter((expr) => namesIn(expr).length === 0)).toEqual([]);
    });

    test("panels do not lie upon each other", () => {
      const overlap = ({ gridPos: a }: Panel, { gridPos: b }: Panel) =>
        a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
      const pairs = dashboard.panels.flatMap((a, i) =>
        dashboard.panels.slice(i + 1).map((b) => [a, b] as const),
      );
      expect(pairs.filter(([a, b]) => overlap(a, b))).toEqual([]);
      expect(dashboard.panels.filter(({ gridPos: { x, w } }) => x + w > 24)).toEqual([]);
    });

    test("the rules ask for metrics that exist, and each says what to do", () => {
      expect(rules.length).toBeGreaterThanOrEqual(10);
      expect(rules.flatMap(({ expr }) => findUnknown(expr))).toEqual([]);
      for (const { alert, labels, annotations } of rules) {
        expect([alert, labels.severity]).toEqual([alert, expect.stringMatching(/^(page|ticket)$/)]);
        expect([alert, annotations.summary.length]).toEqual([alert, expect.any(Number)]);
        expect(annotations.summary.length).toBeWithin(80, 320);
      }
    });

    test("a query for what does not exist is found out", () => {
      expect(findUnknown("rate(windi_send_total[5m]) / windi_ready")).toEqual(["windi_send_total"]);
    });

    const documented = (text: string) => {
      const chapter = /^## Watching it$([\s\S]*?)^## /m.exec(text)?.[1] ?? "";
      return namesIn([...chapter.matchAll(/`([a-z_]+)`/g)].map(([, name = ""]) => name).join(" "));
    };

    test("each metric is documented, and each documented one exists", () => {
      expect(documented(read("docs/operating.md")).toSorted()).toEqual([...families()].toSorted());
      expect(documented("## Watching it\n`windi_ready` `windi_nothing`\n## Next")).toEqual([
        "windi_ready",
        "windi_nothing",
      ]);
    });
  });
});
