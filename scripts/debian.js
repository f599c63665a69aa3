/** Finds the programs that tests need, and installs them where that is ours to do: as root on Debian or Ubuntu. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Debian keeps servers in `sbin`, which is not in every user's PATH. */
const SYSTEM_FOLDERS = ["/usr/sbin", "/usr/local/sbin", "/sbin"];

/**
 * The path of a program, or `undefined`. Where it is missing and may be installed, it is.
 * @param {string} name The program's file: `nginx`.
 * @param {(line: string) => void} [say]
 * @param {string} [debianPackage] The package that has it, where its name is another.
 * @returns {string | undefined}
 */
export function ensureTool(name, say = () => {}, debianPackage = name) {
  const present = findTool(name);
  if (present !== undefined) return present;
  if (mayInstall()) {
    say(`There is no ${name}; installing ${debianPackage} with apt-get.`);
    install([debianPackage]);
  }
  const installed = findTool(name);
  if (installed === undefined) say(`There is no ${name}. Install it (on Debian: apt-get install ${debianPackage}).`);
  return installed;
}

/** @param {string} name @returns {string | undefined} */
function findTool(name) {
  const folders = [...(process.env.PATH ?? "").split(delimiter), ...SYSTEM_FOLDERS];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

export function mayInstall() {
  return process.getuid?.() === 0 && existsSync("/usr/bin/apt-get");
}

/** @param {string[]} packages */
export function install(packages) {
  apt("update");
  apt("install", "-y", "--no-install-recommends", ...packages);
}

/** Its own lines go to standard error, so that a script's output stays the script's. @param {string[]} words */
function apt(...words) {
  const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  spawnSync("apt-get", words, { stdio: ["ignore", 2, 2], env: environment });
}
