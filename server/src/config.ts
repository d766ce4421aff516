// The environment becomes a Config here, and nowhere else is the environment read.
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { availableParallelism } from "node:os";
import { z } from "zod";
import { parseNatsUrl } from "./bus/nats-address.ts";
import { parseRateLimits } from "./http/limits.ts";

/** What the operator must change before the server can start; told in one line, without a stack. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

const list = z.string().transform((value) =>
  value
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean),
);
const integer = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be a whole number from ${min} to ${max}`);

const origin = z.string().transform((value, context) => {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url && (url.protocol === "http:" || url.protocol === "https:")) return url.origin;
  context.addIssue({
    code: "custom",
    message: "must be an address such as https://chat.example.com",
  });
  return z.NEVER;
});

const isNetwork = (value: string) => {
  const [address = "", prefix, ...rest] = value.split("/");
  const bits = isIP(address) === 6 ? 128 : 32;
  return (
    isIP(address) > 0 &&
    rest.length === 0 &&
    (prefix === undefined || (/^\d+$/.test(prefix) && +prefix <= bits))
  );
};

const isHost = (value: string) => isIP(value) > 0 || /^[\w.-]+$/.test(value);

function isDatabaseUrl(value: string): boolean {
  try {
    const url = new URL(value);
    decodeURIComponent(url.username + url.password + url.pathname);
    return url.protocol === "postgres:" || url.protocol === "postgresql:";
  } catch {
    return false;
  }
}

function isNatsUrl(value: string): boolean {
  try {
    parseNatsUrl(value);
    return true;
  } catch {
    return false;
  }
}

const Variables = z.object({
  SERVER_HOST: z.string().default("0.0.0.0"),
  SERVER_PORT: integer(0, 65_535).default(8000),
  DATA_DIR: z.string().default("./data"),
  DATABASE_URL: z
    .string()
    .refine(
      isDatabaseUrl,
      "must be an address such as postgres://user:password@host:5432/database, with %40 for an @ in the password",
    )
    .optional(),
  POSTGRES_HOST: z
    .string()
    .refine(isHost, "must be a host name or an address; the port is POSTGRES_PORT")
    .optional(),
  POSTGRES_PORT: integer(1, 65_535).default(5432),
  POSTGRES_USER: z.string().default("postgres"),
  POSTGRES_PASSWORD: z.string().optional(),
  POSTGRES_DB: z.string().default("windi"),
  DATABASE_POOL_SIZE: integer(2, 500).default(10),
  NATS_URL: z
    .string()
    .refine(
      isNatsUrl,
      "must be an address such as nats://user:password@host:4222, with %40 for an @ in the password, or several with commas",
    )
    .optional(),
  JWT_SECRET_KEY: z.string().optional(),
  JWT_ALGORITHM: z.enum(["HS256", "HS384", "HS512"], "must be HS256, HS384 or HS512").default("HS256"),
  JWT_ACCESS_TOKEN_EXPIRES_MINUTES: integer(1, 525_600).default(30),
  PUBLIC_URL: origin.optional(),
  ALLOWED_ORIGINS: list.pipe(z.array(origin)).default([]),
  TRUSTED_PROXIES: list
    .pipe(z.array(z.string().refine(isNetwork, "must list addresses or networks such as 10.0.0.0/8")))
    .default([]),
  AUDIT_SECONDS: integer(1, 3600).default(25),
  PROCESSES: z
    .string()
    .transform((value) => (value === "auto" ? availableParallelism() : Number(/^\d{1,3}$/.exec(value)?.[0])))
    .refine(
      (count) => count >= 1 && count <= 256,
      "must be a whole number from 1 to 256, or auto for as many as there are cores",
    )
    .prefault("1"),
  HANDSHAKES_PER_SECOND: z
    .union([z.literal("off").transform(() => 0), integer(0, 1_000_000)], {
      error: "must be a whole number, or off",
    })
    .prefault("1000"),
  RATE_LIMITS: z
    .string()
    .transform((value, context) => {
      try {
        return parseRateLimits(value);
      } catch (error) {
        context.addIssue({
          code: "custom",
          message: error instanceof Error ? error.message : String(error),
        });
        return z.NEVER;
      }
    })
    .prefault("on"),
  METRICS_PORT: integer(0, 65_535).optional(),
  METRICS_HOST: z.string().default("127.0.0.1"),
  METRICS_TOKEN: z
    .string()
    .regex(
      /^[\x21-\x7e]{16,}$/,
      "must have at least 16 characters, without spaces; make one with: openssl rand -hex 24",
    )
    .optional(),
  LOG_LEVEL: z
    .enum(
      ["trace", "debug", "info", "warn", "error", "fatal", "silent"],
      "must be a level such as info or warn",
    )
    .default("info"),
});

const secretNames = [
  "DATABASE_URL",
  "POSTGRES_PASSWORD",
  "NATS_URL",
  "JWT_SECRET_KEY",
  "METRICS_TOKEN",
] as const;

/** Everything that can be set, checked. Secrets that are not set (`jwtSecret`) are made by whoever needs them. */
export function readConfig(environment: Record<string, string | undefined>) {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ""),
  );
  for (const name of secretNames) {
    const path = given[`${name}_FILE`];
    if (path === undefined) continue;
    if (given[name] !== undefined) throw new ConfigError(`Set ${name} or ${name}_FILE, not both`);
    given[name] = readSecretFile(name, path);
  }
  const parsed = Variables.safeParse(given);
  if (!parsed.success) {
    throw new ConfigError(
      parsed.error.issues.map((issue) => `${issue.path[0]?.toString()} ${issue.message}`).join("; "),
    );
  }
  const v = parsed.data;
  if (v.JWT_SECRET_KEY !== undefined) checkSecret(v.JWT_SECRET_KEY);
  if (v.PROCESSES > 1) requireShared(v);
  if (v.METRICS_PORT !== undefined && v.METRICS_PORT + v.PROCESSES - 1 > 65_535)
    throw new ConfigError("METRICS_PORT must leave room for one port per process below 65536");
  return {
    host: v.SERVER_HOST,
    port: v.SERVER_PORT,
    dataDir: v.DATA_DIR,
    database: readDatabase(v),
    natsUrl: v.NATS_URL,
    jwt: {
      secret: v.JWT_SECRET_KEY,
      algorithm: v.JWT_ALGORITHM,
      lifetimeMinutes: v.JWT_ACCESS_TOKEN_EXPIRES_MINUTES,
    },
    publicUrl: v.PUBLIC_URL,
    allowedOrigins: v.ALLOWED_ORIGINS,
    trustedProxies: v.TRUSTED_PROXIES,
    auditSeconds: v.AUDIT_SECONDS,
    rateLimits: v.RATE_LIMITS,
    handshakesPerSecond: v.HANDSHAKES_PER_SECOND,
    processes: v.PROCESSES,
    metrics: { host: v.METRICS_HOST, port: v.METRICS_PORT, token: v.METRICS_TOKEN },
    logLevel: v.LOG_LEVEL,
  };
}

