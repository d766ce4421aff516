// Workload: the web client in Chromium. How it starts, changes chats, scrolls through a long one, and answers keys.
import { startMeter } from "./cpu.ts";
import type { Goal, Result } from "./report.ts";
import { metric, runRounds, type Variant } from "./rounds.ts";
import {
  measureFirstLoad,
  measureOwnMessages,
  measurePlainScroll,
  measureScroll,
  measureSwitcher,
  measureSwitches,
  measureWarmStart,
  type Amount,
} from "./web-tasks.ts";
import { fullChats } from "./web-data.ts";
import { chatCount, prepareWebStage, type WebStage } from "./web-stage.ts";
import type { WorkloadOptions } from "./workloads.ts";

const label = (count: number) => count.toLocaleString("en");
const atMost = (limit: number, variant: string, name: string, words = `${variant}: ${name}`): Goal => ({
  name: words,
  limit: `≤ ${limit}`,
  value: (round) => metric(round, variant, name),
  isMet: (value) => value <= limit,
});

const firstVisit = "first visit";
const warm = "again";
const warmAlone = "again, without the server";
const fromServer = "from the server";
const fromStore = "from the store";
const client = "WinDI Messenger";
const plain = "plain page";
const own = "own message after Enter";
const switcher = "Ctrl+K, first time";
const switcherAgain = "Ctrl+K, again";

export async function* web(options: WorkloadOptions): AsyncGenerator<Result> {
  const { seconds } = options;
  const isShort = seconds < 5;
  const amount: Amount = isShort
    ? { seconds, starts: 1, chats: 4, sends: 4, flightSeconds: seconds }
    : { seconds, starts: 3, chats: fullChats, sends: 10, flightSeconds: 4 * seconds };
  const messageCount = isShort ? 20_000 : 100_000;
  await using stage = await prepareWebStage(messageCount);
  const run = (tasks: Record<string, () => Promise<Record<string, number>>>) =>
    runRounds(
      Object.entries(tasks).map(([name, task]) => createVariant(stage, name, task)),
      options,
    );
  const where = `Chromium without a screen and a graphics processor, on all cores; server with the embedded database on core 0; somebody in ${label(chatCount + 1)} chats`;
  const work = "CPU: of the page's main thread, script, style and layout are parts of it";

  yield {
    title: "Web client: start",
    conditions: [
      where,
      `from the navigation until the list (again: and the messages of the chat that was open) is painted; again: ${amount.starts} × per round, from the worker's files and the browser's store`,
      work,
    ],
    rounds: await run({
      [firstVisit]: () => measureFirstLoad(stage),
      [warm]: () => measureWarmStart(stage, amount, false),
      [warmAlone]: () => measureWarmStart(stage, amount, true),
    }),
    goals: [atMost(120, firstVisit, "kB of JavaScript"), atMost(1000, warmAlone, "p50 ms")],
  };
  yield {
    title: "Web client: change of chats",
    conditions: [
      where,
      `from the click on a chat until its messages are painted; ${amount.chats} chats per round, with 80 messages of 200 bytes each`,
      work,
    ],
    rounds: await run({
      [fromServer]: () => measureSwitches(stage, amount, false),
      [fromStore]: () => measureSwitches(stage, amount, true),
    }),
    goals: [atMost(300, fromServer, "p50 ms"), atMost(100, fromStore, "p50 ms")],
  };
  yield {
    title: "Web client: scrolling",
    conditions: [
      where,
      `a chat of ${label(messageCount)} messages, from its end up for ${seconds} s at 2,500 px/s with the wheel; then for ${amount.flightSeconds} s in each frame to the top of what is there: heap is what that adds, after collections`,
      `${plain}: 150 paragraphs and nothing else, scrolled up and down`,
      `${work}; in ms per second`,
    ],
    rounds: await run({
      [client]: () => measureScroll(stage, amount),
      [plain]: () => measurePlainScroll(stage, amount),
    }),
    goals: [
      {
        name: "frames/s",
        limit: "≥ 55",
        value: (round) => metric(round, client, "frames/s"),
        isMet: (value) => value >= 55,
      },
      {
        name: `frames/s against the ${plain}`,
        limit: "≥ 0.92",
        value: (round) => metric(round, client, "frames/s") / metric(round, plain, "frames/s"),
        isMet: (value) => value >= 0.92,
      },
      atMost(200, client, "nodes of messages", "messages in the document"),
      atMost(50, client, "MiB more of heap", "MiB more of heap"),
    ],
  };
  yield {
    title: "Web client: keys",
    conditions: [
      where,
      `from the key until what it brings is painted; own messages: ${amount.sends} per round at the end of a chat of ${label(messageCount)}; Ctrl+K: ${amount.starts} per round`,
      work,
    ],
    rounds: await run({
      [own]: () => measureOwnMessages(stage, amount),
      [switcher]: () => measureSwitcher(stage, amount, true),
      [switcherAgain]: () => measureSwitcher(stage, amount, false),
    }),
    goals: [own, switcher, switcherAgain].map((name) => atMost(50, name, "p50 ms")),
  };
}

function createVariant(stage: WebStage, name: string, task: () => Promise<Record<string, number>>): Variant {
  return {
    name,
    async run() {
      const parts = { server: stage.serverPid(), browser: stage.browser.pid };
      const stop = startMeter(parts, { maxGeneratorShare: Infinity });
      const metrics = await task();
      return { metrics, marks: stop().marks, faults: [] };
    },
  };
}
