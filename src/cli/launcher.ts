/**
 * Detects that the npm which started this process has ended. npm signals the shell in which it runs a command, and that shell ends without
 * forwarding the signal. Without this watch, SIGTERM to `npx couchwire` would leave an orphaned server that keeps the port.
 */
import { readFileSync } from "node:fs";

/** Polling interval in milliseconds. */
const LOOK_EVERY_MS = 250;

/** Variables that npm, pnpm and yarn set: the first for scripts, the others for every command they run. */
const NPM_VARIABLES = ["npm_lifecycle_event", "npm_command", "npm_execpath"] as const;

const SHELL = /^-?(?:sh|dash|ash|bash|zsh|busybox)$/;

/** Matches a shell's command line that detaches a command with `nohup … &`. `&&`, `2>&1` and `&>` do not count. */
const NOHUP_IN_BACKGROUND = /\bnohup\b.*[^&>]&(?![&>])/s;

/** The process that adopts orphans. */
const INIT = 1;

/** Facts about a running process. */
export interface ProcessFacts {
  readonly name: string;
  readonly parent: number;
  /** The command line with its arguments. */
  readonly commandLine: string;
}

/** A process and its parent. The parent changes when the parent ends. */
export interface Tie {
  readonly child: number;
  readonly parent: number;
}

export interface LauncherQuery {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly self: number;
  readonly parent: number;
  /** `undefined` if the process does not exist or the system does not tell. */
  readonly factsOf: (pid: number) => ProcessFacts | undefined;
}

/**
 * The chain from this process to npm: the parent, and if that is a shell, the shell's parent too. Empty if npm did not
 * start the process, if the shell has already ended, or if it runs `nohup couchwire &`: such a process is meant to outlive npm.
 */
export function launcherTies({ environment, self, parent, factsOf }: LauncherQuery): Tie[] {
  const isByNpm = NPM_VARIABLES.some((name) => (environment[name] ?? "") !== "");
  if (!isByNpm || parent <= INIT) return [];
  const ties: Tie[] = [{ child: self, parent }];
  const facts = factsOf(parent);
  if (facts === undefined || !SHELL.test(facts.name)) return ties;
  if (NOHUP_IN_BACKGROUND.test(facts.commandLine)) return [];
  return facts.parent > INIT ? [...ties, { child: parent, parent: facts.parent }] : ties;
}

/** Whether `npx` or a like command of another package manager runs this process. */
export function isByNpx(environment: LauncherQuery["environment"]): boolean {
  return environment.npm_command === "exec";
}

/** Calls `ended` once when npm has ended. The timer does not keep the process alive. */
export function onLauncherEnd(ended: () => void): void {
  const { env, pid, ppid } = process;
  const ties = launcherTies({ environment: env, self: pid, parent: ppid, factsOf: readFacts });
  if (ties.length === 0) return;
  const look = setInterval(() => {
    if (ties.every(holds)) return;
    clearInterval(look);
    ended();
  }, LOOK_EVERY_MS).unref();
}

function holds({ child, parent }: Tie): boolean {
  return parent === (child === process.pid ? process.ppid : readFacts(child)?.parent);
}

/** Reads `/proc/PID/stat` (proc_pid_stat(5), Linux only). The name is in parentheses and may contain any character. */
function readFacts(pid: number): ProcessFacts | undefined {
  try {
    const match = /^\d+ \((.*)\) \S (\d+) /s.exec(readFileSync(`/proc/${pid}/stat`, "utf8"));
    if (match?.[1] === undefined) return undefined;
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
    return { name: match[1], parent: Number(match[2]), commandLine };
  } catch {
    return undefined; // The process has ended, or the system is not Linux.
  }
}
