// Lets one process at a time change node_modules and web/dist. A process that died keeps no lock.
import { appendFileSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { root } from "./project.mjs";

const path = join(root, ".setup.lock");

/**
 * Runs `work` while no other process on this machine runs another `work` of this clone.
 * `work` may share the lock with a process that it starts, which then holds it even when we die first.
 */
export async function exclusively(work) {
  for (let told = false; !(await take()); await pause(100)) {
    if (!told) console.error(`Waiting for another set-up; when there is none, delete ${path}`);
    told = true;
  }
  const release = () => holders()[0] === process.pid && rmSync(path, { force: true });
  process.once("exit", release);
  try {
    return await work((pid) => appendFileSync(path, ` ${pid}`));
  } finally {
    process.off("exit", release);
    release();
  }
}

async function take() {
  if (isAbandoned()) rmSync(path, { force: true });
  try {
    writeFileSync(path, String(process.pid), { flag: "wx" });
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
  // Two processes may both have found an abandoned lock, and one removed the other's: the later one has it.
  await pause(20);
  return holders()[0] === process.pid;
}

function isAbandoned() {
  const pids = holders();
  const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
  return pids.length === 0 ? age > 5000 : !pids.some(isRunning);
}

function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code !== "ESRCH";
  }
}

function holders() {
  try {
    return readFileSync(path, "utf8").split(" ").filter(Boolean).map(Number);
  } catch (error) {
    if (error.code === "ENOENT") return [];
    throw error;
  }
}
