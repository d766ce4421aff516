// What load balancers, operators and newcomers ask: alive, ready, healthy, is anybody here.
import { endpoints } from "@windi/protocol";
import type { Database } from "../database/database.ts";
import { Failure } from "../failure.ts";
import type { Mount } from "../http/mount.ts";
import { createPeopleCheck } from "./operation.store.ts";

/** `starting` until the tables are up to date, `draining` from the signal to end on. */
export type Phase = "starting" | "ready" | "draining";

interface OperationNeeds {
  phase(): Phase;
  version: string;
  kind: Database["kind"];
  /** Absent while there is no database yet. */
  database?: Database;
}

const pingTimeoutMs = 1500;

export function mountOperation(mount: Mount, { phase, version, kind, database }: OperationNeeds) {
  async function requireReady(): Promise<void> {
    if (phase() === "draining") throw new Failure("draining", { retryAfterSeconds: 5 });
    if (!database || phase() === "starting") {
      throw isStarting();
    }
    await database.ping(pingTimeoutMs);
  }

  const hasPeople = database && createPeopleCheck(database);

  mount(endpoints.getServer, async () => {
    if (!hasPeople) throw isStarting();
    return { version, has_people: await hasPeople() };
  });
  mount(endpoints.livez, async () => ({ status: "ok" as const }));
  mount(endpoints.readyz, async () => {
    await requireReady();
    return { status: "ok" as const };
  });
  mount(endpoints.health, async () => {
    await requireReady();
    return { status: "ok" as const, version, database: kind };
  });
}

const isStarting = () =>
  new Failure("unavailable", { detail: "The server is starting", retryAfterSeconds: 1 });
