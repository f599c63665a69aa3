/** `examples/vite` as its README starts it: installed from npm, then served by Vite's dev server or built into a folder. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import express from "express";
import { installIn } from "../../scripts/install.js";
import { listen } from "./listen.ts";

export const VITE_EXAMPLE = fileURLToPath(new URL("../../examples/vite", import.meta.url));

export interface ServedPages {
  /** The TV's page, on a port of its own. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Installs what the example's lockfile says, where it is not there already. */
export function installViteExample(): void {
  installIn(VITE_EXAMPLE);
}

/** Checks the types, builds the pages of `project` for the Couchwire server at `couchwire`, and serves them as any static host does. */
export async function serveBuiltPages(
  couchwire: string,
  project = VITE_EXAMPLE,
): Promise<ServedPages & { readonly folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), "couchwire-vite-"));
  await run("npm", ["run", "build", "--", "--outDir", folder], project, { VITE_COUCHWIRE: couchwire });
  const server = createServer(express().use(express.static(folder)));
  const port = await listen(server);
  return {
    folder,
    url: `http://127.0.0.1:${port}/`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
      rmSync(folder, { recursive: true });
    },
  };
}

/** Serves the sources by `npm run dev`. */
export async function serveByDevServer(couchwire: string): Promise<ServedPages> {
  // Vite itself rather than npm, which would not pass the signal on that ends it.
  const words = ["node_modules/vite/bin/vite.js", "--host", "127.0.0.1", "--port", "0", "--clearScreen", "false"];
  const child = spawn(process.execPath, words, { cwd: VITE_EXAMPLE, env: environment({ VITE_COUCHWIRE: couchwire }) });
  const ended = once(child, "close");
  let output = "";
  const url = await new Promise<string>((resolve, reject) => {
    const read = (text: Buffer): void => {
      output += text.toString();
      const found = /http:\/\/127\.0\.0\.1:\d+\//.exec(output)?.[0];
      if (found !== undefined) resolve(found);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    void ended.then(() => reject(new Error(`Vite ended before it served: ${output}`)));
  });
  return {
    url,
    async close() {
      child.kill();
      await ended;
    },
  };
}

async function run(
  command: string,
  words: readonly string[],
  cwd: string,
  variables: Record<string, string>,
): Promise<void> {
  const child = spawn(command, words, { cwd, env: environment(variables) });
  let output = "";
  child.stdout.on("data", (text: Buffer) => (output += text.toString()));
  child.stderr.on("data", (text: Buffer) => (output += text.toString()));
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${command} ${words.join(" ")} ended with ${String(code)}: ${output}`);
}

function environment(variables: Record<string, string>): NodeJS.ProcessEnv {
  return { ...process.env, NODE_OPTIONS: "", NO_COLOR: "1", ...variables };
}
