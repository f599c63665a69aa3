/**
 * The end of the npm that started this process. npm gives a signal to the shell in which it runs a command, and that shell ends without passing it
 * on: without this watch `npx couchwire`, ended by SIGTERM, would leave a server behind that keeps the port.
 */
import { readFileSync } from "node:fs";

/** Milliseconds from one look to the next. */
const LOOK_EVERY_MS = 250;

/** npm sets the first for scripts, and these for all that it runs; pnpm and yarn do as npm does. */
const NPM_VARIABLES = ["npm_lifecycle_event", "npm_command", "npm_execpath"] as const;

const SHELL = /^-?(?:sh|dash|ash|bash|zsh|busybox)$/;

/** A shell's command line that puts a command into the background for good; `&&`, `2>&1` and `&>` are something else. */
const NOHUP_IN_BACKGROUND = /\bnohup\b.*[^&>]&(?![&>])/s;

/** The one process that takes over the children of those that have ended. */
const INIT = 1;

/** What is known of a running process. */
export interface ProcessFacts {
  readonly name: string;
  readonly parent: number;
  /** With its arguments. */
  readonly commandLine: string;
}

/** A process and the parent that it has as long as that one runs. */
export interface Tie {
  readonly child: number;
  readonly parent: number;
}

export interface LauncherQuery {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly self: number;
  readonly parent: number;
  /** Nothing where the system does not tell, or there is no such process. */
  readonly factsOf: (pid: number) => ProcessFacts | undefined;
}

/**
 * The ties between this process and npm: its parent, and where that is a shell, the shell's parent too. None where npm has not
 * started it, or where the shell has ended at once or says `nohup couchwire &`: such a process is meant to go on.
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

/** Calls back once when npm has ended. Keeps no process alive. */
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

/** proc_pid_stat(5): the name stands in parentheses and may have any character in it. Only Linux has this file. */
function readFacts(pid: number): ProcessFacts | undefined {
  try {
    const match = /^\d+ \((.*)\) \S (\d+) /s.exec(readFileSync(`/proc/${pid}/stat`, "utf8"));
    if (match?.[1] === undefined) return undefined;
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
    return { name: match[1], parent: Number(match[2]), commandLine };
  } catch {
    return undefined; // it has ended, or this is another system
  }
}
