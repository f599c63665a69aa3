/** The package `couchwire` in another version than this one, built and packed, for tests in which two versions meet. */
import { spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runIn } from "./consumer-project.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const MAIL_FORMAT = "dist/cluster/mail/mail-format.js";
/** A version without it knows no other nodes. */
const MAIL_FORMAT_SOURCE = "src/cluster/mail/mail-format.ts";
const MAIL_VERSIONS = /(?<=MAIL_VERSIONS = )\{[^}]*\}/;

/** So long is waited for git, which may have to fetch from elsewhere. */
const GIT_MS = 30_000;

export interface OtherVersion {
  /** The package, unpacked. */
  readonly folder: string;
  /** The command in it. */
  readonly cli: string;
  /** Removes it. */
  close(): void;
}

/** Which commit is built as the one before, and the repository that has it; or why there is none. */
export type CommitBefore = FoundCommit | { readonly whyNot: string };

interface FoundCommit {
  readonly commit: string;
  readonly repository: string;
}

/** Builds the package of the commit before this one, as `npm publish` would pack it. Its dependencies are those that are installed here, where it has the same. */
export function packageOfCommitBefore({ commit, repository }: FoundCommit): OtherVersion {
  const folder = mkdtempSync(join(tmpdir(), "couchwire-before-"));
  try {
    const sources = join(folder, "sources");
    mkdirSync(sources);
    mustRun(ROOT, "git", `--git-dir=${repository}`, "archive", "--output", join(folder, "sources.tar"), commit);
    mustRun(folder, "tar", "-xf", "sources.tar", "-C", sources);
    const lock = "package-lock.json";
    if (readFileSync(join(sources, lock), "utf8") === readFileSync(join(ROOT, lock), "utf8"))
      copyDependenciesTo(sources);
    else mustRun(sources, "npm", "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund");
    mustRun(sources, process.execPath, "scripts/build.js", "dist"); // the SDK's own package is not needed
    return packed(sources, folder);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** The package of this commit, but for the versions in which it speaks to other nodes. */
export function packageWithMailVersions(versions: { readonly min: number; readonly max: number }): OtherVersion {
  const folder = mkdtempSync(join(tmpdir(), "couchwire-mail-"));
  const made = packed(ROOT, folder);
  const file = join(made.folder, MAIL_FORMAT);
  const text = readFileSync(file, "utf8");
  const changed = text.replace(MAIL_VERSIONS, JSON.stringify(versions));
  if (changed === text) throw new Error(`${MAIL_FORMAT} says nothing of its versions.`);
  writeFileSync(file, changed);
  return made;
}

/** Packs what is built in `sources` into `folder`, and unpacks it there. */
function packed(sources: string, folder: string): OtherVersion {
  mustRun(sources, "npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", folder);
  const archive = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  mustRun(folder, "tar", "-xf", archive ?? "no archive");
  const made = join(folder, "package");
  symlinkSync(join(sources, "node_modules"), join(made, "node_modules"));
  return {
    folder: made,
    cli: join(made, "dist/cli.js"),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** With hard links where the file system allows them: the compiler names types by the real paths of their files, so a symbolic link to the folder is none of its own. */
function copyDependenciesTo(folder: string): void {
  const words = [join(ROOT, "node_modules"), folder];
  if (runIn(ROOT, "cp", ["-al", ...words]).status === 0) return;
  rmSync(join(folder, "node_modules"), { recursive: true, force: true });
  mustRun(ROOT, "cp", "-a", ...words);
}

const none = (whyNot: string): CommitBefore & { close(): void } => ({ whyNot, close: () => {} });

/**
 * The commit before this one. A clone of one commit does not have it, so it is fetched from where the clone is from, into a folder of its own, which `close`
 * removes.
 */
export function findCommitBefore(): CommitBefore & { close(): void } {
  const folder = git("rev-parse", "--show-toplevel");
  // An exported tree may lie in another repository.
  if (folder === undefined || realpathSync(folder) !== realpathSync(ROOT)) return none("this tree is no repository");
  const repository = git("rev-parse", "--absolute-git-dir") ?? "";
  const before = git("rev-parse", "--verify", "--quiet", "HEAD~1^{commit}");
  if (before !== undefined) {
    return knowsNodes(repository, before) ? { commit: before, repository, close: () => {} } : none(NO_NODES);
  }
  const commit = /^parent (\w+)$/m.exec(git("cat-file", "commit", "HEAD") ?? "")?.[1];
  if (commit === undefined) return none("this commit is the first one");
  const origin = git("remote", "get-url", "origin");
  if (origin === undefined) return none("this clone has one commit, and does not say where it is from");
  const fetched = mkdtempSync(join(tmpdir(), "couchwire-fetched-"));
  const close = () => rmSync(fetched, { recursive: true, force: true });
  git("init", "--quiet", "--bare", fetched);
  const isFetched = git(`--git-dir=${fetched}`, "fetch", "--quiet", "--depth=1", origin, commit) !== undefined;
  if (isFetched && knowsNodes(fetched, commit)) return { commit, repository: fetched, close };
  close();
  return none(isFetched ? NO_NODES : `this clone has one commit, and ${commit} could not be fetched`);
}

const NO_NODES = "the commit before knows no other nodes";

const knowsNodes = (repository: string, commit: string): boolean =>
  git(`--git-dir=${repository}`, "cat-file", "-e", `${commit}:${MAIL_FORMAT_SOURCE}`) !== undefined;

/** What git answers; `undefined` where it fails, or has not answered in time. */
function git(...words: readonly string[]): string | undefined {
  const env = { ...process.env, GIT_TERMINAL_PROMPT: "0", GIT_SSH_COMMAND: "ssh -oBatchMode=yes" };
  const { status, stdout } = spawnSync("git", words, { cwd: ROOT, env, encoding: "utf8", timeout: GIT_MS });
  return status === 0 ? stdout.trim() : undefined;
}

function mustRun(folder: string, program: string, ...words: readonly string[]): void {
  const { status, output } = runIn(folder, program, words);
  if (status !== 0) throw new Error(`${program} ${words.join(" ")} failed: ${output}`);
}
