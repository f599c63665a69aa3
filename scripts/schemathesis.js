/**
 * Sends requests that schemathesis (PyPI) makes up from GET /api/openapi.json to a server of this build, and fails where one is answered 5xx. It is installed
 * into a virtual environment in a temporary folder. Exits with 77 where there is no Python to do so with. Needs a build.
 */
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "../dist/index.js";

const SKIPPED = 77;
const PACKAGE = "schemathesis==4.32.5";
/** Requests of each kind and operation, if COUCHWIRE_TEST_BUDGET says nothing. */
const EXAMPLES = 20;

const scratch = mkdtempSync(join(tmpdir(), "couchwire-schemathesis-"));
try {
  process.exitCode = await main();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function main() {
  const program = install();
  if (program === undefined) return SKIPPED;
  const key = randomBytes(24).toString("hex");
  const server = createServer({
    port: 0,
    host: "127.0.0.1",
    logLevel: "error",
    apiKey: key,
    apiRate: 0,
    maxRooms: 100_000,
    jwtSecret: randomBytes(32).toString("hex"),
    standingRooms: "lobby:relay",
    openRooms: "relay",
  });
  const { url } = await server.listen();
  try {
    const words = [
      "run",
      `${url}/api/openapi.json`,
      "--url",
      url,
      "--header",
      `x-api-key: ${key}`,
      "--checks",
      "not_a_server_error",
      "--max-examples",
      process.env.COUCHWIRE_TEST_BUDGET ?? String(EXAMPLES),
      "--seed",
      process.env.COUCHWIRE_TEST_SEED ?? "1",
    ];
    const child = spawn(program, words, { stdio: "inherit", cwd: scratch });
    const [code] = await once(child, "close");
    return code === 0 ? 0 : 1;
  } finally {
    await server.close();
  }
}

/** The path of the program; `undefined` where it cannot be installed. */
function install() {
  const folder = join(scratch, "venv");
  const made = spawnSync("python3", ["-m", "venv", folder], { stdio: "inherit" });
  if (made.status !== 0) return undefined;
  const pip = join(folder, "bin", "pip");
  const installed = spawnSync(pip, ["install", "--quiet", "--disable-pip-version-check", PACKAGE], {
    stdio: "inherit",
  });
  return installed.status === 0 ? join(folder, "bin", "schemathesis") : undefined;
}
