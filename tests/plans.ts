// How statements are really carried out on a PostgreSQL server: which tables they read, in which way, and how much.
import postgres from "postgres";
import { planning, type Database, type Queries } from "../server/src/database/database.ts";

export interface Plan {
  "Node Type": string;
  "Relation Name"?: string;
  "Index Name"?: string;
  "Actual Rows": number;
  "Actual Loops": number;
  "Rows Removed by Filter"?: number;
  Plans?: Plan[];
}

/** One connection that notes how each statement on it was really carried out. */
export interface Explained {
  readonly database: Database;
  readonly plans: Plan[];
  end(): Promise<void>;
}

/**
 * @param url of a PostgreSQL server
 * @param settings how it plans
 */
export function openExplained(url: string, settings: Record<string, string> = {}): Explained {
  const plans: Plan[] = [];
  const client = postgres(url, {
    max: 1,
    fetch_types: true,
    connection: {
      session_preload_libraries: "auto_explain",
      "auto_explain.log_min_duration": "0",
      "auto_explain.log_analyze": "on",
      "auto_explain.log_timing": "off",
      "auto_explain.log_format": "json",
      "auto_explain.log_level": "notice",
      ...settings,
    },
    onnotice({ message }) {
      const json = message?.slice(message.indexOf("{"));
      if (json?.includes('"Plan"')) plans.push((JSON.parse(json) as { Plan: Plan }).Plan);
    },
  });
  const queriesOn = (connection: Pick<typeof client, "unsafe">): Queries => ({
    async query<Row>(statement: string, parameters: readonly unknown[] = []) {
      const rows = await connection.unsafe(statement, parameters as never[], { prepare: true });
      return rows as unknown as Row[];
    },
  });
  const database = {
    ...queriesOn(client),
    begin: (work: (transaction: Queries) => Promise<unknown>) =>
      client.begin((transaction) => work(queriesOn(transaction))),
  } as unknown as Database;
  return { database, plans, end: () => client.end() };
}

const allNodes = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(allNodes)];

/** In which ways the plans read a table, and how many of its rows, those included that they did not want. */
export function readingOf(plans: readonly Plan[], table: string): { ways: string[]; rows: number } {
  const nodes = plans
    .flatMap(allNodes)
    .filter((node) => node["Relation Name"] === table && node["Node Type"] !== "ModifyTable");
  const rows = nodes.map(
    (node) => (node["Actual Rows"] + (node["Rows Removed by Filter"] ?? 0)) * node["Actual Loops"],
  );
  return {
    ways: [...new Set(nodes.map((node) => node["Node Type"]))],
    rows: rows.reduce((sum, count) => sum + count, 0),
  };
}

/** Those that read only what they want, or little more. */
export const indexWays = ["Index Scan", "Index Only Scan", "Bitmap Heap Scan"];

/** Ways to plan, the server's own and worse ones. */
export const planningSettings: Record<string, Record<string, string>> = {
  "as the server sets it": planning,
  "with plans for the parameters": { ...planning, plan_cache_mode: "force_custom_plan" },
  "with general plans and sequential scans allowed": { plan_cache_mode: "force_generic_plan" },
  "with plans for the parameters and sequential scans allowed": { plan_cache_mode: "force_custom_plan" },
};
