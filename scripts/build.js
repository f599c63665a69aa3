/**
 * Builds the package into dist/, or into the folder named as its argument: the server's modules and types, and the
 * SDK as two files for a browser, `sdk/couchwire.js` and `sdk/couchwire.d.ts`, which need nothing else.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { bundleSdk } from "./bundle-sdk.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const tsc = path.join(path.dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");

const out = path.resolve(root, process.argv[2] ?? "dist");
// Built beside and then put in place: a server that runs from the old build goes on serving it, whatever goes wrong.
const staging = `${out}.new`;
rmSync(staging, { recursive: true, force: true });
try {
  execFileSync(process.execPath, [tsc, "-p", "tsconfig.build.json", "--outDir", staging], {
    cwd: root,
    stdio: "inherit",
  });
} catch {
  process.exit(1); // the compiler has said what is wrong
}
const { gzipBytes } = await bundleSdk(path.join(staging, "sdk"));
chmodSync(path.join(staging, "cli.js"), 0o755); // npm sets it when it links the command, which it does once, and not after a build
rmSync(out, { recursive: true, force: true });
renameSync(staging, out);
console.log(`sdk/couchwire.js: ${gzipBytes} bytes gzipped`);
