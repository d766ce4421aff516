// The key that signs tokens when the operator gives none: made once, kept in the data directory for its owner only.
import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigError, checkSecret } from "../config.ts";
import { codeOf } from "../database/failures.ts";

/** However many processes call it at once on one directory, all get the same key. */
export function loadOrCreateSecret(dataDir: string): string {
  const path = join(dataDir, "jwt-secret");
  try {
    const secret = readSecret(path) ?? createSecret(dataDir, path);
    checkSecret(secret, path);
    return secret;
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const remedy = "set JWT_SECRET_KEY, or mend DATA_DIR";
    throw new ConfigError(`${path} cannot be read or written; ${remedy}`, { cause: error });
  }
}

function readSecret(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Written under another name first: whoever finds the key finds all of it. The first to give it its name wins. */
function createSecret(dataDir: string, path: string): string {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const secret = randomBytes(48).toString("base64url");
  const draft = `${path}.${process.pid}`;
  rmSync(draft, { force: true });
  writeFileSync(draft, `${secret}\n`, { flag: "wx", mode: 0o600, flush: true });
  try {
    linkSync(draft, path);
    return secret;
  } catch (error) {
    const known = codeOf(error) === "EEXIST" ? readSecret(path) : undefined;
    if (known === undefined) throw error;
    return known;
  } finally {
    rmSync(draft, { force: true });
  }
}
