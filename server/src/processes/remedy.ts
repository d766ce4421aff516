// What the operator can do about an error that ends the process, in one line; nothing for a fault of ours.
import { ConfigError } from "../config.ts";
import { codeOf } from "../database/failures.ts";

/** What systemd takes for "the configuration is wrong; starting again will not help". */
export const configurationExitCode = 78;

export function toRemedy(error: unknown): string | undefined {
  if (error instanceof ConfigError) return error.message;
  const code = codeOf(error);
  if (code === "EADDRINUSE") return "The port is in use by another program; stop it, or set SERVER_PORT";
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
    return "This machine does not have the address to listen on; check SERVER_HOST";
  if (code === "EACCES") return "This user may not listen on that port; set SERVER_PORT to 1024 or more";
  return undefined;
}
