import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { connect, type Socket } from "node:net";
import { call, createPerson, type Person } from "./harness.ts";
import { processEnvironment, startProcess, type ServerProcess } from "./process.ts";
import { opcodes, openRawSocket } from "./raw-socket.ts";

// Thousands of connections are opened here, on a machine that may be busy.
setDefaultTimeout(120_000);

const visitors = 3000;
let server: ServerProcess;
let url: string;
let alice: Person;

beforeAll(async () => {
  const environment = { LOG_LEVEL: "debug", HANDSHAKES_PER_SECOND: "1000" };
  server = startProcess(await processEnvironment({ database: "server", environment }));
  url = await server.listening;
  alice = await createPerson(url);
});
afterAll(() => server[Symbol.asyncDispose]());

interface Answer {
  status: number;
  retryAfter: string | undefined;
  body: string;
  socket: Socket;
}

/** Asks once for a WebSocket. */
function knock(): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    let text = "";
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      const [head = "", body] = text.split("\r\n\r\n");
      if (body === undefined) return;
      const retryAfter = /^retry-after: (.*)$/im.exec(head)?.[1]?.trim();
      resolve({ status: Number(text.slice(9, 12)), retryAfter, body, socket });
    });
    socket.on("error", reject);
    const lines = [
      `GET /ws?token=${alice.token} HTTP/1.1`,
      `Host: localhost`,
      ...["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"],
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ];
    socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  });
}

/** Comes again when the server says so, until it is let in; answers with all that it was told. */
async function insist(): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (;;) {
    const answer = await knock();
    answers.push(answer);
    if (answer.status !== 503) return answers;
    answer.socket.destroy();
    const seconds = Number(answer.retryAfter) + Math.random();
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  }
}

test("of thousands who come at once some are let in, the others are told when to come again, and then are", async () => {
  const flood = Promise.all(Array.from({ length: visitors }, insist));
  expect((await call(url, "GET", "/readyz")).status).toBe(200);
  expect((await alice.call("GET", "/auth/me")).status).toBe(200);
  const all = await flood;

  const first = all.map(([answer]) => answer?.status);
  expect(new Set(first)).toEqual(new Set([101, 503]));
  expect(first.filter((status) => status === 101).length).toBeGreaterThanOrEqual(256);
  const refusals = all.flat().filter(({ status }) => status === 503);
  expect(refusals.length).toBeGreaterThan(visitors / 4);
  const told = new Set(refusals.map(({ retryAfter }) => retryAfter));
  expect(["1", "2", "3", "4", "5"]).toEqual(expect.arrayContaining([...told]));
  expect(told.size).toBeGreaterThan(1);
  expect(JSON.parse(refusals[0]?.body ?? "")).toMatchObject({ code: "overloaded" });
  expect(all.map((answers) => answers.at(-1)?.status)).toEqual(all.map(() => 101));

  const lines = server.log.filter(({ msg }) => msg === "WebSocket refused");
  expect(lines).toHaveLength(refusals.length);
  for (const answers of all) answers.at(-1)?.socket.destroy();
});

test("who is let in is served", async () => {
  const socket = await openRawSocket(url, { target: `/ws?token=${alice.token}` });
  socket.send(opcodes.text, JSON.stringify({ action: "leave_chat", chat_id: alice.user.id }));
  expect(await socket.nextJson()).toMatchObject({ status: "left" });
  socket.destroy();
});
