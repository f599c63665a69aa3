/** A real nginx in front of a server, configured as the README says. */
import { spawn } from "node:child_process";
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
}

const README = new URL("../../README.md", import.meta.url);

/** The snippet that the README shows people, for the server on this port. */
export function readmeSnippet(serverPort: number): string {
  const snippet = /```nginx\n([^]*?)```/.exec(readFileSync(README, "utf8"))?.[1];
  if (snippet?.includes("127.0.0.1:8081") !== true) throw new Error("The README shows no nginx in front of port 8081.");
  return snippet.replaceAll("127.0.0.1:8081", `127.0.0.1:${serverPort}`);
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
  writeFileSync(file, wholeConfig(config.replaceAll("listen 80;", `listen 127.0.0.1:${port};`)));

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
  return { url: `http://127.0.0.1:${port}`, ws: `ws://127.0.0.1:${port}` };
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

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
