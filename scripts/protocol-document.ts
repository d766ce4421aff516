// docs/protocol.md: the contract for people who write a client, made from the schemas.
import {
  actionAnswers,
  actionExamples,
  actions,
  allErrors,
  closeCodes,
  commonErrors,
  createJsonSchemas,
  endpointExamples,
  endpoints,
  ErrorBody,
  errors,
  frameExamples,
  protocolVersion,
  schemaName,
  ServerFrame,
  type ActionName,
  type Endpoint,
  type ErrorCode,
  type JsonSchema,
  type OperationId,
} from "@windi/protocol";
import type { z } from "zod";
import { code, describeType, fieldTable, jsonBlock, linkTo, list, table } from "./markdown.ts";
import * as prose from "./protocol-prose.ts";

type Schemas = ReturnType<typeof createJsonSchemas>;
type Named<Name extends string> = [Name, Endpoint];

const allEndpoints = Object.entries(endpoints) as Named<OperationId>[];
const actionNames = Object.keys(actions) as ActionName[];

/** The whole document; the same contract always gives the same text. */
export function createProtocolDocument(): string {
  const schemas = createJsonSchemas({ refPrefix: "#/" });
  const shown = new Set<string>();
  const chapters = [
    "<!-- Generated from the contract by `npm run generate`. Change protocol/src or scripts/protocol-*.ts instead. -->",
    "# The protocol",
    `Version ${protocolVersion}.`,
    prose.introduction,
    "## Signing in",
    prose.authentication,
    "## REST",
    overview(),
    `Each call may also be answered with ${codes(commonErrors)}, one that needs a token with ${code("unauthenticated")}.`,
    ...allEndpoints.flatMap((entry) => describeEndpoint(entry, schemas, shown)),
    "## WebSocket",
    prose.connecting,
    "### Actions",
    `Each action may also be answered with ${codes(["invalid_request", ...commonErrors])}.`,
    ...actionNames.flatMap((name) => describeAction(name, schemas)),
    "### Answers and events",
    ...ServerFrame.options.flatMap((frame) => describeFrame(frame, schemas)),
    "### Close codes",
    closeTable(),
    "## Errors",
    prose.refusals,
    jsonBlock({ detail: errors.chat_not_found.detail, code: "chat_not_found", request_id: "b5c1f0a2" }),
    fieldTable(resolve(schemas.convert(ErrorBody, "output"), schemas)),
    prose.retrying,
    errorTable(),
    "## Sending once",
    prose.idempotency,
    "## Order",
    prose.ordering,
    "## Reading",
    prose.reading,
    "## Limits",
    prose.limits,
    "## Changes of the protocol",
    prose.evolution,
    "## Shapes",
    ...describeShapes(schemas),
  ];
  return `${chapters.join("\n\n")}\n`;
}

const codes = (names: readonly ErrorCode[]) => names.map(code).join(", ");
const nameOf = (schema: z.ZodType) => schemaName(schema) ?? "";

function resolve(schema: JsonSchema, { components }: Schemas): JsonSchema {
  return components[schema.$ref?.split("/").at(-1) ?? ""] ?? schema;
}

const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w -]/g, "")
    .replaceAll(" ", "-");
const headingOf = ({ method, path }: Endpoint) => `${method} ${path}`;

const asides: Record<Endpoint["auth"], string> = {
  bearer: "",
  cookie: " Needs the cookie, and no token.",
  either: " Takes the cookie, an access token, or both; what is not good is passed over.",
  none: " Needs no token.",
};
const needs: Record<Endpoint["auth"], string> = {
  bearer: "yes",
  cookie: "the cookie",
  either: "the cookie, a token, or both",
  none: "no",
};

function overview(): string {
  const rows = allEndpoints.map(([, endpoint]) => [
    `[${headingOf(endpoint)}](#${anchorOf(headingOf(endpoint))})`,
    endpoint.summary,
    needs[endpoint.auth],
  ]);
  return table(["call", "what it does", "needs a token"], rows);
}

