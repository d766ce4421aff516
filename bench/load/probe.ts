// A few senders beside another load: how long they wait for an answer, in one stretch of time after the other.
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Member } from "./fleet.ts";

export interface Probe extends AsyncDisposable {
  /** 99 % of the answers since this was asked last came within so many ms, counted from when each send was due. */
  takeP99(): Promise<number>;
}

export interface ProbeLoad {
  url: string;
  /** Each of them sends in the first of their chats. */
  members: readonly Member[];
}

/** In a thread of its own, so that it does not wait for the other load. `fault` is told of what is not answered as it should be. */
export async function startProbe(load: ProbeLoad, fault: (text: string) => void): Promise<Probe> {
  const thread = new Worker(new URL("probe-thread.ts", import.meta.url), { workerData: load });
  let answer = Promise.withResolvers<number>();
  thread.on("message", (news: number | string) =>
    typeof news === "number" ? answer.resolve(news) : fault(news),
  );
  thread.on("error", (error) => answer.reject(error));
  await once(thread, "message");
  return {
    takeP99() {
      answer = Promise.withResolvers();
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      thread.postMessage("p99");
      return answer.promise;
    },
    [Symbol.asyncDispose]: async () => void (await thread.terminate()),
  };
}
