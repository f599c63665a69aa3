/** A server that nodes share, as a private process on a free port: it can be killed, restarted, and stopped in its tracks. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureTool } from "../../scripts/debian.js";
import { onTestEnd } from "./clean-up.ts";
import { freePort } from "./nginx.ts";

export interface BusServer {
  readonly port: number;
  /** The address as COUCHWIRE_BUS has it, without user and password. */
  readonly url: string;
  /** Ends it as its operator would. Resolves when the process is gone. */
  stop(): Promise<void>;
  /** Ends it as a lack of memory would (SIGKILL). Resolves when the process is gone. */
  kill(): Promise<void>;
  /** Starts it again on the same port, killing it first where it runs. Resolves when it answers. */
  restart(options?: { readonly isEmpty?: boolean }): Promise<void>;
  /** It takes connections and bytes, as its kernel does that, and answers nothing until `resume` (SIGSTOP). */
  pause(): void;
  resume(): void;
  /** Ends it for good and removes its data. Safe twice. */
  close(): Promise<void>;
}

export interface BusServerOptions {
  /** More words for its command line. */
  readonly words?: readonly string[];
  /** It outlives the test that starts it: `close` is called by `afterAll`. */
  readonly isShared?: boolean;
}

export interface BusProgram {
  readonly program: string;
  readonly debianPackage: string;
  readonly scheme: string;
  readonly words: (port: number, folder: string) => readonly string[];
  /** Part of the line that it prints when it takes connections. */
  readonly readyLine: string;
}

/** A process that its parent leaves behind, killed itself, would run on: `setpriv` of util-linux has the kernel end it. */
const SETPRIV = "/usr/bin/setpriv";
const PORTS_TO_TRY = 5;

export async function startBusServer(what: BusProgram, options: BusServerOptions = {}): Promise<BusServer> {
  const program = ensureTool(what.program, (line) => process.stderr.write(`${line}\n`), what.debianPackage);
  if (program === undefined) throw new Error(`These tests need ${what.program}.`);
  const folder = mkdtempSync(join(tmpdir(), `couchwire-${what.program}-`));
  const data = join(folder, "data");
  let running: ChildProcess | undefined;

  const start = async (port: number): Promise<void> => {
    mkdirSync(data, { recursive: true });
    const words = [program, ...what.words(port, data), ...(options.words ?? [])];
    const [first = "", ...rest] = existsSync(SETPRIV) ? [SETPRIV, "--pdeathsig", "KILL", ...words] : words;
    const child = spawn(first, rest, { stdio: ["ignore", "pipe", "pipe"] });
    running = child;
    await new Promise<void>((resolve, reject) => {
      let said = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => {
          if (said.length < 100_000) said += text;
          if (said.includes(what.readyLine)) resolve();
        });
      }
      child.once("error", reject);
      child.once("exit", () => reject(new Error(`${what.program} ended: ${said}`)));
    });
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const child = running;
    running = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
  };
  const close = async (): Promise<void> => {
    await end("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  if (options.isShared !== true) onTestEnd(close);

  let port = 0;
  for (let tries = 1; ; tries++) {
    port = await freePort();
    try {
      await start(port);
      break;
    } catch (error) {
      if (tries === PORTS_TO_TRY) throw error; // Another process took the port in between.
    }
  }
  return {
    port,
    url: `${what.scheme}://127.0.0.1:${port}`,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
    async restart({ isEmpty = false } = {}) {
      await end("SIGKILL");
      if (isEmpty) rmSync(data, { recursive: true, force: true });
      await start(port);
    },
    pause: () => void running?.kill("SIGSTOP"),
    resume: () => void running?.kill("SIGCONT"),
    close,
  };
}
