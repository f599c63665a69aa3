/** A real Caddy in front of a server, with the files of `deploy/`. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureTool } from "../../scripts/debian.js";
import { onTestEnd } from "./clean-up.ts";
import { freePort, type Nginx } from "./nginx.ts";

const DEPLOY = new URL("../../deploy/", import.meta.url);

/** Starts Caddy with a file of `deploy/`, on a free port in plain http instead of the site's name with https. It ends with the test. */
export async function startCaddy(
  file: "Caddyfile" | "Caddyfile.subpath",
  site: string,
  serverPort: number,
): Promise<Nginx> {
  const program = ensureTool("caddy", (line) => process.stderr.write(`${line}\n`));
  if (program === undefined) throw new Error("These tests need caddy.");
  const folder = mkdtempSync(join(tmpdir(), "couchwire-caddy-"));
  onTestEnd(() => rmSync(folder, { recursive: true, force: true }));
  const text = readFileSync(new URL(file, DEPLOY), "utf8");
  const port = await freePort();
  const accessLog = join(folder, "access.log");
  const moved = text
    .replace(`\n${site} {`, `\nhttp://127.0.0.1:${port} {\n\tbind 127.0.0.1`)
    .replace("\tlog {", `\tlog {\n\t\toutput file ${accessLog}`)
    .replaceAll("127.0.0.1:8081", `127.0.0.1:${serverPort}`);
  if (moved.split(String(port)).length !== 2) throw new Error(`${file} has no site ${site}.`);
  const config = join(folder, "Caddyfile");
  writeFileSync(config, `{\n\tadmin off\n\tauto_https off\n}\n${moved}`);
  const environment = { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder, PATH: process.env.PATH ?? "" };
  const words = ["--config", config, "--adapter", "caddyfile"];
  const tried = spawnSync(program, ["validate", ...words], { encoding: "utf8", env: environment });
  if (tried.status !== 0) throw new Error(`caddy validate refuses ${file}: ${tried.stderr}`);

  const child = spawn(program, ["run", ...words], { env: environment, stdio: ["ignore", "ignore", "pipe"] });
  onTestEnd(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL"); // its graceful end waits for WebSockets
    await once(child, "exit");
  });
  await new Promise<void>((resolve, reject) => {
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (part: string) => {
      said += part;
      if (said.includes("serving initial configuration")) resolve();
    });
    child.once("exit", () => reject(new Error(`caddy ended: ${said}`)));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    ws: `ws://127.0.0.1:${port}`,
    accessLog: () => (existsSync(accessLog) ? readFileSync(accessLog, "utf8") : ""),
  };
}
