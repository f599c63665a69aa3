/** `npm start`: builds, then serves in this very process. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const INTERRUPTED = 143; // 128 and the number of SIGTERM

const parent = process.ppid;
const build = fileURLToPath(new URL("build.js", import.meta.url));
const { status } = spawnSync(process.execPath, [build], { stdio: "inherit" });
if (status !== 0) process.exit(status ?? 1);
if (process.ppid !== parent) process.exit(INTERRUPTED); // npm was ended during the build
await import("../dist/cli.js");
