// The OpenAPI 3.1 document of the REST API, made from the endpoints of the contract.
import {
  allErrors,
  createJsonSchemas,
  endpointExamples,
  endpoints,
  ErrorBody,
  errors,
  protocolVersion,
  type Endpoint,
  type ErrorCode,
  type JsonSchemas,
  type OperationId,
} from "@windi/protocol";
import type { z } from "zod";

const tags: Record<Endpoint["tag"], string> = {
  accounts: "Registering, signing in, who am I.",
  chats: "Personal chats, and the list of all my chats.",
  groups: "Groups and their members. A group's id is its chat's id.",
  messages:
    "Sending and reading. Live events come over the WebSocket, described in [asyncapi.json](/asyncapi.json).",
  operation: "What operators and load balancers ask.",
};

const description = `The REST API of WinDI Messenger. Each address answers below \`/\` and below \`/api/v1\`.

Get an access token with \`POST /auth/login\` and send it as \`Authorization: Bearer <token>\`. A page of the server itself
signs in with \`POST /auth/sessions\` instead, and gets the next token with \`POST /auth/refresh\`, by a cookie.

Every answer that is not a success has the body \`ErrorBody\`: decide by its \`code\`, never by its text. Answers may
gain fields: ignore those that you do not know.

Live events come over the WebSocket \`/ws\`, described in [asyncapi.json](/asyncapi.json).`;

const headers = {
  "Retry-After": {
    description: "Seconds to wait before trying again.",
    schema: { type: "integer", minimum: 0 },
  },
  "RateLimit-Limit": {
    description: "Requests that may come at once.",
    schema: { type: "integer", minimum: 1 },
  },
  "RateLimit-Remaining": {
    description: "Requests that are left now.",
    schema: { type: "integer", minimum: 0 },
  },
  "RateLimit-Reset": {
    description: "Seconds until the limit is whole again.",
    schema: { type: "integer", minimum: 0 },
  },
};

const cookie = {
  "Set-Cookie": {
    description: "The refresh token, another one after each use; or the end of it.",
    schema: { type: "string" },
  },
};

const security: Record<Endpoint["auth"], Record<string, never[]>[]> = {
  none: [],
  bearer: [{ bearer: [] }],
  cookie: [{ cookie: [] }],
  either: [{ cookie: [] }, { bearer: [] }],
};

const headersByStatus: Partial<Record<number, (keyof typeof headers)[]>> = {
  429: ["Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"],
  503: ["Retry-After"],
};

/** The document; `JSON.stringify` it. */
export function createOpenApi() {
  const schemas = createJsonSchemas({ refPrefix: "#/components/schemas/" });
  const refusals = createRefusals(schemas);
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [id, endpoint] of Object.entries(endpoints) as [OperationId, Endpoint][]) {
    const operation = describeOperation(id, endpoint, schemas, refusals);
    paths[endpoint.path] = { ...paths[endpoint.path], [endpoint.method.toLowerCase()]: operation };
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "WinDI Messenger",
      version: String(protocolVersion),
      summary: "A self-hosted messenger",
      description,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }, { url: "/api/v1" }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: schemas.components,
      responses: refusals.responses,
      headers,
      securitySchemes: {
        bearer: {
          type: "http",
          scheme: "bearer",
          bearerFormat: "JWT",
          description: "The `access_token` that `POST /auth/login` answers.",
        },
        cookie: {
          type: "apiKey",
          in: "cookie",
          name: "__Host-windi",
          description:
            "The refresh token that `POST /auth/sessions` sets; `windi-dev` over plain HTTP within one machine.",
        },
      },
    },
  };
}

function describeOperation(id: OperationId, endpoint: Endpoint, schemas: JsonSchemas, refusals: Refusals) {
  const example = endpointExamples[id];
  const explanation = endpoint.query?.description;
  return {
    operationId: id,
    tags: [endpoint.tag],
    summary: endpoint.summary,
    ...(explanation !== undefined && { description: explanation }),
    security: security[endpoint.auth],
    parameters: [
      ...describeParameters("path", endpoint.params, schemas),
      ...describeParameters("query", endpoint.query, schemas),
    ],
    ...(endpoint.body && {
      requestBody: {
        required: true,
        content: json(schemas.convert(endpoint.body, "input"), example.body),
      },
    }),
    responses: {
      [endpoint.status]: {
        description: endpoint.answer ? "Done" : "Done; the answer has no body",
        // What pages of others may not ask for is what a cookie is for.
        ...(endpoint.errors.includes("origin_refused") && { headers: cookie }),
        ...(endpoint.answer && {
          content: json(schemas.convert(endpoint.answer, "output"), example.answer),
        }),
      },
      ...refusals.describe(allErrors(endpoint)),
    },
  };
}

const json = (schema: object, example: unknown) => ({
  "application/json": { schema, ...(example !== undefined && { example }) },
});

function describeParameters(place: "path" | "query", object: z.ZodObject | undefined, schemas: JsonSchemas) {
  return Object.entries((object?.shape ?? {}) as Record<string, z.ZodType>).map(([name, field]) => {
    const { description, ...schema } = schemas.convert(field, "input");
    const required = !field.safeParse(undefined).success;
    return { name, in: place, required, ...(description !== undefined && { description }), schema };
  });
}

/** Answers that refuse: one component for each set of codes that share a status. */
function createRefusals(schemas: JsonSchemas) {
  const responses: Record<string, unknown> = {};
  const body = schemas.convert(ErrorBody, "output");

  function describe(codes: ErrorCode[]): Record<string, { $ref: string }> {
    const byStatus = Object.groupBy(codes, (code) => errors[code].status);
    return Object.fromEntries(
      Object.entries(byStatus).map(([status, group]) => {
        const name = group.toSorted().join(".");
        responses[name] ??= describeResponse(Number(status), group);
        return [status, { $ref: `#/components/responses/${name}` }];
      }),
    );
  }

  const describeResponse = (status: number, codes: ErrorCode[]) => ({
    description: codes.map((code) => `\`${code}\`: ${escapeMarkdown(errors[code].detail)}`).join("\n\n"),
    headers: Object.fromEntries(
      (headersByStatus[status] ?? []).map((name) => [name, { $ref: `#/components/headers/${name}` }]),
    ),
    content: {
      "application/json": {
        schema: { allOf: [body, { properties: { code: { enum: codes } } }] },
        examples: Object.fromEntries(codes.map((code) => [code, { value: exampleOf(code) }])),
      },
    },
  });

  return { describe, responses };
}

type Refusals = ReturnType<typeof createRefusals>;

const escapeMarkdown = (text: string) => text.replaceAll(/[<_*`[]/g, String.raw`\$&`);

function exampleOf(code: ErrorCode): ErrorBody {
  const field = { loc: ["body", "text"], msg: "Must have at least 1 character(s)", type: "custom" };
  const detail = errors[code].status === 422 ? [field] : errors[code].detail;
  return { detail, code, request_id: "b5c1f0a2" };
}
