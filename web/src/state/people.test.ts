import { describe, expect, test } from "bun:test";
import { ConnectionError, createObservable, type Client, type UserInfo } from "@windi/sdk";
import { createFakeWorld } from "../../../sdk/src/fake-world.ts";
import { createPeople } from "./people.ts";

async function createGroup() {
  const world = createFakeWorld();
  const { server, alice, bob, clock } = world;
  const chat = server.chat("group", [alice, bob]);
  const client = await world.connected(alice);
  void client.chats.loadMore();
  await clock.advance(10);
  const calls: string[] = [];
  const control = { isDown: false };
  /** The fake server has no groups and no search of people. */
  const call = async (id: string, input: unknown) => {
    calls.push(id);
    if (control.isDown) throw new ConnectionError("network");
    if (id === "findPeople") return { people: [bob], input };
    return { members: [...chat.members.values()].map((user) => ({ user, joined_at: "" })) };
  };
  const me = createObservable<UserInfo>(alice);
  const people = createPeople({ client: { ...client, call: call as Client["call"] }, me });
  const members = people.members(chat.id);
  const names = () => members.get().map(({ name }) => name);
  return { ...world, chat, client, calls, control, me, people, members, names };
}

describe("the members of a chat", () => {
  test("are asked for when somebody wants to know, once, and are in order of name", async () => {
    const { people, chat, members, names, calls, settle } = await createGroup();
    expect(names()).toEqual([]);
    await settle();
    expect(calls).toEqual([]);
    members.subscribe(() => {});
    people.members(chat.id).subscribe(() => {});
    await settle();
    expect(names()).toEqual(["alice", "bob"]);
    expect(calls).toEqual(["getGroup"]);
  });

  test("are current: who comes, who goes, who has another name", async () => {
    const { members, names, server, chat, clock, socket, bob, me, alice } = await createGroup();
    const stop = members.subscribe(() => {});
    await clock.advance(5);
    const carol = server.person("carol");
    chat.members.set(carol.id, carol);
    const change = { chat_id: chat.id, version: 1, user_ids: [carol.id], member_count: 3 };
    socket().deliver({ event: "members_added", ...change });
    await clock.advance(5);
    expect(names()).toEqual(["alice", "bob", "carol"]);
    socket().deliver({ event: "user_changed", user: { ...bob, name: "Zoe" } });
    me.set({ ...alice, name: "Yan" });
    await clock.advance(5);
    expect(names()).toEqual(["carol", "Yan", "Zoe"]);
    stop();
    stop();
    chat.members.delete(carol.id);
    socket().deliver({ event: "members_removed", ...change, version: 2 });
    await clock.advance(5);
    expect(names()).toContain("carol");
    members.subscribe(() => {});
    await clock.advance(5);
    expect(names()).not.toContain("carol");
  });

  test("are asked for again after a time without a connection", async () => {
    const { members, names, clock, socket, control, calls } = await createGroup();
    control.isDown = true;
    members.subscribe(() => {});
    await clock.advance(5);
    expect(names()).toEqual([]);
    control.isDown = false;
    socket().cut();
    await clock.advance(1000);
    expect(names()).toEqual(["alice", "bob"]);
    expect(calls).toHaveLength(2);
  });
});

test("people are found by the server", async () => {
  const { people, bob } = await createGroup();
  expect(await people.find("bo")).toEqual([bob]);
});
