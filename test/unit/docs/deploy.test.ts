/** The files of `deploy/`: what they name exists, and what they say of the server is so. `test/contract/deploy.test.ts` runs those that run here. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Copy, DockerfileParser } from "dockerfile-ast";
import { parse as parseToml } from "smol-toml";
import { describe, expect, test } from "@jest/globals";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { OPTION_TABLE, parseOptions } from "../../../src/config.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const textOf = (path: string): string => readFileSync(`${ROOT}${path}`, "utf8");

const DEFAULTS = ((): { port: number; pingMs: number; keepAliveMs: number; drainMs: number } => {
  const parsed = parseOptions({});
  if (!parsed.ok) throw new Error(parsed.failure);
  return parsed.value;
})();
const KNOWN = new Set(OPTION_TABLE.map(({ env }) => env));
/** What the server takes to end: the rooms, and then the stragglers. */
const ENDING_SECONDS = DEFAULTS.drainMs / 1_000 + 2;

/** The variables of the server that a text names. */
function variablesIn(text: string): string[] {
  return [...new Set(text.match(/\bCOUCHWIRE_[A-Z_]+\b/g))];
}

test.each([...readdirSync(`${ROOT}deploy`).map((name) => `deploy/${name}`), "docs/DEPLOY.md"])(
  "every variable that %s names is an option",
  (path) => {
    const unknown = variablesIn(textOf(path)).filter((name) => !KNOWN.has(name));
    expect(unknown).toEqual([]);
  },
);

test("docs/DEPLOY.md has every file of deploy/, and names no other", () => {
  const document = textOf("docs/DEPLOY.md");
  const files = readdirSync(`${ROOT}deploy`).filter(
    (name) => !["Dockerfile.dockerignore", "health-check.js"].includes(name),
  );
  for (const name of files) expect(document).toContain(`\`${name}\``);
  for (const [, name = ""] of document.matchAll(/deploy\/([\w.-]*\w)/g)) {
    if (!["couchwire.env"].includes(name)) expect([name, existsSync(`${ROOT}deploy/${name}`)]).toEqual([name, true]);
  }
});

/** The words of an instruction in its JSON form. */
const jsonOf = (text: string): string[] => z.array(z.string()).parse(JSON.parse(text.slice(text.indexOf("["))));

describe("the Dockerfile", () => {
  const dockerfile = DockerfileParser.parse(textOf("deploy/Dockerfile"));
  const instructions = dockerfile.getInstructions().map((instruction) => ({
    keyword: instruction.getKeyword(),
    words: instruction.getArguments().map((word) => word.getValue()),
    text: instruction.getArgumentsContent() ?? "",
    from: instruction instanceof Copy ? instruction.getFromFlag()?.getValue() : undefined,
  }));
  const lastStage = instructions.slice(instructions.findLastIndex(({ keyword }) => keyword === "FROM"));
  const inLastStage = (keyword: string): (typeof instructions)[number] => {
    const found = lastStage.filter((instruction) => instruction.keyword === keyword);
    if (found[0] === undefined || found.length > 1)
      throw new Error(`The last stage has ${found.length} times ${keyword}.`);
    return found[0];
  };

  test("begins all stages with the same Node, which the package allows", () => {
    const images = instructions.filter(({ keyword }) => keyword === "FROM").map(({ words }) => words[0] ?? "");
    expect(images.length).toBeGreaterThan(1);
    for (const image of images) expect(image).toMatch(/^node:24-/);
    expect(images.at(-1)).toBe("node:24-alpine");
  });

  test("copies what is there, and what no ignored path hides", () => {
    const ignored = textOf("deploy/Dockerfile.dockerignore")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
    const copied = instructions.filter(({ keyword, from }) => keyword === "COPY" && from === undefined);
    const paths = copied.flatMap(({ words }) => words.slice(0, -1));
    expect(paths.length).toBeGreaterThan(5);
    for (const path of paths) {
      expect([path, existsSync(`${ROOT}${path}`)]).toEqual([path, true]);
      expect(ignored).not.toContain(path.split("/")[0]);
    }
    expect(ignored).toEqual(expect.arrayContaining(["**/node_modules", "**/*.pem", "**/.env", ".git"]));
  });

  test("copies all of the package that a server needs", () => {
    const { files } = z.object({ files: z.array(z.string()) }).parse(JSON.parse(textOf("package.json")));
    const forDevelopers = new Set(["dev-pages", "templates", "examples", "docs", "scripts"]);
    const needed = new Set(files.map((path) => path.split("/")[0] ?? "").filter((path) => !path.startsWith("!")));
    const copied = lastStage.filter(({ keyword }) => keyword === "COPY").flatMap(({ words }) => words.slice(0, -1));
    const folders = new Set(copied.map((path) => path.replace("/app/", "")));
    expect([...needed].filter((path) => !forDevelopers.has(path) && !folders.has(path))).toEqual([]);
  });

  test("installs each package that the server may need beside its own, of the version that the tests have", () => {
    const { peerDependencies } = z
      .object({ peerDependencies: z.record(z.string(), z.string()) })
      .parse(JSON.parse(textOf("package.json")));
    const { packages } = z
      .object({ packages: z.record(z.string(), z.looseObject({ version: z.string().optional() })) })
      .parse(JSON.parse(textOf("package-lock.json")));
    const wanted = Object.keys(peerDependencies).map((name) => `${name}@${packages[`node_modules/${name}`]?.version}`);
    const installed = instructions
      .filter(({ keyword, words }) => keyword === "RUN" && words.slice(0, 2).join(" ") === "npm install")
      .flatMap(({ words }) => words.filter((word) => word.includes("@")));
    expect(installed.toSorted()).toEqual(wanted.toSorted());
  });

  test("copies from stages that exist", () => {
    const stages = instructions.filter(({ keyword }) => keyword === "FROM").map(({ words }) => words[2]);
    const sources = instructions.flatMap(({ from }) => from ?? []);
    expect(sources.length).toBeGreaterThan(0);
    for (const source of sources) expect(stages).toContain(source);
  });

  test("ends as a user without rights, whose number is not 0", () => {
    expect(inLastStage("USER").text).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    const order = lastStage.map(({ keyword }) => keyword);
    expect(order.lastIndexOf("COPY")).toBeLessThan(order.indexOf("USER"));
  });

  test("starts Node itself as process 1, so that signals reach it", () => {
    expect(jsonOf(inLastStage("ENTRYPOINT").text)).toEqual(["node", "/app/dist/cli.js"]);
    expect(jsonOf(inLastStage("CMD").text)).toEqual(["serve"]);
    expect(inLastStage("STOPSIGNAL").text).toBe("SIGTERM");
  });

  test("exposes the port that the server has by default, and asks its health without a shell", () => {
    expect(inLastStage("EXPOSE").text).toBe(String(DEFAULTS.port));
    expect(jsonOf(inLastStage("HEALTHCHECK").text)).toEqual(["node", "/app/deploy/health-check.js"]);
    expect(lastStage.some(({ text }) => text === "deploy/health-check.js deploy/health-check.js")).toBe(true);
  });
});

