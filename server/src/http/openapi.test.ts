import { describe, expect, test } from "bun:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { allErrors, endpoints, errors, type Endpoint } from "@windi/protocol";
import { Ajv2020 } from "ajv/dist/2020.js";
import { createOpenApi } from "./openapi.ts";

interface Operation {
  operationId: string;
  parameters: { name: string; in: string; required: boolean }[];
  requestBody?: { content: Content };
  responses: Record<string, { $ref?: string; content?: Content }>;
}
interface Content {
  "application/json": {
    schema: object;
    example?: unknown;
    examples?: Record<string, { value: unknown }>;
  };
}

const all = Object.entries(endpoints) as [string, Endpoint][];
const document = JSON.parse(JSON.stringify(createOpenApi())) as ReturnType<typeof createOpenApi>;
const operationOf = ({ path, method }: Endpoint) => document.paths[path]?.[method.toLowerCase()] as Operation;
const responseOf = (ref: string) =>
  document.components.responses[ref.replace("#/components/responses/", "")] as { content: Content };

describe("the OpenAPI document", () => {
  test("is valid OpenAPI 3.1", async () => {
    const validator = new Validator();
    const result = await validator.validate(structuredClone(document));
    expect(result.errors).toBeUndefined();
    expect(result.valid).toBe(true);
    expect(validator.version).toBe("3.1");
  });

  test("has an operation for each endpoint and no other", () => {
    const ids = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map((operation) => (operation as Operation).operationId),
    );
    expect(ids.toSorted()).toEqual(Object.keys(endpoints).toSorted());
  });

  test.each(all)("%s names each error below its status", (_, endpoint) => {
    const { responses } = operationOf(endpoint);
    const named = Object.entries(responses).flatMap(([status, { $ref }]) =>
      $ref === undefined
        ? []
        : Object.keys(responseOf($ref).content["application/json"].examples ?? {}).map(
            (code) => `${status} ${code}`,
          ),
    );
    const expected = allErrors(endpoint).map((code) => `${errors[code].status} ${code}`);
    expect(named.toSorted()).toEqual(expected.toSorted());
    expect(Object.keys(responses)).toContain(String(endpoint.status));
  });

  test("every example fits its schema", () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema(document, "openapi");
    const fits = (content: Content | undefined) => {
      const { schema, example, examples = {} } = content?.["application/json"] ?? { schema: {} };
      const absolute = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"openapi#/')) as object;
      const values = Object.values(examples).map(({ value }) => value);
      for (const value of example === undefined ? values : [example, ...values]) {
        expect(ajv.validate(absolute, value), JSON.stringify({ value, errors: ajv.errors })).toBe(true);
      }
      return values.length + (example === undefined ? 0 : 1);
    };
    let seen = 0;
    for (const [, endpoint] of all) {
      const { requestBody, responses } = operationOf(endpoint);
      seen += fits(requestBody?.content) + fits(responses[endpoint.status]?.content);
    }
    for (const { content } of Object.values(document.components.responses) as {
      content: Content;
    }[]) {
      seen += fits(content);
    }
    expect(seen).toBeGreaterThan(all.length);
  });

  test("says what each endpoint wants to see: a token, a cookie, any of both, or nothing", () => {
    const wanted = all.map(([, endpoint]) => {
      const { security } = operationOf(endpoint) as Operation & { security: object[] };
      return security.flatMap((one) => Object.keys(one)).join(" or ") || "none";
    });
    const either = "cookie or bearer";
    expect(wanted).toEqual(all.map(([, { auth }]) => (auth === "either" ? either : auth)));
    expect(Object.keys(document.components.securitySchemes)).toEqual(["bearer", "cookie"]);
  });

  test("only what may be left out is optional", () => {
    const parameters = operationOf(endpoints.getHistory).parameters.map(({ name, required }) => [
      name,
      required,
    ]);
    expect(Object.fromEntries(parameters)).toMatchObject({
      chat_id: true,
      limit: false,
      before_seq: false,
    });
  });

  test("points to nothing outside itself", () => {
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref);
    expect(refs.filter((ref) => !ref?.startsWith("#/components/"))).toEqual([]);
  });
});
