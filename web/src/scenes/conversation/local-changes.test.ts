import { describe, expect, test } from "bun:test";
import { ApiError, ConnectionError, type Call } from "@windi/sdk";
import { until } from "../../../../tests/until.ts";
import { applyChange, createLocalChanges } from "./local-changes.ts";
import { sampleMessage } from "./sample-messages.ts";

function prepare(answer: () => Promise<unknown> = () => Promise.resolve(sampleMessage(1, { version: 9 }))) {
  const calls: string[] = [];
  const texts: (string | undefined)[] = [];
  const failures: unknown[] = [];
  const agains: ((() => void) | undefined)[] = [];
  const timers = new Set<() => void>();
  const changes = createLocalChanges({
    call: ((id: string, { body }: { body?: { text: string } }) => {
      calls.push(id);
      texts.push(body?.text);
      return answer();
    }) as Call,
    later(_, call) {
      timers.add(call);
      return () => void timers.delete(call);
    },
    onFailure(error, again) {
      failures.push(error);
      agains.push(again);
    },
  });
  const message = sampleMessage(1);
  const shown = () => applyChange(message, changes.get());
  return { changes, calls, texts, failures, agains, timers, message, shown };
}

describe("a deletion", () => {
  test("is seen at once and asked for only when it cannot be undone any more", () => {
    const { changes, calls, timers, message, shown } = prepare();
    changes.remove(message);
    expect(shown().deleted_at).not.toBeNull();
    expect(calls).toEqual([]);
    for (const call of timers) call();
    expect(calls).toEqual(["deleteMessage"]);
  });

  test("that is undone was never asked for", () => {
    const { changes, calls, timers, message, shown } = prepare();
    const undo = changes.remove(message);
    undo();
    expect(shown()).toBe(message);
    expect(timers.size).toBe(0);
    expect(calls).toEqual([]);
  });

  test("is asked for when the page goes, once, and stays", () => {
    const { changes, calls, timers, message, shown } = prepare();
    const undo = changes.remove(message);
    void changes.flush();
    undo();
    for (const call of timers) call();
    void changes.flush();
    expect(calls).toEqual(["deleteMessage"]);
    expect(shown().deleted_at).not.toBeNull();
  });
});

test("whoever goes can wait until all is done", async () => {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const { changes, message } = prepare(() => promise);
  changes.remove(message);
  let isDone = false;
  const done = changes.flush().then(() => (isDone = true));
  await Promise.resolve();
  expect(isDone).toBe(false);
  resolve(sampleMessage(1, { version: 2 }));
  await done;
});

describe("an edit", () => {
  test("is seen at once, until the message itself has it", async () => {
    const { changes, message, shown } = prepare();
    changes.edit(message, "Better", []);
    expect(shown()).toMatchObject({ text: "Better", deleted_at: null });
    await Promise.resolve();
    expect(shown().text).toBe("Better");
    const newer = { ...message, text: "Best", version: 10 };
    expect(applyChange(newer, changes.get())).toBe(newer);
  });

  test("that is refused is taken back and told", async () => {
    const refusal = new Error("refused");
    const { changes, failures, message, shown } = prepare(() => Promise.reject(refusal));
    changes.edit(message, "Better", []);
    await Promise.resolve();
    await Promise.resolve();
    expect(failures).toEqual([refusal]);
    expect(shown()).toBe(message);
  });

  test("goes out after the one before it, and what nobody wants any more does not go out", async () => {
    const first = Promise.withResolvers<unknown>();
    const answers = [first.promise, new Promise(() => {})];
    const { changes, texts, message, shown } = prepare(() => answers.shift() ?? Promise.resolve());
    changes.edit(message, "Good", []);
    changes.edit(message, "Better", []);
    changes.edit(message, "Best", []);
    expect(texts).toEqual(["Good"]);
    first.reject(new Error("refused"));
    await until(() => texts.length > 1);
    expect(texts).toEqual(["Good", "Best"]);
    expect(shown().text).toBe("Best");
  });

  test("that had no answer is not lost: it can be tried again", async () => {
    const answers = [Promise.reject(new ConnectionError("network")), new Promise(() => {})];
    const { changes, texts, agains, message, shown } = prepare(() => answers.shift() ?? Promise.resolve());
    changes.edit(message, "Better", []);
    await until(() => agains.length === 1);
    expect(shown()).toBe(message);
    agains[0]?.();
    expect(shown().text).toBe("Better");
    expect(texts).toEqual(["Better", "Better"]);
  });

  test("that the server refuses for good is not offered again", async () => {
    const refusal = new ApiError({ code: "message_not_found", detail: "…" });
    const { changes, agains, message } = prepare(() => Promise.reject(refusal));
    changes.edit(message, "Better", []);
    await until(() => agains.length === 1);
    expect(agains).toEqual([undefined]);
  });
});
