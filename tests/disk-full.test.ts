import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { ChatInfo, ErrorBody, MessageInfo } from "@windi/protocol";
import postgresClient from "postgres";
import { call, createPerson, prepareEmbedded, type Person } from "./harness.ts";
import { startPostgres } from "./postgres.ts";
import { processEnvironment, startProcess, type ServerProcess } from "./process.ts";
import { createSmallDisk, type SmallDisk } from "./small-disk.ts";
import { until } from "./until.ts";

// Servers are started, killed and started again here, on a machine that may be busy.
setDefaultTimeout(90_000);

const megabyte = 1024 * 1024;

/** 4096 characters that no database compresses: 12 KiB. */
function createText(): string {
  const units = crypto.getRandomValues(new Uint16Array(4096));
  return String.fromCharCode(...units.map((unit) => 0x4e00 + (unit % 0x5000)));
}

interface Talk {
  readonly person: Person;
  readonly chat: ChatInfo;
  readonly acknowledged: MessageInfo[];
  /** Sends until one is refused, and answers with the refusal. */
  fill(): Promise<{ status: number; body: ErrorBody; headers: Headers }>;
  send(): Promise<{ status: number; body: MessageInfo | ErrorBody }>;
}

async function startTalk(url: string): Promise<Talk> {
  const [person, other] = [await createPerson(url), await createPerson(url)];
  const { body: chat } = await person.call<ChatInfo>("POST", "/chats", { user_id: other.user.id });
  const acknowledged: MessageInfo[] = [];
  async function send() {
    const body = { text: createText(), idempotency_key: crypto.randomUUID() };
    const answer = await person.call<MessageInfo | ErrorBody>("POST", `/chats/${chat.id}/messages`, body);
    if ("seq" in answer.body) acknowledged.push(answer.body);
    return answer;
  }
  return {
    person,
    chat,
    acknowledged,
    send,
    async fill() {
      for (;;) {
        const answers = await Promise.all(Array.from({ length: 20 }, send));
        const refused = answers.find((answer) => answer.status !== 201);
        if (refused) return refused as { status: number; body: ErrorBody; headers: Headers };
      }
    },
  };
}

/** Each acknowledged message is in the chat, once and as it was; nothing is left out. */
async function expectAll({ person, chat, acknowledged }: Talk): Promise<void> {
  const log: MessageInfo[] = [];
  for (;;) {
    const path = `/messages/history/${chat.id}?limit=100&after_seq=${log.length}`;
    const page = await person.call<MessageInfo[]>("GET", path);
    expect(page.status).toBe(200);
    if (page.body.length === 0) break;
    log.push(...page.body);
  }
  expect(log.map((message) => message.seq)).toEqual(log.map((_, n) => n + 1));
  const bySeq = acknowledged.toSorted((a, b) => a.seq - b.seq);
  // What was refused as unavailable may have been stored all the same, but never in the place of another.
  const known = new Set(log.map((message) => message.id));
  expect(bySeq.filter((message) => !known.has(message.id))).toEqual([]);
  expect(bySeq).toEqual(bySeq.map((message) => log[message.seq - 1]!));
}

async function expectWorking(talk: Talk, server: ServerProcess): Promise<void> {
  await until(async () => (await talk.send()).status === 201, 15_000);
  await expectAll(talk);
  expect(server.isRunning).toBe(true);
}

describe("a full disk below the embedded database", () => {
  async function start(disk: SmallDisk) {
    await prepareEmbedded(disk.path);
    const environment = { DATA_DIR: disk.path };
    return startProcess(await processEnvironment({ environment }));
  }

  test("is told as such, stops no reader, and when there is space again, messages go on", async () => {
    await using disk = await createSmallDisk(100);
    await using server = await start(disk);
    const talk = await startTalk(await server.listening);
    // The tables come to their end before the log does, which is written into files of 16 MiB.
    disk.fill(2 * megabyte);
    const refused = await talk.fill();
    expect(refused).toMatchObject({ status: 507, body: { code: "storage_full" } });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(talk.acknowledged.length).toBeGreaterThan(0);
    await expectAll(talk);
    expect((await talk.send()).status).toBe(507);
    disk.clear();
    await expectWorking(talk, server);
  });

  test("that ends it, because its log finds no place, loses nothing: it is started again when there is space", async () => {
    await using disk = await createSmallDisk(100);
    await using server = await start(disk);
    const url = await server.listening;
    const talk = await startTalk(url);
    disk.fill(15 * megabyte);
    const refused = await talk.fill();
    expect(refused).toMatchObject({ status: 503, body: { code: "unavailable" } });
    expect(talk.acknowledged.length).toBeGreaterThan(0);
    expect((await call(url, "GET", "/livez")).status).toBe(200);
    await until(async () => (await call(url, "GET", "/readyz")).status === 503);
    disk.clear();
    await until(async () => (await call(url, "GET", "/readyz")).status === 200);
    await expectWorking(talk, server);
  });

  test("keeps no server from starting, nor a reader from reading", async () => {
    await using disk = await createSmallDisk(80);
    await prepareEmbedded(disk.path);
    const environment = await processEnvironment({ environment: { DATA_DIR: disk.path } });
    await using before = startProcess(environment);
    const talk = await startTalk(await before.listening);
    await talk.send();
    before.kill("SIGKILL");
    await before.exited;
    disk.fill(0);
    await using server = startProcess(environment);
    await server.listening;
    expect(await talk.send()).toMatchObject({ status: 507, body: { code: "storage_full" } });
    await expectAll(talk);
    disk.clear();
    await expectWorking(talk, server);
  });
});

describe("a full disk below a PostgreSQL server", () => {
  test("is told as such, stops no reader, and when there is space again, messages go on", async () => {
    await using disk = await createSmallDisk(160);
    await using postgres = await startPostgres(disk.path);
    const environment = { DATABASE_URL: postgres.createDatabase() };
    await using server = startProcess(await processEnvironment({ database: "server", environment }));
    const url = await server.listening;
    const talk = await startTalk(url);
    await talk.send();
    // A file of the log that is only begun, so that the tables come to their end first.
    const client = postgresClient(postgres.url, { max: 1 });
    await client`select pg_switch_wal()`;
    await talk.send();
    await client.end();
    disk.fill(3 * megabyte);
    const refused = await talk.fill();
    expect(refused).toMatchObject({ status: 507, body: { code: "storage_full" } });
    await expectAll(talk);
    expect((await call(url, "GET", "/readyz")).status).toBe(200);
    disk.clear();
    await expectWorking(talk, server);
  });
});
