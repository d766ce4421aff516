// Metrics of the database: is it up, how long its statements take, how many wait for a connection.
import type { WatchStatement } from "../database/database.ts";
import { secondsBounds } from "./bounds.ts";
import type { Instruments } from "./instruments.ts";

export interface StatementSources {
  database: { readonly isUp: boolean };
}

/**
 * @param poolSize connections to the database
 * @param now milliseconds since any moment
 */
export function createStatementMetrics(
  { histograms, gauge }: Instruments,
  sources: Partial<StatementSources>,
  { poolSize, now }: { poolSize: number; now(): number },
): WatchStatement {
  let underWay = 0;
  const seconds = histograms({
    name: "windi_database_statement_seconds",
    help: "Time from asking for a statement to its answer, waiting included. transaction: a whole one; other: none of the hot ones.",
    labels: ["statement"],
    bounds: secondsBounds,
    known: [["append"], ["transaction"], ["other"]],
  });
  gauge({ name: "windi_database_up", help: "1 while the database answers." }, () =>
    Number(sources.database?.isUp ?? false),
  );
  gauge({ name: "windi_database_pool_size", help: "Connections to the database, at most." }, () => poolSize);
  gauge({ name: "windi_database_pool_in_use", help: "Connections that work for somebody." }, () =>
    Math.min(underWay, poolSize),
  );
  gauge({ name: "windi_database_pool_waiting", help: "Statements that wait for a connection." }, () =>
    Math.max(0, underWay - poolSize),
  );

  const nameOf = createNameOf();
  return (statement, isInside) => {
    const beganAt = now();
    if (!isInside) underWay++;
    return () => {
      if (!isInside) underWay--;
      seconds(nameOf(statement)).observe((now() - beganAt) / 1000);
    };
  };
}

/** From a statement's text to the name that it begins with. There are as many texts with a name as in the source. */
function createNameOf(): (statement: string) => string {
  const names = new Map([["begin", "transaction"]]);
  return (statement) => {
    const known = names.get(statement);
    if (known !== undefined) return known;
    const [, name] = /^\/\* (\w+) \*\//.exec(statement) ?? [];
    if (name !== undefined) names.set(statement, name);
    return name ?? "other";
  };
}
