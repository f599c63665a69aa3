/** Counts a server's system calls with `strace -c`. It slows the server down several times over, so it is asked for. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { once } from "node:events";

/** @returns {string | undefined} why not, if not */
export function whyNoStrace() {
  return spawnSync("strace", ["--version"]).status === 0 ? undefined : "--strace needs strace, which is not installed.";
}

/**
 * Begins to count.
 * @param {number} pid
 * @returns {Promise<() => Promise<Record<string, number>>>} ends it, and gives the number of calls by name; safe twice
 */
export async function countSystemCalls(pid) {
  const folder = mkdtempSync(path.join(tmpdir(), "couchwire-bench-"));
  const file = path.join(folder, "calls");
  const child = spawn("strace", ["-c", "-f", "-p", String(pid), "-o", file], { stdio: ["ignore", "ignore", "pipe"] });
  await Promise.race([once(child.stderr, "data"), once(child, "exit")]); // it says "attached"
  let counted;
  return () => (counted ??= end());

  async function end() {
    if (child.exitCode === null && child.kill("SIGINT")) await once(child, "exit");
    const calls = parseCounts(readFileSync(file, "utf8"));
    rmSync(folder, { recursive: true });
    return calls;
  }
}

/** The lines of strace's table: share, seconds, microseconds a call, calls, perhaps errors, name. @param {string} table */
export function parseCounts(table) {
  const rows = [...table.matchAll(/^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)(?:\s+\d+)?\s+(\w+)$/gm)];
  return Object.fromEntries(
    rows.filter(([, , name]) => name !== "total").map(([, count, name]) => [name, Number(count)]),
  );
}

/** @param {Record<string, number>} one @param {Record<string, number>} other */
export function addCounts(one, other) {
  const sum = { ...one };
  for (const [name, count] of Object.entries(other)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}
