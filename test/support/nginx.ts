/** A real nginx in front of a server, with the files of `deploy/`. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureTool } from "../../scripts/debian.js";
import { onTestEnd } from "./clean-up.ts";
import { listen } from "./listen.ts";

export interface Nginx {
  readonly url: string;
  readonly ws: string;
  /** What it has written to its access log. */
  accessLog(): string;
}

const DEPLOY = new URL("../../deploy/", import.meta.url);

/** A file that people put into their `http { … }`, in front of the server on this port. */
export function deployedConfig(file: "nginx.conf" | "nginx-subpath.conf", serverPort: number): string {
  const config = readFileSync(new URL(file, DEPLOY), "utf8");
  if (!config.includes("server 127.0.0.1:8081;")) throw new Error(`${file} is not in front of port 8081.`);
  return config.replaceAll("server 127.0.0.1:8081;", `server 127.0.0.1:${serverPort};`);
}

/** The same without the lines that pass the upgrade on. */
export function withoutUpgrade(config: string): string {
  return config.replaceAll(/.*proxy_set_header (?:Upgrade|Connection).*\n/g, "");
}

/** Starts nginx with what stands inside `http { … }`, on a free port instead of 80. It ends with the test. */
export async function startNginx(config: string): Promise<Nginx> {
  const program = ensureTool("nginx", (line) => process.stderr.write(`${line}\n`));
  if (program === undefined) throw new Error("These tests need nginx.");
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "couchwire-nginx-"));
  onTestEnd(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "temp"));
  const file = join(folder, "nginx.conf");
  const moved = config
    .replaceAll("listen 80;", `listen 127.0.0.1:${port};`)
    .replaceAll("/var/log/nginx/couchwire.log", join(folder, "access.log"));
  writeFileSync(file, wholeConfig(moved));
  const tried = spawnSync(program, ["-t", "-p", folder, "-c", file], { encoding: "utf8" });
  if (tried.status !== 0) throw new Error(`nginx -t refuses the configuration: ${tried.stderr}`);

  const words = ["-p", folder, "-c", file, "-g", "daemon off; master_process off;"];
  const child = spawn(program, words, { stdio: ["ignore", "ignore", "pipe"] });
  onTestEnd(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    await once(child, "exit");
  });
  await new Promise<void>((resolve, reject) => {
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (said.includes("event method")) resolve(); // its sockets listen before it says so
    });
    child.once("exit", () => reject(new Error(`nginx ended: ${said}`)));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    ws: `ws://127.0.0.1:${port}`,
    accessLog: () => readFileSync(join(folder, "access.log"), "utf8"),
  };
}

function wholeConfig(config: string): string {
  const folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path temp/${name};`);
  return `
    pid nginx.pid;
    error_log stderr notice;
    events { worker_connections 256; }
    http {
      access_log off;
      ${folders.join("\n")}
      ${config}
    }`;
}

/** A port that was free just now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
