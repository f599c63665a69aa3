/** The real command, `dist/cli.js`, in a process of its own. `npm test` has built it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const CLI = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));

const LINE = z.record(z.string(), z.unknown());
const LISTENING = z.object({ msg: z.literal("listening"), port: z.number(), url: z.string() });

export interface CliProcess {
  /** Where it listens, once it does. Fails where it ends before. */
  readonly listening: Promise<{ readonly port: number; readonly url: string }>;
  /** How it ended, with all it wrote. */
  readonly ended: Promise<Ending>;
  kill(signal: NodeJS.Signals): void;
}

export interface Ending {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the command with these words, and with no environment but these variables. */
export function startCli(words: readonly string[], environment: Readonly<Record<string, string>> = {}): CliProcess {
  const child = spawn(process.execPath, [CLI, ...words], { env: environment, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));

  const ended = once(child, "close").then((): Ending => ({
    exitCode: child.exitCode,
    signal: child.signalCode,
    stdout,
    stderr,
  }));
  const listening = new Promise<{ port: number; url: string }>((resolve, reject) => {
    child.stdout.on("data", () => {
      const found = wholeLines(stdout).find((line) => line.includes('"msg":"listening"'));
      if (found !== undefined) resolve(LISTENING.parse(JSON.parse(found)));
    });
    void ended.then(() => reject(new Error(`couchwire ended before it listened: ${stderr}`)));
  });
  listening.catch(() => {}); // who waits for the end alone does not ask for it
  return { listening, ended, kill: (signal) => void child.kill(signal) };
}

/** The log; each line has to be JSON. */
export function logLines(stdout: string): Record<string, unknown>[] {
  return wholeLines(stdout).map((line) => LINE.parse(JSON.parse(line)));
}

function wholeLines(text: string): string[] {
  return text.split("\n").slice(0, -1);
}
