import { describe, expect, test } from "bun:test";
import type { z } from "zod";
import { actions, ClientFrame, type ActionName } from "./actions.ts";
import { closeCodes } from "./close-codes.ts";
import { allErrors, type Endpoint } from "./endpoint.ts";
import { endpoints, type OperationId } from "./endpoints.ts";
import { errors } from "./errors.ts";
import { ServerFrame } from "./events.ts";
import { actionExamples, endpointExamples, frameExamples } from "./examples.ts";
import { schemaName } from "./json-schema.ts";

const all = Object.entries(endpoints) as [OperationId, Endpoint][];

describe("endpoints", () => {
  test("no two share a method and a path", () => {
    const addresses = all.map(([, { method, path }]) => `${method} ${path.replaceAll(/\{\w+\}/g, "{}")}`);
    expect(addresses.toSorted()).toEqual([...new Set(addresses)].toSorted());
  });

  test.each(all)("%s describes each parameter of its path", (_, { path, params }) => {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    expect(Object.keys(params?.shape ?? {})).toEqual(named as string[]);
  });

  test.each(all)("%s lists no error twice", (_, endpoint) => {
    const listed = allErrors(endpoint);
    expect(listed).toEqual([...new Set(listed)]);
  });

  test.each(all.filter(([, { auth }]) => auth === "cookie" || auth === "either"))(
    "%s takes a cookie, so it refuses pages of others",
    (_, { method, errors: own }) => {
      expect(own).toContain("origin_refused");
      expect(method).not.toBe("GET");
    },
  );

  test.each(all)("%s answers a body unless it answers 204", (_, { status, answer, method, body }) => {
    expect(answer === undefined).toBe(status === 204);
    expect(method === "GET" && body !== undefined).toBe(false);
  });

  test.each(all)("the example of %s is what it takes and what it answers", (id, endpoint) => {
    const example = endpointExamples[id];
    for (const side of ["body", "answer"] as const) {
      expect(side in example).toBe(endpoint[side] !== undefined);
      if (endpoint[side]) expect(endpoint[side].parse(example[side])).toEqual(example[side]);
    }
  });
});

describe("frames", () => {
  const names = Object.keys(actions) as ActionName[];

  test.each(names)("%s stands under its own name, with an example", (name) => {
    expect(actionExamples[name].action).toBe(name);
    expect(actions[name].schema.parse(actionExamples[name])).toEqual(actionExamples[name]);
  });

  test("the table of actions is the union of client frames", () => {
    expect<z.ZodType[]>(names.map((name) => actions[name].schema)).toEqual(ClientFrame.options);
  });

  test.each(ServerFrame.options.map((schema) => [schemaName(schema) ?? "", schema] as const))(
    "the example of %s is such a frame",
    (name, schema) => {
      const example = Object.entries<z.infer<typeof schema>>(frameExamples).find(
        ([key]) => key === name,
      )?.[1];
      expect(schema.safeParse(example).data).toEqual(example);
      expect(example).toBeDefined();
    },
  );

  test.each([null, "4".repeat(64)])("request_id %p is taken", (request_id) => {
    expect(ClientFrame.parse({ ...actionExamples.typing, request_id }).request_id).toBe(request_id);
  });
});

describe("codes", () => {
  test.each(Object.entries(errors))(
    "%s is an error, and may be retried only when waiting can help",
    (_, entry) => {
      expect(entry.status).toBeGreaterThanOrEqual(400);
      expect(entry.retryable).toBe(entry.status === 429 || entry.status >= 500);
    },
  );

  test.each(Object.entries(closeCodes))(
    "the number of %s tells whether to come back",
    (reason, { code, reconnect }) => {
      expect(code).toBeGreaterThanOrEqual(4000);
      expect(code).toBeLessThanOrEqual(4999);
      if (reason !== "unauthenticated") expect(reconnect).toBe(code < 4500);
    },
  );
});
