/** The real command, `dist/cli.js`, in a process of its own. `npm test` has built it. */
import { spawn, spawnSync, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { onTestEnd } from "./clean-up.ts";
import { keepOutput } from "./logs-of-run.ts";

const CLI = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));

const LINE = z.record(z.string(), z.unknown());
const LISTENING = z.object({
  msg: z.literal("listening"),
  port: z.number(),
  tcpPort: z.number().optional(),
  url: z.string(),
  pid: z.number(),
});

type Listening = z.infer<typeof LISTENING>;

export interface CliProcess {
  /** Where it listens, once it does, and as which process. Fails where it ends before. */
  readonly listening: Promise<Listening>;
  /** How it ended, with all it wrote. */
  readonly ended: Promise<Ending>;
  /** Bytes of memory that the process takes up now. */
  residentBytes(): number;
  /** Resolves when its standard output has this in it. Fails where it ends before. */
  said(what: RegExp): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  /** Closes the reading end of its standard output. */
  hangUp(): void;
}

export interface Ending {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the command with these words, and with no environment but these variables, in the folder `cwd`. `cli`: the command of another package. */
export function startCli(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  cwd = process.cwd(),
  cli = CLI,
): CliProcess {
  return follow(spawn(process.execPath, [cli, ...words], { cwd, env: environment, stdio: ["ignore", "pipe", "pipe"] }));
}

/** Starts the file itself, as a shell and npx do, with no environment but where Node is. */
export function startByItself(words: readonly string[]): CliProcess {
  const environment = { PATH: dirname(process.execPath) };
  return follow(spawn(CLI, words, { env: environment, stdio: ["ignore", "pipe", "pipe"] }));
}

/**
 * Starts it from a shell that waits for it, as npm does; npm's variables are for the caller to say. `kill` is for the shell, `ended` tells when
 * both have.
 */
export function startInShell(
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
  script = '"$@"; true', // or the shell would become the command instead of waiting for it
): CliProcess {
  const command = [process.execPath, CLI, ...words];
  return follow(spawn("sh", ["-c", script, "sh", ...command], { env: environment, stdio: ["ignore", "pipe", "pipe"] }));
}

/** Starts it as `npx` does in a project that has it installed. `kill` is for npm, `ended` tells when all processes have. */
export function startByNpm(words: readonly string[]): CliProcess {
  const project = mkdtempSync(join(tmpdir(), "couchwire-npx-"));
  onTestEnd(() => rmSync(project, { recursive: true, force: true }));
  mkdirSync(join(project, "node_modules/.bin"), { recursive: true });
  symlinkSync(CLI, join(project, "node_modules/.bin/couchwire"));
  const command = ["exec", "--offline", "--", "couchwire", ...words];
  return follow(spawn("npm", command, { cwd: project, stdio: ["ignore", "pipe", "pipe"] }));
}

/** Starts the server that is in this folder by `npm start`. */
export function startByNpmStart(folder: string, words: readonly string[]): CliProcess {
  return follow(spawn("npm", ["start", "--", ...words], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] }));
}

function follow(child: ChildProcessByStdio<null, Readable, Readable>): CliProcess {
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));

  const ended = once(child, "close").then((): Ending => {
    keepOutput(`${stdout}\n${stderr}\n`);
    return { exitCode: child.exitCode, signal: child.signalCode, stdout, stderr };
  });
  const listening = new Promise<Listening>((resolve, reject) => {
    child.stdout.on("data", () => {
      const found = wholeLines(stdout).find((line) => line.includes('"msg":"listening"'));
      if (found !== undefined) resolve(LISTENING.parse(JSON.parse(found)));
      const [, ofPeople] = /^\[[\d:]+\] INFO: listening (\{.*\})$/m.exec(stdout) ?? [];
      if (ofPeople !== undefined)
        resolve(LISTENING.parse({ msg: "listening", pid: child.pid, ...JSON.parse(ofPeople) }));
    });
    void ended.then(() => reject(new Error(`couchwire ended before it listened: ${stderr}`)));
  });
  listening.catch(() => {}); // a test may wait for the end alone
  const said = (what: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (what.test(stdout)) resolve();
      };
      look();
      child.stdout.on("data", look);
      void ended.then(() => reject(new Error(`couchwire ended before it said ${what}: ${stderr}`)));
    });
  return {
    listening,
    ended,
    said,
    residentBytes: () => residentBytes(child.pid ?? 0),
    kill: (signal) => void child.kill(signal),
    hangUp: () => void child.stdout.destroy(),
  };
}

function residentBytes(pid: number): number {
  // Slim Linux images have no `ps`, and other systems have no `/proc`.
  const kibibytes = existsSync("/proc/self/status")
    ? /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]
    : spawnSync("ps", ["-o", "rss=", "-p", `${pid}`], { encoding: "utf8" }).stdout.trim();
  if (!Number(kibibytes)) throw new Error(`The process ${pid} is not there.`);
  return Number(kibibytes) * 1_024;
}

/** The log; each line has to be JSON. */
export function logLines(stdout: string): Record<string, unknown>[] {
  return wholeLines(stdout).map((line) => LINE.parse(JSON.parse(line)));
}

function wholeLines(text: string): string[] {
  return text.split("\n").slice(0, -1);
}
