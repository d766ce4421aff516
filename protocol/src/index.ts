// The contract: everything that travels between a client and the server.
export * from "./accounts.ts";
export * from "./actions.ts";
export * from "./chats.ts";
export * from "./close-codes.ts";
export * from "./endpoint.ts";
export * from "./endpoints.ts";
export * from "./errors.ts";
export * from "./events.ts";
export * from "./examples.ts";
export * from "./frames.ts";
export * from "./json-schema.ts";
export * from "./messages.ts";
export * from "./operation.ts";
export * from "./summaries.ts";
export * from "./sync.ts";
export * from "./text.ts";
export * from "./version.ts";
