import { expect, setDefaultTimeout, test } from "bun:test";
import type { GroupInfo } from "@windi/protocol";
import type { Client } from "@windi/sdk";
import { signIn, startNodes, type Person } from "../harness.ts";
import { connectedClient } from "../sdk/signed-in.ts";
import { until } from "../until.ts";
import { expectWhole, readWholeLog } from "./whole-log.ts";

setDefaultTimeout(120_000);

const people = 5;
/** Devices of each on each node. */
const devices = 5;
const writers = people * devices * 2;
const each = 6;
const total = writers * each;

/** Notes what a client is told of a chat, in the order in which it is told, until all of it was. */
async function listen(client: Client, chatId: string): Promise<string[]> {
  const told: string[] = [];
  for await (const change of client.chatLog(chatId).changes()) {
    if (change.kind === "following") expect(change.position.seq).toBe(0);
    else if (change.kind === "sent") told.push(`${change.message.seq} ${change.message.id}`);
    // More was missed than is told at once: all of it is told page by page.
    else expect(change.kind).toBe("resync");
    if (told.length === total) break;
  }
  return told;
}

test.each(["is there", "comes and goes"])(
  "fifty writers in one chat on two nodes: all are told the same in the same order while the bus %s",
  async (bus) => {
    await using nodes = await startNodes({ AUDIT_SECONDS: "1" });
    const [one, other] = nodes.servers;
    const persons: Person[] = [];
    for (let n = 0; n < people; n++) persons.push(await one.person(`Person ${n}`));
    const member_ids = persons.map(({ user }) => user.id);
    const created = await persons[0]?.call<GroupInfo>("POST", "/groups", { title: "All", member_ids });
    const chatId = created?.body.id ?? "";
    const clients: Client[] = [];
    for (const person of persons) {
      const elsewhere = await signIn(other.url, person.user, person.password);
      const opening = Array.from({ length: devices }, () => [
        connectedClient(one.url, person),
        connectedClient(other.url, elsewhere),
      ]);
      clients.push(...(await Promise.all(opening.flat())));
    }
    const listening = clients.map((client) => listen(client, chatId));

    if (bus === "comes and goes") nodes.wire.interrupt();
    for (let n = 0; n < each; n++)
      for (const [writer, client] of clients.entries()) client.outbox.send(chatId, `${writer} ${n}`);
    if (bus === "comes and goes") {
      const stored = async () => (await readWholeLog(one.url, persons[0]?.token ?? "", chatId)).length;
      await until(async () => (await stored()) > total / 2);
      nodes.wire.restore();
    }
    const told = await Promise.all(listening);

    const log = await readWholeLog(one.url, persons[0]?.token ?? "", chatId);
    expectWhole(log, total);
    const order = log.map(({ seq, id }) => `${seq} ${id}`);
    for (const heard of told) expect(heard).toEqual(order);
    for (let writer = 0; writer < writers; writer++) {
      const own = log.filter(({ text }) => text.startsWith(`${writer} `)).map(({ text }) => text);
      expect(own).toEqual(Array.from({ length: each }, (_, n) => `${writer} ${n}`));
    }
    for (const client of clients) client.close();
  },
);
