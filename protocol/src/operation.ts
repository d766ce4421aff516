// What operators, load balancers and whoever comes for the first time ask a server.
import { z } from "zod";
import { defineEndpoint } from "./endpoint.ts";

export const Liveness = z.object({ status: z.literal("ok") }).meta({ id: "Liveness" });

export const Health = z
  .object({
    status: z.enum(["ok", "unavailable"]),
    version: z.string(),
    database: z.enum(["embedded", "server"]),
  })
  .meta({ id: "Health" });
export type Health = z.infer<typeof Health>;

export const ServerInfo = z
  .object({
    version: z.string(),
    has_people: z
      .boolean()
      .meta({ description: "Whether anybody has an account: the first one to come is told." }),
  })
  .meta({ id: "ServerInfo" });
export type ServerInfo = z.infer<typeof ServerInfo>;

export const livez = defineEndpoint({
  method: "GET",
  path: "/livez",
  tag: "operation",
  summary: "Is the process alive",
  auth: "none",
  status: 200,
  answer: Liveness,
  errors: [],
});

export const readyz = defineEndpoint({
  method: "GET",
  path: "/readyz",
  tag: "operation",
  summary: "May traffic be sent here: 503 while starting, draining, or without the database",
  auth: "none",
  status: 200,
  answer: Liveness,
  errors: [],
});

export const health = defineEndpoint({
  method: "GET",
  path: "/health",
  tag: "operation",
  summary: "Version and state in one answer",
  auth: "none",
  status: 200,
  answer: Health,
  errors: [],
});

export const getServer = defineEndpoint({
  method: "GET",
  path: "/server",
  tag: "operation",
  summary: "What a client shows before anybody signs in",
  auth: "none",
  status: 200,
  answer: ServerInfo,
  errors: [],
});
