/** How many files, and so sockets, one process may have open. */
import { spawnSync } from "node:child_process";

/** For what a process has open besides its connections. */
const OTHER_FILES = 200;

/**
 * Why a scenario cannot run here, if it cannot. Node and Go raise their soft limit to the hard one by themselves.
 * @param {import("../scenarios/index.js").Scenario} scenario
 * @returns {string | undefined}
 */
export function whyTooMany({ rooms, phones, crowd, besides }) {
  const needed = rooms * (phones + 1) + (crowd?.joinsPerSecond ?? 0) + OTHER_FILES;
  const { stdout } = spawnSync("sh", ["-c", "ulimit -Hn"], { encoding: "utf8" });
  const allowed = stdout.trim() === "unlimited" ? Infinity : Number(stdout);
  if (needed <= allowed) return besides && whyTooMany(besides);
  return `it needs ${needed} open files in one process, and ${allowed} are allowed (ulimit -Hn)`;
}
