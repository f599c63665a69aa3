/**
 * Builds the package into dist/: the server's modules and types, and the SDK as two files for a browser,
 * `dist/sdk/couchwire.js` and `dist/sdk/couchwire.d.ts`, which need nothing else.
 */
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { bundleSdk } from "./bundle-sdk.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const tsc = path.join(path.dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");

rmSync(path.join(root, "dist"), { recursive: true, force: true });
try {
  execFileSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], { cwd: root, stdio: "inherit" });
} catch {
  process.exit(1); // the compiler has said what is wrong
}
const { gzipBytes } = await bundleSdk(path.join(root, "dist/sdk"));
console.log(`dist/sdk/couchwire.js: ${gzipBytes} bytes gzipped`);
