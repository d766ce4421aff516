// What load balancers and operators ask: alive, ready, healthy.
import { endpoints } from "@windi/protocol";
import type { Database } from "../database/database.ts";
import { Failure } from "../failure.ts";
import type { Mount } from "../http/mount.ts";

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
      throw new Failure("unavailable", { detail: "The server is starting", retryAfterSeconds: 1 });
    }
    await database.ping(pingTimeoutMs);
  }

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
