import { describe, expect, test } from "bun:test";
import asyncApiSpecs from "@asyncapi/specs";
import { actions, closeCodes, ServerFrame } from "@windi/protocol";
import { Ajv } from "ajv";
import { createAsyncApi } from "./asyncapi.ts";

const document = JSON.parse(JSON.stringify(createAsyncApi())) as ReturnType<typeof createAsyncApi>;
const operations = Object.values(document.operations);

describe("the AsyncAPI document", () => {
  test("is valid AsyncAPI 3.0", () => {
    const ajv = new Ajv({ strict: false, validateFormats: false });
    const validate = ajv.compile(asyncApiSpecs.schemasWithoutId["3.0.0"] as object);
    const valid = validate(document);
    expect(validate.errors).toBeNull();
    expect(valid).toBe(true);
    expect(validate({ ...document, channels: { socket: { adress: "/ws" } } })).toBe(false);
  });

  test("sends every action and receives every frame", () => {
    const sent = operations.filter(({ action }) => action === "send");
    expect(sent.map(({ title }) => title)).toEqual(Object.keys(actions));
    expect(operations.length - sent.length).toBe(ServerFrame.options.length);
  });

  test("names every close code", () => {
    const { description } = document.channels.socket;
    for (const { code } of Object.values(closeCodes)) expect(description).toContain(String(code));
  });

  test("every example fits its payload", () => {
    const ajv = new Ajv({ strict: false, validateFormats: false });
    ajv.addSchema(document, "asyncapi");
    for (const [name, message] of Object.entries(document.components.messages)) {
      const { payload, examples } = message as {
        payload: { $ref: string };
        examples: [{ payload: unknown }];
      };
      const fits = ajv.validate({ $ref: `asyncapi${payload.$ref}` }, examples[0].payload);
      expect(fits, `${name}: ${ajv.errorsText()}`).toBe(true);
    }
  });

  test("every reference leads somewhere", () => {
    for (const [, pointer = ""] of JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const target = pointer
        .split("/")
        .reduce<unknown>((node, key) => Object(node)[key] as unknown, document);
      expect(target, pointer).toBeDefined();
    }
  });

  test("tells the operator's public address", () => {
    const { root } = createAsyncApi({ publicUrl: "https://chat.example.com" }).servers;
    expect(root).toMatchObject({ protocol: "wss", host: "chat.example.com" });
  });
});
