// The AsyncAPI 3.0 document of the WebSocket, from the client's side: it sends actions and receives frames.
import {
  actionAnswers,
  actionErrors,
  actionExamples,
  actions,
  closeCodes,
  createJsonSchemas,
  ErrorFrame,
  errors,
  frameExamples,
  protocolVersion,
  schemaName,
  ServerFrame,
  type ActionName,
  type JsonSchemas,
} from "@windi/protocol";
import type { z } from "zod";

interface AsyncApiOptions {
  /** Where this server is reached from outside, such as `https://chat.example.com`. */
  publicUrl?: string | undefined;
}

const actionNames = Object.keys(actions) as ActionName[];

/** The document; `JSON.stringify` it. */
export function createAsyncApi({ publicUrl = "http://localhost:8000" }: AsyncApiOptions = {}) {
  const schemas = createJsonSchemas({ refPrefix: "#/components/schemas/" });
  const { host, protocol } = new URL(publicUrl);
  const server = {
    host,
    protocol: protocol === "https:" ? "wss" : "ws",
    security: [
      { $ref: "#/components/securitySchemes/ticket" },
      { $ref: "#/components/securitySchemes/token" },
    ],
  };
  const messages = Object.fromEntries<object>([
    ...actionNames.map((name) => describeAction(name, schemas)),
    ...ServerFrame.options.map((frame) => describeFrame(frame, schemas)),
  ]);
  return {
    asyncapi: "3.0.0",
    info: {
      title: "WinDI Messenger: WebSocket",
      version: String(protocolVersion),
      description: introduction,
      license: { name: "MIT", url: "https://spdx.org/licenses/MIT.html" },
    },
    defaultContentType: "application/json",
    servers: { root: { ...server, pathname: "/" }, v1: { ...server, pathname: "/api/v1" } },
    channels: {
      socket: {
        address: "/ws",
        title: "The WebSocket",
        description: describeClosing(),
        messages: Object.fromEntries(
          Object.keys(messages).map((name) => [name, { $ref: `#/components/messages/${name}` }]),
        ),
        bindings: { ws: { method: "GET", query: tokenQuery } },
      },
    },
    operations: Object.fromEntries([
      ...actionNames.map((name) => [name, describeSending(name)] as const),
      ...ServerFrame.options.map((frame) => [`on${nameOf(frame)}`, describeReceiving(frame)] as const),
    ]),
    components: {
      schemas: schemas.components,
      messages,
      securitySchemes: {
        ticket: {
          type: "httpApiKey",
          name: "Sec-WebSocket-Protocol",
          in: "header",
          description: "`windi, ticket.<ticket>`, with a ticket that `POST /auth/ws-ticket` answers.",
        },
        token: {
          type: "httpApiKey",
          name: "token",
          in: "query",
          description: "The `access_token` that `POST /auth/login` answers.",
        },
      },
    },
  };
}

const introduction = `Live events of WinDI Messenger, as a client sees them: \`send\` is what the client sends, \`receive\`
what the server sends. Every frame is one JSON object in a text frame of at most 64 KiB.

Open \`/ws\` (also below \`/api/v1\`) with a ticket as a subprotocol, \`new WebSocket(url, ["windi", "ticket.<ticket>"])\`,
or as \`/ws?token=<access token>\`, join the chats whose events you want to hear, and send actions. A frame may carry a \`request_id\`, which the frame that answers it echoes. What is refused is answered with an
\`ErrorFrame\`, and the connection stays usable. Frames may gain fields: ignore those that you do not know.

A page of another origin than the server's is refused before the upgrade (403 \`origin_refused\`) unless the operator
allows it. The REST API is described in [openapi.json](/openapi.json).`;

const tokenQuery = {
  type: "object",
  properties: { token: { type: "string", description: "An access token, where there is no ticket." } },
};

function describeClosing(): string {
  const rows = Object.values(closeCodes).map(
    ({ code, reconnect, meaning }) => `- ${code}: ${meaning}${reconnect ? " (with backoff and jitter)" : ""}`,
  );
  return [
    "The server closes with one of these codes:",
    "",
    ...rows,
    "- 1006, without a close frame: the line was lost, or the client read too slowly. Come back and read on.",
    "- 1009: a frame was larger than 64 KiB. Come back without it.",
  ].join("\n");
}

const nameOf = (frame: z.ZodType) => schemaName(frame) ?? "";
const toMessage = (frame: z.ZodType) => ({ $ref: `#/channels/socket/messages/${nameOf(frame)}` });
const socket = { $ref: "#/channels/socket" };
const correlationId = {
  location: "$message.payload#/request_id",
  description: "Comes back in the answer.",
};

function describeAction(name: ActionName, schemas: JsonSchemas): [string, object] {
  const { schema } = actions[name];
  const refusals = actionErrors(name).map((code) => `\`${code}\`: ${errors[code].detail}`);
  const message = {
    name,
    title: name,
    summary: schema.description,
    description: `May be refused with:\n\n- ${refusals.join("\n- ")}`,
    correlationId,
    payload: schemas.convert(schema, "input"),
    examples: [{ payload: actionExamples[name] }],
  };
  return [nameOf(schema), message];
}

function describeFrame(frame: z.ZodType, schemas: JsonSchemas): [string, object] {
  const example = Object.entries(frameExamples).find(([name]) => name === nameOf(frame))?.[1];
  const message = {
    name: nameOf(frame),
    title: nameOf(frame),
    ...(frame.description !== undefined && { summary: frame.description }),
    payload: schemas.convert(frame, "output"),
    examples: [{ payload: example }],
  };
  return [nameOf(frame), message];
}

function describeSending(name: ActionName) {
  const answer = actionAnswers[name];
  const replies = answer ? [answer, ErrorFrame] : [ErrorFrame];
  return {
    action: "send",
    channel: socket,
    title: name,
    messages: [toMessage(actions[name].schema)],
    reply: { channel: socket, messages: replies.map(toMessage) },
  };
}

const describeReceiving = (frame: z.ZodType) => ({
  action: "receive",
  channel: socket,
  title: nameOf(frame),
  messages: [toMessage(frame)],
});
