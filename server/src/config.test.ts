import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "bun:test";
import { ConfigError, checkSecret, childEnvironment, readConfig } from "./config.ts";

const goodSecret = "q7F2m0XyK9bVtR4sLw8ZcN1pJ6hD3gUa";

function refusal(environment: Record<string, string>): string {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return "accepted";
}

describe("a value that is wrong is refused in one sentence that names the variable and the remedy", () => {
  const port = (name: string, min: number) => `${name} must be a whole number from ${min} to 65535`;
  const url =
    "must be an address such as postgres://user:password@host:5432/database, with %40 for an @ in the password";
  const natsUrl =
    "must be an address such as nats://user:password@host:4222, with %40 for an @ in the password, or several with commas";
  const origin = "must be an address such as https://chat.example.com";
  const networks = "TRUSTED_PROXIES must list addresses or networks such as 10.0.0.0/8";
  const minutes = "JWT_ACCESS_TOKEN_EXPIRES_MINUTES must be a whole number from 1 to 525600";
  const limits =
    'RATE_LIMITS must be "on", "off" or a list such as register=100/3600 (count/seconds) of: login_account';
  const processes = "PROCESSES must be a whole number from 1 to 256, or auto for as many as there are cores";
  const metricsToken =
    "must have at least 16 characters, without spaces; make one with: openssl rand -hex 24";
  const host = "POSTGRES_HOST must be a host name or an address; the port is POSTGRES_PORT";

  test.each([
    ["SERVER_PORT", "http", port("SERVER_PORT", 0)],
    ["SERVER_PORT", "65536", port("SERVER_PORT", 0)],
    ["SERVER_PORT", "-1", port("SERVER_PORT", 0)],
    ["SERVER_PORT", "80.5", port("SERVER_PORT", 0)],
    ["DATABASE_URL", "mysql://localhost/windi", `DATABASE_URL ${url}`],
    ["DATABASE_URL", "postgres://windi:p@ss:word@db:port/windi", `DATABASE_URL ${url}`],
    ["DATABASE_URL", "postgres://windi:100%@db/windi", `DATABASE_URL ${url}`],
    ["POSTGRES_HOST", "db:5432", host],
    ["POSTGRES_HOST", "/var/run/postgresql", host],
    ["POSTGRES_PORT", "0", port("POSTGRES_PORT", 1)],
    ["DATABASE_POOL_SIZE", "1", "DATABASE_POOL_SIZE must be a whole number from 2 to 500"],
    ["NATS_URL", "nats:4222", `NATS_URL ${natsUrl}`],
    ["NATS_URL", "http://nats:8222", `NATS_URL ${natsUrl}`],
    ["NATS_URL", "nats://windi:p@ss:word@nats:port", `NATS_URL ${natsUrl}`],
    ["JWT_ALGORITHM", "none", "JWT_ALGORITHM must be HS256, HS384 or HS512"],
    ["JWT_ALGORITHM", "RS256", "JWT_ALGORITHM must be HS256, HS384 or HS512"],
    ["JWT_ACCESS_TOKEN_EXPIRES_MINUTES", "0", minutes],
    ["JWT_ACCESS_TOKEN_EXPIRES_MINUTES", "1.5", minutes],
    ["JWT_ACCESS_TOKEN_EXPIRES_MINUTES", "NaN", minutes],
    ["PUBLIC_URL", "chat.example.com", `PUBLIC_URL ${origin}`],
    ["PUBLIC_URL", "ftp://chat.example.com", `PUBLIC_URL ${origin}`],
    ["ALLOWED_ORIGINS", "*", `ALLOWED_ORIGINS ${origin}`],
    ["ALLOWED_ORIGINS", "https://a.example, null", `ALLOWED_ORIGINS ${origin}`],
    ["TRUSTED_PROXIES", "true", networks],
    ["TRUSTED_PROXIES", "10.0.0.0/33", networks],
    ["TRUSTED_PROXIES", "10.0.0.0/", networks],
    ["TRUSTED_PROXIES", "::1/129", networks],
    ["PROCESSES", "0", processes],
    ["PROCESSES", "257", processes],
    ["PROCESSES", "all", processes],
    ["HANDSHAKES_PER_SECOND", "-1", "HANDSHAKES_PER_SECOND must be a whole number, or off"],
    ["HANDSHAKES_PER_SECOND", "on", "HANDSHAKES_PER_SECOND must be a whole number, or off"],
    ["RATE_LIMITS", "of", limits],
    ["RATE_LIMITS", "register=0/10", limits],
    ["RATE_LIMITS", "register=10/NaN", limits],
    ["RATE_LIMITS", `register=10/${"9".repeat(400)}`, limits],
    ["RATE_LIMITS", "registrations=1/10", limits],
    ["RATE_LIMITS", "__proto__=1/10", limits],
    ["METRICS_PORT", "on", port("METRICS_PORT", 0)],
    ["METRICS_PORT", "65536", port("METRICS_PORT", 0)],
    ["METRICS_TOKEN", "fifteen-letters", `METRICS_TOKEN ${metricsToken}`],
    ["METRICS_TOKEN", "sixteen letters and more", `METRICS_TOKEN ${metricsToken}`],
    ["LOG_LEVEL", "loud", "LOG_LEVEL must be a level such as info or warn"],
    [
      "JWT_SECRET_KEY",
      "short",
      "JWT_SECRET_KEY must have at least 32 bytes; make one with: openssl rand -base64 48",
    ],
  ])("%s=%s", (name, value, sentence) => {
    const environment = name === "POSTGRES_PORT" ? { POSTGRES_HOST: "db" } : {};
    const message = refusal({ ...environment, [name]: value });
    expect(message).toStartWith(sentence);
    expect(message).not.toContain("\n");
  });

  test("METRICS_PORT too near the end, since each process has one of its own", () => {
    const shared = { DATABASE_URL: "postgres://db/windi", NATS_URL: "nats://nats:4222", PROCESSES: "4" };
    expect(refusal({ ...shared, METRICS_PORT: "65532" })).toBe("accepted");
    expect(refusal({ ...shared, METRICS_PORT: "65533" })).toBe(
      "METRICS_PORT must leave room for one port per process below 65536",
    );
  });

  test("PROCESSES above 1, where they would not hear of each other", () => {
    const database = { DATABASE_URL: "postgres://db/windi" };
    const nats = { NATS_URL: "nats://nats:4222" };
    const sentence = (missing: string) =>
      `Several processes need PostgreSQL and NATS, which join them: set ${missing}, or PROCESSES=1`;
    expect(refusal({ PROCESSES: "2" })).toBe(sentence("DATABASE_URL and NATS_URL"));
    expect(refusal({ PROCESSES: "2", ...database })).toBe(sentence("NATS_URL"));
    expect(refusal({ PROCESSES: "2", ...nats })).toBe(sentence("DATABASE_URL"));
    expect(refusal({ PROCESSES: "2", ...database, ...nats })).toBe("accepted");
    expect(refusal({ PROCESSES: "2", POSTGRES_HOST: "db", ...nats })).toBe("accepted");
  });

  test("every wrong variable is named, not the first alone", () => {
    const message = refusal({ SERVER_PORT: "http", LOG_LEVEL: "loud" });
    expect(message).toContain("SERVER_PORT");
    expect(message).toContain("LOG_LEVEL");
  });

  test.each([
    ["DATABASE_URL", "postgres://windi:geheim@db:port/windi"],
    ["NATS_URL", "nats://windi:geheim@nats:port"],
  ])("a refused %s is not repeated, since it holds a password", (name, url) => {
    expect(refusal({ [name]: url })).toStartWith(name);
    expect(refusal({ [name]: url })).not.toContain("geheim");
  });
});