export type Config = ReturnType<typeof readConfig>;

/** The process's own environment, checked. */
export const readProcessConfig = () => readConfig(process.env);

/** The environment of the server process with this number, which shares a port with others of its kind. */
export const childEnvironment = ({ metrics }: Config, port: number, index: number) => ({
  ...process.env,
  PROCESSES: "1",
  SERVER_PORT: String(port),
  // Each has its own numbers to tell.
  METRICS_PORT: metrics.port === undefined ? undefined : String(metrics.port && metrics.port + index),
});

/** @throws ConfigError unless several processes can share what they store and hear of each other */
function requireShared(v: z.infer<typeof Variables>): void {
  const hasDatabase = v.DATABASE_URL !== undefined || v.POSTGRES_HOST !== undefined;
  const missing = [hasDatabase ? "" : "DATABASE_URL", v.NATS_URL === undefined ? "NATS_URL" : ""].filter(
    Boolean,
  );
  if (missing.length > 0) {
    const remedy = `set ${missing.join(" and ")}, or PROCESSES=1`;
    throw new ConfigError(`Several processes need PostgreSQL and NATS, which join them: ${remedy}`);
  }
  if (process.platform !== "linux")
    throw new ConfigError("Several processes on one port need Linux: set PROCESSES=1");
}

function readDatabase(v: z.infer<typeof Variables>) {
  const poolSize = v.DATABASE_POOL_SIZE;
  if (v.DATABASE_URL !== undefined) return { kind: "server" as const, url: v.DATABASE_URL, poolSize };
  if (v.POSTGRES_HOST === undefined) return { kind: "embedded" as const };
  const url = new URL(`postgres://host:${v.POSTGRES_PORT}`);
  url.hostname = isIP(v.POSTGRES_HOST) === 6 ? `[${v.POSTGRES_HOST}]` : v.POSTGRES_HOST;
  url.username = encodeURIComponent(v.POSTGRES_USER);
  url.password = encodeURIComponent(v.POSTGRES_PASSWORD ?? "");
  url.pathname = `/${encodeURIComponent(v.POSTGRES_DB)}`;
  return { kind: "server" as const, url: url.href, poolSize };
}

function readSecretFile(name: string, path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`${name}_FILE cannot be read: ${reason}`, { cause: error });
  }
}

const publishedExamples =
  /change.?(me|this|it|in)|your.?(very|super|own|jwt)?.?(secret|key)|super.?secret|example|placeholder|insecure|at.?least.?\d+.?b[iy]t|09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7/i;

/**
 * Refuses a key that is short, monotonous, or that somebody may have copied from a tutorial.
 * @param name - where the key comes from: what the operator must change
 */
export function checkSecret(secret: string, name = "JWT_SECRET_KEY"): void {
  const remedy = "make one with: openssl rand -base64 48";
  if (new TextEncoder().encode(secret).length < 32) {
    throw new ConfigError(`${name} must have at least 32 bytes; ${remedy}`);
  }
  if (publishedExamples.test(secret)) throw new ConfigError(`${name} is a published example; ${remedy}`);
  if (new Set(secret).size < 8) throw new ConfigError(`${name} repeats too few characters; ${remedy}`);
}
