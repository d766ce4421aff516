// The key that signs tokens when the operator gives none: made once, kept in the data directory for its owner only.
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigError, checkSecret } from "../config.ts";
import { codeOf } from "../database/failures.ts";

export function loadOrCreateSecret(dataDir: string): string {
  const path = join(dataDir, "jwt-secret");
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    writeFileSync(path, `${randomBytes(48).toString("base64url")}\n`, { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (codeOf(error) !== "EEXIST" || !existsSync(path)) {
      throw new ConfigError(`${path} cannot be written; set JWT_SECRET_KEY, or mend DATA_DIR`, {
        cause: error,
      });
    }
  }
  const secret = readFileSync(path, "utf8").trim();
  checkSecret(secret, path);
  return secret;
}
