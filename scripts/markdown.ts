// Pieces of Markdown: tables, code, and a JSON Schema told in a reader's words.
import { Id, Timestamp, type JsonSchema } from "@windi/protocol";

export const code = (text: string) => `\`${text}\``;

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", String.raw`\|`)).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

export const jsonBlock = (value: unknown) => `\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\``;

export const list = (items: readonly string[]) => items.map((item) => `- ${item}`).join("\n");

/** The table of an object's fields. A field that `isSaid` already is left out. */
export function fieldTable(schema: JsonSchema, isSaid: (name: string) => boolean = () => false): string {
  const required = new Set(schema.required);
  const fields = Object.entries(schema.properties ?? {}).filter(([name]) => !isSaid(name));
  const rows = fields.map(([name, field]) => [
    code(name),
    describeType(field),
    required.has(name) ? "yes" : "no",
    meaningOf(field),
  ]);
  return table(["field", "type", "required", "meaning"], rows);
}

/** What is told of a field beyond its type. */
function meaningOf(field: JsonSchema | boolean): string {
  const { description = "" } = typeof field === "object" ? field : {};
  return description === Id.description || description === Timestamp.description ? "" : description;
}

/** What a value is, in words: `string (1–4096 characters)`, `list of UserInfo`. */
export function describeType(schema: JsonSchema | boolean): string {
  if (typeof schema === "boolean") return "anything";
  const { $ref: ref, default: preset } = schema;
  if (ref !== undefined) return linkTo(ref.split("/").at(-1) ?? ref);
  const words = describeKind(schema);
  return preset === undefined ? words : `${words}, ${JSON.stringify(preset)} when left out`;
}

function describeKind(schema: JsonSchema): string {
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  if (schema.enum) return schema.enum.map((value) => code(JSON.stringify(value))).join(" or ");
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return choices.map(describeType).join(" or ");
  const { type = "anything", minimum, maximum } = schema;
  if (type === "string") return describeString(schema);
  if (type === "integer" || type === "number") return `${type}${range(minimum, maximum)}`;
  if (type === "array") return `list of ${describeItems(schema)}`;
  if (type === "object") return describeObject(schema);
  return Array.isArray(type) ? type.join(" or ") : type;
}

const formats: Record<string, string> = { uuid: "UUID", "date-time": "time", email: "e-mail address" };

function describeString({ format, minLength, maxLength }: JsonSchema): string {
  const name = (format !== undefined && formats[format]) || "string";
  return `${name}${range(minLength, maxLength, " characters")}`;
}

function describeItems({ items, minItems, maxItems }: JsonSchema): string {
  const single = Array.isArray(items) || items === undefined ? true : items;
  return `${describeType(single)}${range(minItems, maxItems)}`;
}

const describeObject = ({ properties = {} }: JsonSchema) =>
  `object with ${Object.entries(properties)
    .map(([name, field]) => `${code(name)}: ${describeType(field)}`)
    .join(", ")}`;

function range(least: number | undefined, most: number | undefined, unit = ""): string {
  // Zod gives an integer without limits those of a double.
  const from = least === Number.MIN_SAFE_INTEGER ? undefined : least;
  const to = most === Number.MAX_SAFE_INTEGER ? undefined : most;
  if (from !== undefined && to !== undefined) return ` (${from}–${to}${unit})`;
  if (to !== undefined) return ` (at most ${to}${unit})`;
  return from === undefined ? "" : ` (at least ${from}${unit})`;
}

/** A link to the heading of this name. */
export const linkTo = (heading: string) => `[${heading}](#${heading.toLowerCase()})`;
