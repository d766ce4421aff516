// Prepared statements on the embedded database: each is parsed and planned once, and then runs in one call into it.
import { protocol, types, type PGlite } from "@electric-sql/pglite";
import type { Queries } from "./database.ts";

const { serialize } = protocol;

interface Statement {
  name: string;
  parameterTypes: readonly number[];
  columns: readonly { name: string; dataTypeID: number }[];
}

/**
 * PGlite's own `query` has a statement parsed and planned each time, which takes longer than to run it. Whoever calls
 * has the connection to himself: it is in no one else's transaction.
 */
export function createStatements(client: PGlite): Queries {
  const known = new Map<string, Statement>();

  const exchange = (...parts: Uint8Array[]) =>
    client._runExclusiveQuery(() => client.execProtocolStream(Buffer.concat(parts), { syncToFs: false }));

  async function prepare(text: string): Promise<Statement> {
    const name = `s${known.size}`;
    const answers: readonly Answer[] = await exchange(
      serialize.parse({ name, text }),
      serialize.describe({ type: "S", name }),
      serialize.sync(),
    );
    const parameterTypes = answers.find(isParameters)?.dataTypeIDs ?? [];
    const statement = { name, parameterTypes, columns: answers.find(isColumns)?.fields ?? [] };
    known.set(text, statement);
    return statement;
  }

  return {
    async query<Row>(text: string, parameters: readonly unknown[] = []) {
      const { name, parameterTypes, columns } = known.get(text) ?? (await prepare(text));
      const values = parameters.map((value, place) => toText(client, value, parameterTypes[place]));
      const answers: readonly Answer[] = await exchange(
        serialize.bind({ statement: name, values }),
        serialize.execute({}),
        serialize.sync(),
      );
      return answers.filter(isRow).map(({ fields }) => {
        const row: Record<string, unknown> = {};
        columns.forEach((column, place) => {
          row[column.name] = types.parseType(fields[place] ?? null, column.dataTypeID, client.parsers);
        });
        return row as Row;
      });
    },
  };
}

function toText(client: PGlite, value: unknown, type: number | undefined): string | null {
  if (value === null || value === undefined) return null;
  const serializer = type === undefined ? undefined : client.serializers[type];
  return serializer ? serializer(value) : (value as string);
}

/** A message of PostgreSQL's protocol, told apart by its name. */
interface Answer {
  name: string;
}

const isParameters = (answer: Answer): answer is Answer & { dataTypeIDs: number[] } =>
  answer.name === "parameterDescription";
const isColumns = (answer: Answer): answer is Answer & { fields: Statement["columns"] } =>
  answer.name === "rowDescription";
const isRow = (answer: Answer): answer is Answer & { fields: (string | null)[] } => answer.name === "dataRow";
