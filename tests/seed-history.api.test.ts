import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { GroupInfo, MessageInfo } from "@windi/protocol";
import { startServer, type DatabaseKind, type Person, type TestServer } from "./harness.ts";

const greatest = 2_147_483_647;
/** More than the largest page. */
const total = 130;
const range = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);

describe.each<DatabaseKind>(["embedded", "server"])(
  "the history of a chat of 130 messages on the %s database",
  (database) => {
    let server: TestServer;
    let alice: Person;
    let outsider: Person;
    let chat: string;
    let empty: string;

    beforeAll(async () => {
      server = await startServer({ database });
      [alice, outsider] = await Promise.all([server.person("Alice"), server.person("Bob")]);
      const newGroup = async () => (await alice.call<GroupInfo>("POST", "/groups", { title: "Log" })).body.id;
      [chat, empty] = [await newGroup(), await newGroup()];
      const socket = await alice.connect(chat);
      await Promise.all(
        range(1, total).map((i) => socket.request({ action: "send_message", chat_id: chat, text: `${i}` })),
      );
      socket.close();
    });
    afterAll(() => server[Symbol.asyncDispose]());

    const page = (query: string, id = chat) =>
      alice.call<MessageInfo[]>("GET", `/messages/history/${id}?${query}`);
    const seqs = async (query: string, id = chat) => {
      const { status, body } = await page(query, id);
      expect(status).toBe(200);
      for (const message of body) expect(message.text).toBe(`${message.seq}`);
      return body.map((message) => message.seq);
    };

    test.each<[string, number[]]>([
      // The seed's own: from the oldest on.
      ["", range(1, 50)],
      ["limit=1", [1]],
      ["limit=100", range(1, 100)],
      ["offset=3&limit=2", [4, 5]],
      ["offset=100", range(101, 130)],
      ["offset=129", [130]],
      ["offset=130", []],
      [`offset=${greatest}`, []],
      // The newest before a place.
      [`before_seq=${greatest}`, range(81, 130)],
      [`before_seq=${greatest}&limit=1`, [130]],
      ["before_seq=131&limit=2", [129, 130]],
      ["before_seq=81", range(31, 80)],
      ["before_seq=3", [1, 2]],
      ["before_seq=2&limit=100", [1]],
      ["before_seq=1", []],
      ["before_seq=0", []],
      // The oldest after a place.
      ["after_seq=0&limit=2", [1, 2]],
      ["after_seq=80", range(81, 130)],
      ["after_seq=129", [130]],
      ["after_seq=130", []],
      [`after_seq=${greatest}`, []],
      // Both sides of a place.
      ["around_seq=60&limit=5", range(58, 62)],
      ["around_seq=60&limit=4", range(58, 61)],
      ["around_seq=60&limit=1", [60]],
      ["around_seq=1&limit=5", range(1, 5)],
      ["around_seq=0&limit=5", range(1, 5)],
      ["around_seq=130&limit=5", range(126, 130)],
      [`around_seq=${greatest}&limit=5`, range(126, 130)],
      ["around_seq=65&limit=100", range(15, 114)],
    ])("?%s is a page, oldest first", async (query, expected) => {
      expect(await seqs(query)).toEqual(expected);
    });

    test.each(["", `before_seq=${greatest}`, "before_seq=1", "after_seq=0", "around_seq=1", "offset=5"])(
      "of an empty chat ?%s is an empty page",
      async (query) => {
        expect(await seqs(query, empty)).toEqual([]);
      },
    );

    test("pages that follow each other, forwards and backwards, give every message once and in order", async () => {
      const forwards: number[] = [];
      for (let last = 0; ; last = forwards.at(-1) ?? 0) {
        const next = await seqs(`after_seq=${last}&limit=37`);
        if (next.length === 0) break;
        forwards.push(...next);
      }
      let backwards: number[] = [];
      for (let first = greatest; ; first = backwards[0] ?? 0) {
        const before = await seqs(`before_seq=${first}&limit=37`);
        if (before.length === 0) break;
        backwards = [...before, ...backwards];
      }
      expect(forwards).toEqual(range(1, total));
      expect(backwards).toEqual(range(1, total));
    });

    test.each([
      ["limit=0", "limit"],
      ["limit=101", "limit"],
      ["limit=-1", "limit"],
      ["limit=1.5", "limit"],
      ["limit=many", "limit"],
      ["limit=", "limit"],
      ["offset=-1", "offset"],
      ["offset=2147483648", "offset"],
      ["offset=1e400", "offset"],
      ["before_seq=-1", "before_seq"],
      ["before_seq=x", "before_seq"],
      ["after_seq=2147483648", "after_seq"],
      ["around_seq=NaN", "around_seq"],
    ])("?%s is 422 and names the field", async (query, field) => {
      const { status, body } = await page(query);
      expect([status, body]).toEqual([422, expect.objectContaining({ code: "invalid_request" })]);
      expect((body as unknown as { detail: unknown }).detail).toEqual([
        { loc: ["query", field], msg: expect.any(String), type: expect.any(String) },
      ]);
    });

    test("two places at once are 422 and say what to do", async () => {
      const { status, body } = await page("before_seq=1&after_seq=1");
      expect([status, JSON.stringify(body)]).toEqual([
        422,
        expect.stringContaining("at most one of before_seq"),
      ]);
    });

    test("what is there is not told to whom it does not belong", async () => {
      const paths = [chat, crypto.randomUUID()].map((id) => `/messages/history/${id}`);
      const answers = await Promise.all(
        paths.map((path) => outsider.call<{ request_id: string }>("GET", path)),
      );
      expect(answers.map(({ status }) => status)).toEqual([404, 404]);
      const [one, other] = answers.map(({ body }) => ({ ...body, request_id: "" }));
      expect(one).toEqual(other as NonNullable<typeof other>);
      expect((await outsider.call("GET", "/messages/history/garden")).status).toBe(422);
    });
  },
);
