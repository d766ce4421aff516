// Writes what is made from the contract: docs/protocol.md; with --accept also the fingerprint of the wire.
import { readFile, writeFile } from "node:fs/promises";
import { computeFingerprint, fingerprint } from "@windi/protocol";
import { createProtocolDocument } from "./protocol-document.ts";

const document = new URL("../docs/protocol.md", import.meta.url);
const version = new URL("../protocol/src/version.ts", import.meta.url);

async function acceptWire(): Promise<void> {
  const source = await readFile(version, "utf8");
  const accepted = await computeFingerprint();
  await writeFile(version, source.replace(/(fingerprint = )"[0-9a-f]*"/, `$1"${accepted}"`));
  console.log(accepted === fingerprint ? "The wire has not changed" : `Accepted the wire ${accepted}`);
}

if (process.argv.includes("--accept")) await acceptWire();
await writeFile(document, createProtocolDocument());
console.log("Wrote docs/protocol.md");