/** @param shown the answers that an example has shown already */
function describeEndpoint(
  [id, endpoint]: Named<OperationId>,
  schemas: Schemas,
  shown: Set<string>,
): string[] {
  const example = endpointExamples[id];
  const part = (title: string, schema: z.ZodType | undefined) =>
    schema ? [`${title}:`, fieldTable(resolve(schemas.convert(schema, "input"), schemas))] : [];
  const shared = new Set<ErrorCode>([...commonErrors, "unauthenticated"]);
  const own = allErrors(endpoint)
    .filter((name) => !shared.has(name))
    .toSorted((a, b) => errors[a].status - errors[b].status);
  const answer = endpoint.answer && describeType(schemas.convert(endpoint.answer, "output"));
  const isShown = answer === undefined || shown.has(answer);
  if (answer !== undefined) shown.add(answer);
  return [
    `### ${headingOf(endpoint)}`,
    `${endpoint.summary}.${asides[endpoint.auth]}`,
    ...part("Path", endpoint.params),
    ...part("Query", endpoint.query),
    ...part("Body", endpoint.body),
    ...(example.body === undefined ? [] : [jsonBlock(example.body)]),
    `Answer: ${endpoint.status}${answer ? `, ${answer}` : " without a body"}.`,
    ...(isShown ? [] : [jsonBlock(example.answer)]),
    ...(own.length > 0
      ? [`Errors: ${own.map((name) => `${errors[name].status} ${code(name)}`).join(", ")}.`]
      : []),
  ];
}

function describeAction(name: ActionName, schemas: Schemas): string[] {
  const { schema, errors: own } = actions[name];
  const answer = actionAnswers[name];
  return [
    `#### ${name}`,
    schema.description ?? "",
    fieldTable(resolve(schemas.convert(schema, "input"), schemas), (field) => field === "action"),
    jsonBlock(actionExamples[name]),
    `Answer: ${answer ? linkTo(nameOf(answer)) : "none"}.${own.length > 0 ? ` Errors: ${codes(own)}.` : ""}`,
  ];
}

function describeFrame(frame: z.ZodType, schemas: Schemas): string[] {
  const example = Object.entries(frameExamples).find(([name]) => name === nameOf(frame))?.[1];
  return [
    `#### ${nameOf(frame)}`,
    frame.description ?? answersWhat(frame),
    fieldTable(resolve(schemas.convert(frame, "output"), schemas)),
    jsonBlock(example),
  ];
}

function answersWhat(frame: z.ZodType): string {
  const names = actionNames.filter((name) => actionAnswers[name] === frame);
  return `The answer to ${names.map(code).join(", ")}.`;
}

function closeTable(): string {
  const rows = Object.values(closeCodes)
    .toSorted((a, b) => a.code - b.code)
    .map(({ code, meaning, reconnect }) => [
      String(code),
      meaning,
      reconnect ? "comes back by itself" : "does not come back by itself",
    ]);
  const transport = [
    ["1006", "No close frame: the line was lost, or this client read too slowly", "comes back by itself"],
    ["1009", "A frame was larger than 64 KiB", "comes back by itself, without that frame"],
  ];
  const rest = list([
    "4000–4499: come back with growing pauses and full jitter, from half a second up to 30 seconds.",
    "4500–4999: never by itself. The one exception is 4001: sign in again first.",
  ]);
  const after =
    "Whoever comes back joins its chats again and reads what it has missed (see [Order](#order)).";
  return [table(["code", "meaning", "the client"], [...rows, ...transport]), rest, after].join("\n\n");
}

function errorTable(): string {
  const rows = Object.entries(errors)
    .toSorted(([, a], [, b]) => a.status - b.status)
    .map(([name, { status, retryable, detail }]) => [
      code(name),
      String(status),
      retryable ? "yes" : "no",
      detail.replaceAll("<", "&lt;"),
    ]);
  return table(["code", "status", "retryable", "default text"], rows);
}

/** The components that bodies and frames refer to, and that are not described where they are used. */
function describeShapes(schemas: Schemas): string[] {
  const referred = JSON.stringify(schemas.components) + JSON.stringify(allEndpoints.map(answerOf));
  const described = new Set([...ServerFrame.options.map(nameOf), "ErrorBody", "ErrorCode"]);
  const names = Object.keys(schemas.components)
    .filter((name) => referred.includes(`"#/${name}"`) && !described.has(name))
    .toSorted();
  const code = ["### ErrorCode", "One of the codes in the table of [Errors](#errors)."];
  const shapes = names.flatMap((name) => {
    const shape = schemas.components[name] ?? {};
    return [`### ${name}`, ...(shape.description ? [shape.description] : []), fieldTable(shape)];
  });
  return [...shapes, ...code];

  function answerOf([, { answer }]: Named<OperationId>) {
    return answer && schemas.convert(answer, "output");
  }
}
