import { describe, expect, test } from "bun:test";
import type { Call } from "@windi/sdk";
import { applyChange, createLocalChanges } from "./local-changes.ts";
import { sampleMessage } from "./sample-messages.ts";

function prepare(answer: () => Promise<unknown> = () => Promise.resolve(sampleMessage(1, { version: 9 }))) {
  const calls: string[] = [];
  const failures: unknown[] = [];
  const timers = new Set<() => void>();
  const changes = createLocalChanges({
    call: ((id: string) => {
      calls.push(id);
      return answer();
    }) as Call,
    later(_, call) {
      timers.add(call);
      return () => void timers.delete(call);
    },
    onFailure: (error) => failures.push(error),
  });
  const message = sampleMessage(1);
  return { changes, calls, failures, timers, message, shown: () => applyChange(message, changes.get()) };
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
    changes.flush();
    undo();
    for (const call of timers) call();
    changes.flush();
    expect(calls).toEqual(["deleteMessage"]);
    expect(shown().deleted_at).not.toBeNull();
  });
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

  test("that is refused does not take back a later one", async () => {
    const answers = [Promise.reject(new Error("refused")), new Promise(() => {})];
    const { changes, message, shown } = prepare(() => answers.shift() ?? Promise.resolve());
    changes.edit(message, "Better", []);
    changes.edit(message, "Best", []);
    await Promise.resolve();
    await Promise.resolve();
    expect(shown().text).toBe("Best");
  });
});