describe("a key that signs tokens", () => {
  test.each([
    ["changeme-changeme-changeme-changeme", "published example"],
    ["your-secret-key-your-secret-key-1234", "published example"],
    ["a-string-secret-at-least-256-bits-long", "published example"],
    ["super-secret-0123456789-abcdefghijklm", "published example"],
    ["09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7", "published example"],
    ["a".repeat(64), "repeats too few characters"],
    ["ю".repeat(15), "at least 32 bytes"],
  ])("%s is refused", (secret, reason) => {
    expect(() => checkSecret(secret)).toThrow(reason);
  });

  test("of 32 random characters is taken", () => {
    expect(() => checkSecret(goodSecret)).not.toThrow();
  });
});

describe("what is not set", () => {
  test("has the defaults that the seed's clients and operators know", () => {
    expect(readConfig({})).toMatchObject({
      host: "0.0.0.0",
      port: 8000,
      dataDir: "./data",
      database: { kind: "embedded" },
      natsUrl: undefined,
      jwt: { secret: undefined, algorithm: "HS256", lifetimeMinutes: 30 },
      publicUrl: undefined,
      allowedOrigins: [],
      trustedProxies: [],
      processes: 1,
      handshakesPerSecond: 1000,
      metrics: { host: "127.0.0.1", port: undefined, token: undefined },
      logLevel: "info",
    });
    expect(readConfig({}).rateLimits?.register).toEqual({ count: 20, seconds: 3600 });
  });

  test("may also be empty, as compose files leave it", () => {
    const empty = {
      SERVER_PORT: "",
      DATABASE_URL: "",
      JWT_SECRET_KEY: "",
      JWT_SECRET_KEY_FILE: "",
      PUBLIC_URL: "",
    };
    expect(readConfig(empty)).toEqual(readConfig({}));
  });
});