test("compose.yaml publishes the server's port, gives it time to end, and takes its rights away", () => {
  const service = z.looseObject({
    ports: z.array(z.string()).optional(),
    profiles: z.array(z.string()).optional(),
    build: z.object({ context: z.string(), dockerfile: z.string() }).optional(),
    environment: z.record(z.string(), z.unknown()).optional(),
    stop_grace_period: z.string().optional(),
    read_only: z.boolean(),
    cap_drop: z.tuple([z.literal("ALL")]),
    security_opt: z.tuple([z.literal("no-new-privileges:true")]),
    restart: z.literal("unless-stopped"),
  });
  const { services } = z
    .looseObject({ services: z.object({ couchwire: service, redis: service }) })
    .parse(parseYaml(textOf("deploy/compose.yaml")));
  const { ports, build, environment, stop_grace_period: grace } = services.couchwire;
  expect(ports).toEqual([`${DEFAULTS.port}:${DEFAULTS.port}`]);
  expect(existsSync(`${ROOT}deploy/${build?.context}/${build?.dockerfile}`)).toBe(true);
  for (const name of Object.keys(environment ?? {})) expect(KNOWN).toContain(name);
  expect(Number.parseInt(grace ?? "", 10)).toBeGreaterThan(ENDING_SECONDS);
  expect(services.redis.profiles).toEqual(["nodes"]);
  expect(services.redis.ports).toBeUndefined();
});

test("fly.toml leads to the server's port, asks its health, and gives it time to end", () => {
  const { env, http_service, kill_timeout, build } = z
    .looseObject({
      build: z.object({ dockerfile: z.string() }),
      kill_signal: z.literal("SIGTERM"),
      kill_timeout: z.number(),
      env: z.record(z.string(), z.string()),
      http_service: z.looseObject({
        internal_port: z.number(),
        force_https: z.literal(true),
        auto_stop_machines: z.literal("off"),
        min_machines_running: z.literal(1),
        checks: z.tuple([z.looseObject({ method: z.literal("GET"), path: z.literal("/healthz") })]),
      }),
    })
    .parse(parseToml(textOf("deploy/fly.toml")));
  expect(existsSync(`${ROOT}deploy/${build.dockerfile}`)).toBe(true);
  expect(String(http_service.internal_port)).toBe(env.PORT);
  expect(kill_timeout).toBeGreaterThan(ENDING_SECONDS);
  const values: Record<string, string | number> = {};
  for (const { env: name, field } of OPTION_TABLE) {
    const text = env[name];
    if (text !== undefined) values[field] = field === "port" ? Number(text) : text;
  }
  expect(Object.keys(values)).toHaveLength(Object.keys(env).length);
  expect(parseOptions(values)).toMatchObject({ ok: true });
});

test("couchwire.service gives the server time to end", () => {
  const [, seconds] = /^TimeoutStopSec=(\d+)$/m.exec(textOf("deploy/couchwire.service")) ?? [];
  expect(Number(seconds)).toBeGreaterThan(ENDING_SECONDS);
});

test.each(["nginx.conf", "nginx-subpath.conf"])(
  "%s waits longer than between two pings, and lets connections go before the server does",
  (name) => {
    const text = textOf(`deploy/${name}`);
    for (const [, seconds] of text.matchAll(/proxy_(?:read|send)_timeout (\d+)s;/g))
      expect(Number(seconds)).toBeGreaterThan((3 * DEFAULTS.pingMs) / 1_000);
    const [, keepAlive] = /keepalive_timeout (\d+)s;/.exec(text) ?? [];
    expect(Number(keepAlive)).toBeLessThan(DEFAULTS.keepAliveMs / 1_000);
    expect(text).toContain(`server 127.0.0.1:${DEFAULTS.port};`);
    expect(text).not.toMatch(/\$request\b|\$request_uri|\$args|\$query_string/);
  },
);
