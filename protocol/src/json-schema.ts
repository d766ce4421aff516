// The contract's zod schemas as JSON Schema 2020-12; schemas with an id become components that are shared by reference.
import { z } from "zod";

export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** `input`: what a client sends (defaults are optional). `output`: what the server answers. */
export type Side = "input" | "output";

/**
 * A set of schemas for one document. `convert` turns a schema into JSON Schema, `components` collects the named ones.
 * @param refPrefix - where the components will stand in the document, such as `#/components/schemas/`
 */
export function createJsonSchemas({ refPrefix }: { refPrefix: string }) {
  const components: Record<string, JsonSchema> = {};

  function convert(schema: z.ZodType, side: Side): JsonSchema {
    const converted = z.toJSONSchema(schema, { io: side, override: simplify });
    const { $schema: _dialect, $defs: definitions = {}, ...root } = pointTo(refPrefix, converted);
    for (const [name, definition] of Object.entries(definitions)) addComponent(name, definition);
    return root;
  }

  function addComponent(name: string, definition: JsonSchema): void {
    const present = components[name];
    if (present && JSON.stringify(present) !== JSON.stringify(definition)) {
      throw new Error(
        `${name} is two different schemas: give what is sent and what is answered their own ids`,
      );
    }
    components[name] = definition;
  }

  return { convert, components: components as Readonly<Record<string, JsonSchema>> };
}

export type JsonSchemas = ReturnType<typeof createJsonSchemas>;

/** The name that `.meta({ id })` gave to a schema. */
export function schemaName(schema: z.ZodType): string | undefined {
  return schema.meta()?.id;
}

/** Answers may gain fields, so nothing is closed; a format says more to a reader than zod's pattern for it. */
function simplify({ jsonSchema }: { jsonSchema: JsonSchema }): void {
  if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
}

function pointTo(refPrefix: string, schema: JsonSchema): JsonSchema {
  const moved = JSON.stringify(schema).replaceAll('"$ref":"#/$defs/', `"$ref":"${refPrefix}`);
  return JSON.parse(moved) as JsonSchema;
}
