import { expect, test } from "bun:test";
import { computeFingerprint, fingerprint } from "./version.ts";

test("the wire is the one that was accepted", async () => {
  const remedy =
    "The wire has changed. If that is meant, accept it: npm run generate -- --accept (and tell clients)";
  expect(await computeFingerprint(), remedy).toBe(fingerprint);
});
