import { describe, expect, test } from "bun:test";
import { ApiError } from "./api-error.ts";
import { createFakeToken } from "./fake-server.ts";
import { createFakeWorld } from "./fake-world.ts";

describe("a connection", () => {
  test("goes from idle to subscribed", async () => {
    const world = createFakeWorld();
    const client = world.client(world.alice);
    const phases = world.phases(client);
    client.connect();
    await world.clock.advance(10);
    expect(phases).toEqual(["idle", "connecting", "subscribing", "subscribed"]);
    expect(client.userId()).toBe(world.alice.id);
  });

  test("that is cut comes back by itself after a wait", async () => {
    const world = createFakeWorld();
    const client = await world.connected(world.alice);
    const phases = world.phases(client);
    world.socket().cut(1006);
    expect(client.connection.get()).toEqual({ phase: "waiting", retryAt: world.clock.now() + 250 });
    await world.clock.advance(249);
    expect(phases).toEqual(["subscribed", "waiting"]);
    await world.clock.advance(20);
    expect(phases).toEqual(["subscribed", "waiting", "connecting", "subscribing", "subscribed"]);
  });

  test("waits longer after each attempt that fails, up to 30 seconds, and starts small after a good one", async () => {
    const world = createFakeWorld();
    const client = await world.connected(world.alice);
    const waits: number[] = [];
    client.connection.subscribe((state) => {
      if (state.phase === "waiting") waits.push(state.retryAt - world.clock.now());
    });
    world.server.sockets.control.isDown = true;
    world.socket().cut();
    await world.clock.advance(100_000);
    expect(waits.slice(0, 9)).toEqual([250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
    world.server.sockets.control.isDown = false;
    await world.clock.advance(40_000);
    expect(client.connection.get().phase).toBe("subscribed");
    world.socket().cut();
    expect(waits.at(-1)).toBe(250);
  });

  test("that ends right after it was subscribed does not start small again", async () => {
    const world = createFakeWorld();
    const client = await world.connected(world.alice);
    const waits: number[] = [];
    client.connection.subscribe((state) => {
      if (state.phase === "waiting") waits.push(state.retryAt - world.clock.now());
    });
    for (let time = 0; time < 3; time++) {
      world.socket().cut();
      await world.clock.advance((waits.at(-1) ?? 0) + 10);
    }
    expect(waits).toEqual([250, 500, 1000]);
  });

  test("comes back when the server asked it to, with jitter", async () => {
    const world = createFakeWorld();
    const client = await world.connected(world.alice);
    world.socket().deliver({ event: "come_back", after_ms: 1200 });
    await world.clock.advance(200);
    world.socket().cut(4012);
    expect(client.connection.get()).toEqual({
      phase: "waiting",
      retryAt: world.clock.now() - 199 + 1200 + 250,
    });
  });

  test("from 4500 on stays away until it is told to connect", async () => {
    const world = createFakeWorld();
    const client = await world.connected(world.alice);
    world.socket().cut(4503);
    await world.clock.advance(100_000);
    expect(client.connection.get()).toEqual({ phase: "closed", reason: "refused", code: 4503 });
    client.connect();
    await world.clock.advance(10);
    expect(client.connection.get().phase).toBe("subscribed");
  });

  test("that is refused with 4001 asks for another token once, and comes back at once", async () => {
    const world = createFakeWorld();
    const asked: (string | undefined)[] = [];
    const token = (refused: string | undefined) => {
      asked.push(refused);
      return createFakeToken(world.alice.id, world.clock.now() + 3_600_000, String(asked.length));
    };
    const client = await world.connected(world.alice, { token });
    await world.clock.advance(10_000);
    const first = createFakeToken(world.alice.id, world.clock.now() + 3_590_000 - 10, "1");
    world.server.refusedTokens.add(first);
    world.socket().cut(4001);
    await world.clock.advance(10);
    expect(asked).toEqual([undefined, first]);
    expect(client.connection.get().phase).toBe("subscribed");
  });

  test("is closed as signed out when the other token is refused too, or is the same", async () => {
    const world = createFakeWorld();
    let mark = 0;
    const fresh = () => {
      const token = createFakeToken(world.alice.id, world.clock.now() + 3_600_000, String(mark++));
      world.server.refusedTokens.add(token);
      return token;
    };
    const refused = await world.connected(world.alice, { token: fresh });
    expect(refused.connection.get()).toEqual({ phase: "closed", reason: "signed_out" });
    expect(mark).toBe(2);
    const same = await world.connected(world.alice, {
      token: () => [...world.server.refusedTokens][0] ?? "",
    });
    expect(same.connection.get()).toEqual({ phase: "closed", reason: "signed_out" });
  });

  test("with tickets shows a fresh one at each attempt, and no token", async () => {
    const world = createFakeWorld();
    const tickets: string[] = [];
    const ticket = async () => {
      tickets.push(createFakeToken(world.alice.id, world.clock.now() + 30_000, `ticket ${tickets.length}`));
      return tickets.at(-1) ?? "";
    };
    const client = await world.connected(world.alice, { ticket });
    world.socket().cut();
    await world.clock.advance(1000);
    expect(client.connection.get().phase).toBe("subscribed");
    const url = "ws://chat.test/api/v1/ws";
    expect(world.server.sockets.entrances).toEqual(
      tickets.map((each) => ({ url, protocols: ["windi", `ticket.${each}`] })),
    );
    expect(tickets).toHaveLength(2);
  });

  test("whose ticket is refused takes another token once, and then is signed out", async () => {
    const world = createFakeWorld();
    const asked: (string | undefined)[] = [];
    const token = (refused: string | undefined) => {
      asked.push(refused);
      return createFakeToken(world.alice.id, world.clock.now() + 3_600_000, String(asked.length));
    };
    const refusedTicket = createFakeToken(world.alice.id, world.clock.now() - 1000);
    const client = await world.connected(world.alice, { token, ticket: async () => refusedTicket });
    expect(asked).toHaveLength(2);
    expect(client.connection.get()).toEqual({ phase: "closed", reason: "signed_out" });
    expect(world.server.sockets.entrances).toHaveLength(2);
  });

  test("without a ticket tries again, unless the server refuses to give one", async () => {
    const world = createFakeWorld();
    const failures = [
      new Error("The network is down"),
      new ApiError({ code: "unauthenticated", detail: "" }),
    ];
    const ticket = async (): Promise<string> => {
      throw failures.shift() ?? new Error("Asked too often");
    };
    const client = await world.connected(world.alice, { ticket });
    expect(client.connection.get().phase).toBe("waiting");
    await world.clock.advance(1000);
    expect(client.connection.get()).toEqual({ phase: "closed", reason: "signed_out" });
  });

  test("tries again when no token could be had", async () => {
    const world = createFakeWorld();
    let isDown = true;
    const token = () => {
      if (isDown) throw new Error("The machine that gives tokens is down");
      return createFakeToken(world.alice.id, world.clock.now() + 3_600_000);
    };
    const client = await world.connected(world.alice, { token });
    expect(client.connection.get().phase).toBe("waiting");
    isDown = false;
    await world.clock.advance(1000);
    expect(client.connection.get().phase).toBe("subscribed");
  });

  test("a token that is about to expire is asked for again before the next attempt", async () => {
    const world = createFakeWorld();
    let count = 0;
    const token = () => createFakeToken(world.alice.id, world.clock.now() + 60_000, String(++count));
    await world.connected(world.alice, { token });
    world.socket().cut();
    await world.clock.advance(1000);
    expect(count).toBe(1);
    await world.clock.advance(40_000);
    world.socket().cut();
    await world.clock.advance(1000);
    expect(count).toBe(2);
  });
});

describe("a connection on which nothing is heard", () => {
  test("is asked after 25 seconds, and stays when it answers", async () => {
    const world = createFakeWorld();
    const client = await world.connected(world.alice);
    const { frames } = world.server.sockets;
    await world.clock.advance(24_900);
    expect(frames).toHaveLength(1);
    await world.clock.advance(200);
    expect(frames.at(-1)?.action).toBe("leave_chat");
    await world.clock.advance(60_000);
    expect(frames).toHaveLength(4);
    expect(client.connection.get().phase).toBe("subscribed");
  });

  test("is given up when it does not answer within 10 seconds", async () => {
    const world = createFakeWorld();
    const client = await world.connected(world.alice);
    const phases = world.phases(client);
    world.socket().freeze();
    await world.clock.advance(34_900);
    expect(phases).toEqual(["subscribed"]);
    await world.clock.advance(1000);
    expect(phases).toEqual(["subscribed", "waiting", "connecting", "subscribing", "subscribed"]);
  });

  test("is not asked while events come", async () => {
    const world = createFakeWorld();
    await world.connected(world.alice);
    for (let time = 0; time < 10; time++) {
      world.socket().deliver({ event: "chat_read", chat_id: "x", read_seq: 1, own_version: 1 });
      await world.clock.advance(10_000);
    }
    expect(world.server.sockets.frames).toHaveLength(1);
  });
});

describe("a sign that the network or the person is back", () => {
  const createWakeable = async () => {
    const world = createFakeWorld();
    let wake = () => {};
    const client = await world.connected(world.alice, {
      wake: (run) => {
        wake = run;
        return () => {};
      },
    });
    return { world, client, wake: () => wake() };
  };

  test("ends a wait, but connects no more than once a second", async () => {
    const { world, client, wake } = await createWakeable();
    world.server.sockets.control.isDown = true;
    world.socket().cut();
    await world.clock.advance(60_000);
    expect(client.connection.get().phase).toBe("waiting");
    world.server.sockets.control.isDown = false;
    wake();
    await world.clock.advance(1000);
    expect(client.connection.get().phase).toBe("subscribed");
  });

  test("does not shorten what the server asked for", async () => {
    const { world, client, wake } = await createWakeable();
    await world.clock.advance(5000);
    world.socket().deliver({ event: "come_back", after_ms: 5000 });
    await world.clock.advance(10);
    world.socket().cut(4012);
    wake();
    await world.clock.advance(4900);
    expect(client.connection.get().phase).toBe("waiting");
    await world.clock.advance(200);
    expect(client.connection.get().phase).toBe("subscribed");
  });

  test("finds out within 10 seconds that a connection died in its sleep", async () => {
    const { world, client, wake } = await createWakeable();
    world.socket().freeze();
    wake();
    await world.clock.advance(11_000);
    expect(client.connection.get().phase).toBe("subscribed");
    expect(world.server.sockets.open.size).toBe(1);
  });
});

test("a client that is closed leaves no timer behind, and does not connect again", async () => {
  const world = createFakeWorld();
  world.server.chat("one", [world.alice]);
  const client = await world.connected(world.alice);
  const loading = client.chats.loadMore().catch(({ name }: Error) => name);
  client.chatLog("chat-one").subscribe(() => {});
  client.look("chat-one");
  client.outbox.send("chat-one", "Never sent");
  world.socket().freeze();
  await world.clock.advance(1);
  client.close();
  client.connect();
  await world.clock.advance(5);
  expect(client.connection.get()).toEqual({ phase: "closed", reason: "ended" });
  await world.clock.advance(20_000);
  expect(await loading).toBeUndefined();
  expect(world.clock.pending()).toBe(0);
});
