// The version of the contract, and a fingerprint of everything on the wire, so that no change of it goes unseen.
import { actions, type ActionName } from "./actions.ts";
import { closeCodes } from "./close-codes.ts";
import { allErrors, type Endpoint } from "./endpoint.ts";
import { endpoints } from "./endpoints.ts";
import { errors } from "./errors.ts";
import { ServerFrame } from "./events.ts";
import { actionAnswers, actionErrors } from "./frames.ts";
import { createJsonSchemas, schemaName } from "./json-schema.ts";

/** Goes up when a client of the version before it would no longer work. */
export const protocolVersion = 1;

/** SHA-256 of {@link describeWire}. Written by `npm run generate -- --accept`, never by hand. */
export const fingerprint = "a318af4fccd1b2c03d561c396ea95bb9060c9c3e201019c387eb9fc52b299319";

/** Everything that travels, as canonical JSON: keys sorted, without the words that only explain. */
export function describeWire(): string {
  const schemas = createJsonSchemas({ refPrefix: "#/" });
  const describeEndpoint = (endpoint: Endpoint) => ({
    method: endpoint.method,
    path: endpoint.path,
    auth: endpoint.auth,
    status: endpoint.status,
    errors: allErrors(endpoint).toSorted(),
    params: endpoint.params && schemas.convert(endpoint.params, "input"),
    query: endpoint.query && schemas.convert(endpoint.query, "input"),
    body: endpoint.body && schemas.convert(endpoint.body, "input"),
    answer: endpoint.answer && schemas.convert(endpoint.answer, "output"),
  });
  const describeAction = (name: ActionName) => ({
    frame: schemas.convert(actions[name].schema, "input"),
    answer: actionAnswers[name] && schemaName(actionAnswers[name]),
    errors: actionErrors(name).toSorted(),
  });
  const wire = {
    protocolVersion,
    endpoints: Object.entries(endpoints).map(([id, endpoint]) => ({
      id,
      ...describeEndpoint(endpoint),
    })),
    actions: (Object.keys(actions) as ActionName[]).map((name) => ({
      name,
      ...describeAction(name),
    })),
    serverFrames: schemas.convert(ServerFrame, "output"),
    errors,
    closeCodes: Object.entries(closeCodes).map(([reason, { code, reconnect }]) => ({
      reason,
      code,
      reconnect,
    })),
    schemas: schemas.components,
  };
  return JSON.stringify(wire, canonical);
}

/** SHA-256 of what is on the wire now, in hexadecimal. */
export async function computeFingerprint(): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(describeWire()));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A JSON replacer. A `description` that is a string explains; one that is an object is a field of that name. */
function canonical(key: string, value: unknown): unknown {
  if (key === "description" && typeof value === "string") return undefined;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
