import { expect, test } from "bun:test";
import { createHeartbeat, type Beating } from "./heartbeat.ts";

const silenceSeconds = 40;

/** Sockets that answer or not, and a clock. */
function start() {
  let at = 0;
  const heartbeat = createHeartbeat<Beating>({ silenceSeconds, now: () => at });
  function open(answers: boolean) {
    const log: number[] = [];
    const socket = {
      ...{ silentTurns: 0, turn: 0, isCut: false, log },
      ask() {
        log.push(at / 1000);
        if (answers) socket.silentTurns = 0;
      },
      cut() {
        socket.isCut = true;
        log.push(at / 1000);
        heartbeat.remove(socket);
      },
    };
    heartbeat.add(socket);
    return socket;
  }
  function pass(seconds: number, during = () => {}): void {
    const end = at + seconds * 1000;
    for (; at < end; heartbeat.look()) {
      during();
      at += heartbeat.intervalMs;
    }
  }
  const sleep = (seconds: number) => void (at += seconds * 1000);
  return { heartbeat, open, pass, sleep };
}

test("who never answers is asked twice and cut, each within its time", () => {
  const { open, pass } = start();
  const sockets = Array.from({ length: 25 }, () => open(false));
  pass(silenceSeconds);
  for (const { isCut, log } of sockets) {
    const [first = 0, second = 0, end = 0] = log;
    expect(isCut).toBe(true);
    expect(log).toHaveLength(3);
    expect(first).toBeGreaterThan(silenceSeconds / 4);
    expect([second - first, end - second]).toEqual([silenceSeconds / 4, silenceSeconds / 4]);
    expect(end).toBeLessThanOrEqual(silenceSeconds);
  }
});

test("who answers is asked every twenty seconds and kept", () => {
  const { open, pass } = start();
  const quiet = open(true);
  pass(600);
  expect(quiet.isCut).toBe(false);
  expect(quiet.log).toHaveLength(30);
});

test("who sends all the time is never asked; from when it falls silent its time begins anew", () => {
  const { open, pass } = start();
  const busy = open(false);
  pass(100, () => (busy.silentTurns = 0));
  expect(busy.log).toEqual([]);
  pass(29);
  expect(busy.isCut).toBe(false);
  pass(11);
  expect(busy.isCut).toBe(true);
});

test("those who come together are asked in turns", () => {
  const { open, pass } = start();
  const sockets = Array.from({ length: 100 }, () => open(true));
  pass(20);
  const times = Map.groupBy(sockets, ({ log }) => log[0]);
  expect([...times.values()].map((group) => group.length)).toEqual(Array.from({ length: 10 }, () => 10));
});

test("a process that was away itself reads what came before it cuts anybody", () => {
  const { open, pass, sleep } = start();
  const socket = open(false);
  pass(30);
  expect(socket.log).toHaveLength(2);
  sleep(600);
  pass(1);
  expect(socket.isCut).toBe(false);
  socket.silentTurns = 0;
  pass(10);
  expect(socket.isCut).toBe(false);
});

test("who has gone is neither asked nor cut", () => {
  const { heartbeat, open, pass } = start();
  const gone = open(false);
  heartbeat.remove(gone);
  pass(100);
  expect(gone.log).toEqual([]);
});
