import { describe, expect, test } from "bun:test";
import { ConnectionError, createObservable, type ChatSummary, type Client } from "@windi/sdk";
import { findSummary } from "./opening.ts";

const summary = (name: string) => ({ id: "chat", name }) as ChatSummary;

function prepare(asked: Promise<ChatSummary>) {
  const list = createObservable<readonly ChatSummary[]>([]);
  const chats = {
    subscribe: (listener: () => void) => list.subscribe(listener),
    find: (id: string) => list.get().find((chat) => chat.id === id),
  };
  const client = { call: () => asked, chats } as unknown as Pick<Client, "call" | "chats">;
  return { list, found: findSummary(client, "chat") };
}

describe("what is known of a chat that is not in the list", () => {
  test("comes from the server", async () => {
    const { found } = prepare(Promise.resolve(summary("From the server")));
    expect((await found)?.name).toBe("From the server");
  });

  test("comes from the list when that has it first", async () => {
    const { list, found } = prepare(new Promise(() => {}));
    list.set([summary("From the list")]);
    expect((await found)?.name).toBe("From the list");
  });

  test("is nothing while the server does not answer", async () => {
    const { found } = prepare(Promise.reject(new ConnectionError("network")));
    expect(await found).toBeUndefined();
  });

  test("is no secret when something is wrong with the client itself", async () => {
    const { found } = prepare(Promise.reject(new TypeError("a fault")));
    expect(await found.catch((error: unknown) => error)).toBeInstanceOf(TypeError);
  });
});
