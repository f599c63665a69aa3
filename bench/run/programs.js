/** Servers that others have made, and that Debian installs. */
import { spawnSync } from "node:child_process";

/** Debian puts some where only root looks. */
const FOLDERS = ["", "/usr/sbin/"];

/** What it says of its version, such as "nats-server: v2.9.10". @param {string} program @returns {string | undefined} */
export function versionSaidBy(program) {
  const { status, stdout } = spawnSync(program, ["--version"], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

/** @param {string} name @returns {string | undefined} where it is */
export const findProgram = (name) =>
  FOLDERS.map((folder) => folder + name).find((program) => versionSaidBy(program) !== undefined);

/** Why it cannot be run, if it cannot. @param {string} name @returns {string | undefined} */
export const whyNoProgram = (name) =>
  findProgram(name) === undefined ? `${name} is not installed (on Debian: apt-get install ${name})` : undefined;