describe("what is set", () => {
  test("an origin keeps its host and port and loses path and slash", () => {
    const { publicUrl, allowedOrigins } = readConfig({
      PUBLIC_URL: "https://Chat.Example.com/",
      ALLOWED_ORIGINS: "https://a.example:8443/x, http://localhost:5173",
    });
    expect(publicUrl).toBe("https://chat.example.com");
    expect(allowedOrigins).toEqual(["https://a.example:8443", "http://localhost:5173"]);
  });

  test("RATE_LIMITS replaces the limits that it names and no other", () => {
    const { rateLimits } = readConfig({ RATE_LIMITS: "register=100/3600, send = 5/60" });
    expect(rateLimits).toEqual({
      ...readConfig({ RATE_LIMITS: "on" }).rateLimits,
      register: { count: 100, seconds: 3600 },
      send: { count: 5, seconds: 60 },
    } as typeof rateLimits);
    expect(readConfig({ RATE_LIMITS: "off" }).rateLimits).toBeUndefined();
  });

  const shared = { DATABASE_URL: "postgres://db/windi", NATS_URL: "nats://nats:4222" };

  test("PROCESSES=auto is as many as there are cores; HANDSHAKES_PER_SECOND=off is no limit", () => {
    const config = readConfig({ ...shared, PROCESSES: "auto", HANDSHAKES_PER_SECOND: "off" });
    expect(config).toMatchObject({ processes: availableParallelism(), handshakesPerSecond: 0 });
  });

  test("METRICS_PORT is the first process's, and the others have the next ones", () => {
    const metrics = (settings: Record<string, string>, index: number) =>
      childEnvironment(readConfig({ ...shared, ...settings }), 8000, index).METRICS_PORT;
    expect([0, 3].map((index) => metrics({ METRICS_PORT: "9464" }, index))).toEqual(["9464", "9467"]);
    expect(metrics({ METRICS_PORT: "0" }, 3)).toBe("0");
    expect(metrics({}, 3)).toBeUndefined();
  });

  test("POSTGRES_* become one address, whatever their characters", () => {
    const database = readConfig({
      POSTGRES_HOST: "db",
      POSTGRES_USER: "us er",
      POSTGRES_PASSWORD: "a/b:c@d%é",
      POSTGRES_DB: "my db",
    }).database;
    const url = new URL(database.kind === "server" ? database.url : "");
    expect([url.host, url.username, url.password, url.pathname].map(decodeURIComponent)).toEqual([
      "db:5432",
      "us er",
      "a/b:c@d%é",
      "/my db",
    ]);
    const onIPv6 = readConfig({ POSTGRES_HOST: "::1", POSTGRES_PORT: "5433" }).database;
    expect(onIPv6).toMatchObject({ url: "postgres://postgres@[::1]:5433/windi" });
  });
});

describe("a secret from a file", () => {
  const directory = mkdtempSync(join(tmpdir(), "windi-config-"));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, "secret");
  const write = (content: string) => writeFileSync(path, content);

  test("is read without the line break at its end", () => {
    write(`${goodSecret}\n`);
    expect(readConfig({ JWT_SECRET_KEY_FILE: path }).jwt.secret).toBe(goodSecret);
  });

  test.each([
    ["JWT_SECRET_KEY", "short", "JWT_SECRET_KEY must have at least 32 bytes"],
    ["DATABASE_URL", "mysql://db", "DATABASE_URL must be an address"],
    ["NATS_URL", "nats", "NATS_URL must be an address"],
    ["METRICS_TOKEN", "short", "METRICS_TOKEN must have at least 16 characters"],
  ])("%s is checked like one from the environment", (name, content, sentence) => {
    write(content);
    expect(refusal({ [`${name}_FILE`]: path })).toStartWith(sentence);
  });

  test.each(["JWT_SECRET_KEY", "DATABASE_URL", "POSTGRES_PASSWORD", "NATS_URL", "METRICS_TOKEN"])(
    "%s and its file together are refused",
    (name) => {
      write(goodSecret);
      expect(refusal({ [name]: goodSecret, [`${name}_FILE`]: path })).toBe(
        `Set ${name} or ${name}_FILE, not both`,
      );
    },
  );

  test("that cannot be read is named with the reason", () => {
    expect(refusal({ JWT_SECRET_KEY_FILE: join(directory, "missing") })).toStartWith(
      "JWT_SECRET_KEY_FILE cannot be read: ENOENT",
    );
  });
});
