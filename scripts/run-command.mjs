// Runs another program: in the foreground (`runBun`), or with its output collected (`collect`).
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { bun, Problem, root } from "./project.mjs";

/** Programs whose output we pass on cannot see whether a terminal shows it. */
export const colours = process.stdout.isTTY ? { FORCE_COLOR: "1" } : { NO_COLOR: "1" };

const signals = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Runs the project's Bun in the foreground and answers its exit code.
 * It gets a process group of its own, because a terminal and npm may each send us one Ctrl-C: it hears of one.
 * `--no-orphans` ends it with us when we are killed and cannot pass the signal on.
 */
export async function runBun(args) {
  const child = spawn(bun, ["--no-orphans", ...args], {
    cwd: root,
    stdio: "inherit",
    detached: process.platform !== "win32",
  });
  return (await ending(child)).code;
}

/**
 * Runs a program without input. `onStart` gets its process id, `onOutput` sees its output as it comes.
 * A signal that we get ends the program, and then what we were doing.
 */
export async function collect(command, args, { env = {}, onStart, onOutput, shell = false } = {}) {
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    shell,
  });
  if (child.pid !== undefined) onStart?.(child.pid);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      output += text;
      onOutput?.(text);
    });
  }
  const { code, stoppedBy } = await ending(child);
  if (stoppedBy !== undefined) throw new Problem(`Stopped by ${stoppedBy}.`);
  return { code, output };
}

async function ending(child) {
  const lastSent = new Map();
  const forward = (signal) => {
    if (Date.now() - (lastSent.get(signal) ?? 0) < 1000) return;
    lastSent.set(signal, Date.now());
    child.kill(signal === "SIGHUP" ? "SIGTERM" : signal);
  };
  for (const signal of signals) process.on(signal, forward);
  // npm that is killed leaves us behind; what it started must not outlive it.
  const watch = process.env.npm_lifecycle_event && onceOrphaned(() => forward("SIGTERM"));
  try {
    const code = await new Promise((resolve, reject) => {
      child.once("error", (error) =>
        reject(new Problem(`${child.spawnfile} cannot be started: ${error.message}`)),
      );
      child.once("close", (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
    });
    return { code, stoppedBy: [...lastSent.keys()][0] };
  } finally {
    clearInterval(watch);
    for (const signal of signals) process.off(signal, forward);
  }
}

function onceOrphaned(act) {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    act();
  }, 500);
  return timer;
}
