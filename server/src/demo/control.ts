// What tools on the same machine may ask a running server that has the embedded database to itself.
import type { Logger } from "pino";
import type { Passwords } from "../accounts/passwords.ts";
import type { Database } from "../database/database.ts";
import type { Appender } from "../messages/append.ts";
import { fillDemoData } from "./demo.ts";

interface ControlNeeds {
  database: Database;
  passwords: Passwords;
  appender: Appender<undefined>;
  newId(): string;
  log: Logger;
}

/** Whoever may open the file may ask: `POST /demo-data?messages=N`. */
export function createControl({ log, ...demo }: ControlNeeds): (request: Request) => Promise<Response> {
  return async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    if (request.method !== "POST" || pathname !== "/demo-data") return new Response(null, { status: 404 });
    try {
      return Response.json(await fillDemoData(demo, Number(searchParams.get("messages"))));
    } catch (error) {
      log.error({ err: error }, "demo data");
      const detail = error instanceof Error ? error.message : String(error);
      return Response.json({ detail }, { status: 500 });
    }
  };
}
