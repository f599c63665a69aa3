/**
 * The image of `deploy/Dockerfile` without Docker: the folder of its last stage, put together by the file's own instructions. It starts, answers its health
 * check, ends on SIGTERM, and is small enough.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Copy, DockerfileParser } from "dockerfile-ast";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { z } from "zod";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** `node:24-alpine` for linux/amd64, compressed: docker-library/repo-info, repos/node/remote/24-alpine.md of 2026-08-03. */
const BASE_BYTES = 58_204_379;
const LIMIT_BYTES = 80_000_000;

const scratch = mkdtempSync(join(tmpdir(), "couchwire-image-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const instructions = DockerfileParser.parse(readFileSync(join(ROOT, "deploy/Dockerfile"), "utf8"))
  .getInstructions()
  .map((instruction) => ({
    keyword: instruction.getKeyword(),
    text: instruction.getArgumentsContent() ?? "",
    from: instruction instanceof Copy ? instruction.getFromFlag()?.getValue() : undefined,
  }));

/** The instructions of a stage, without its FROM. */
function stage(isIt: (from: string) => boolean): typeof instructions {
  const from = instructions.findLastIndex(({ keyword, text }) => keyword === "FROM" && isIt(text));
  const next = instructions.findIndex(({ keyword }, index) => index > from && keyword === "FROM");
  return instructions.slice(from + 1, next === -1 ? undefined : next);
}

/** Carries COPY and RUN out in a folder: what comes from the stage `build` is what `npm run build` has built here. */
function carryOut(steps: typeof instructions, app: string, stages: Readonly<Record<string, string>>): number[] {
  mkdirSync(app, { recursive: true });
  return steps.flatMap(({ keyword, text, from }) => {
    if (keyword === "RUN") {
      const { status, stderr } = spawnSync("sh", ["-c", `${text} --prefer-offline`], { cwd: app, encoding: "utf8" });
      if (status !== 0) throw new Error(stderr);
      return [];
    }
    if (keyword !== "COPY") return [];
    const words = text.split(/\s+/);
    const to = words.pop() ?? "";
    return words.map((word) => {
      const source = from === undefined ? join(ROOT, word) : word.replace("/app", stages[from ?? ""] ?? "?");
      const target = to.endsWith("/") ? join(app, to, word) : join(app, to);
      mkdirSync(dirname(target), { recursive: true });
      cpSync(source, target, { recursive: true, verbatimSymlinks: true });
      return layerBytes(target);
    });
  });
}

/** A layer is an archive of its files, compressed. */
function layerBytes(path: string): number {
  const { stdout, status } = spawnSync("tar", ["-C", dirname(path), "-cz", path.slice(dirname(path).length + 1)], {
    maxBuffer: LIMIT_BYTES,
  });
  if (status !== 0) throw new Error(`${path} cannot be packed.`);
  return stdout.length;
}

const app = join(scratch, "app");
let layers: number[];

beforeAll(() => {
  const dependencies = join(scratch, "dependencies");
  carryOut(
    stage((from) => from.endsWith(" dependencies")),
    dependencies,
    {},
  );
  layers = carryOut(
    stage((from) => from === "node:24-alpine"),
    app,
    { dependencies, build: ROOT.replace(/\/$/, "") },
  );
}, 300_000);

test("the image is smaller than 80 MB, compressed", () => {
  const bytes = layers.reduce((sum, layer) => sum + layer, 0);
  expect(bytes).toBeGreaterThan(1_000_000);
  expect(BASE_BYTES + bytes).toBeLessThan(LIMIT_BYTES);
});

test("the image has the libraries of every bus", () => {
  const loading = ["redis", "@nats-io/transport-node", "@nats-io/jetstream", "@nats-io/kv"].map(
    (name) => `import("${name}")`,
  );
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--input-type=module", "-e", `await Promise.all([${loading.join()}])`],
    {
      cwd: app,
      encoding: "utf8",
    },
  );
  expect([status, stderr]).toEqual([0, ""]);
});

test("the image's command serves, its health check says so, and SIGTERM ends it with 0", async () => {
  const words = (keyword: string): string[] => {
    const found = stage((from) => from === "node:24-alpine").find((instruction) => instruction.keyword === keyword);
    const text = found?.text ?? "";
    const parsed = z.array(z.string()).parse(JSON.parse(text.slice(text.indexOf("["))));
    return parsed.map((word) => (word === "node" ? process.execPath : word.replace(/^\/app\b/, app)));
  };
  const [program = "", ...rest] = [...words("ENTRYPOINT"), ...words("CMD")];
  const server = spawn(program, rest, {
    cwd: app,
    env: { PORT: "0", NODE_ENV: "production" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(server, "exit");
  let port: number | undefined;
  for await (const line of createInterface({ input: server.stdout })) {
    port = z.looseObject({ msg: z.string(), port: z.number().optional() }).parse(JSON.parse(line)).port;
    if (port !== undefined) break;
  }
  server.stdout.resume();
  const [checker = "", ...file] = words("HEALTHCHECK");
  expect(spawnSync(checker, file, { env: { PORT: String(port) } }).status).toBe(0);
  expect((await fetch(`http://127.0.0.1:${port}/sdk/couchwire.js`)).status).toBe(200);
  expect((await fetch(`http://127.0.0.1:${port}/games/`)).status).toBe(200);
  server.kill("SIGTERM");
  expect(await ended).toEqual([0, null]);
});
