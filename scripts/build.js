/**
 * Builds `couchwire` into dist/, or into the folder named as its argument: the server's modules and types, and the SDK for a
 * browser as `sdk/couchwire.js`, `sdk/kit.js`, `sdk/ui.js` and `sdk/controls.js` with their types. Without an argument it also builds `@couchwire/sdk` into
 * packages/sdk/dist/.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { bundlePlayground, bundleSdk, writeSdkPackage } from "./bundle-sdk.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const tsc = path.join(path.dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");

/**
 * What `require("couchwire")` finds where it cannot load ES modules, as in Jest's CommonJS; Node and bundlers find the modules themselves.
 * It has neither imports nor exports, so that it runs as either kind of module.
 */
const ES_MODULES_ONLY = `throw new Error(
  "Couchwire has only ES modules and was loaded by \`require\`: write \`import\` or \`await import(…)\`; in Jest, set NODE_OPTIONS=--experimental-vm-modules and do not compile the tests to CommonJS.",
);
`;

const out = path.resolve(root, process.argv[2] ?? "dist");
// Built beside and then put in place: a server that runs from the old build goes on serving it, whatever goes wrong. Each build has a
// folder of its own, since several `npm start` may build at once.
const staging = stagingOf(out);
try {
  execFileSync(process.execPath, [tsc, "-p", "tsconfig.build.json", "--outDir", staging], {
    cwd: root,
    stdio: "inherit",
  });
} catch {
  process.exit(1); // the compiler has said what is wrong
}
settleTypes(staging);
writeFileSync(path.join(staging, "es-modules-only.js"), ES_MODULES_ONLY);
const sizes = await bundleSdk(path.join(staging, "sdk"));
await bundlePlayground(path.join(staging, "playground"), path.join(root, "src/playground"));
chmodSync(path.join(staging, "cli.js"), 0o755); // npm sets it when it links the command, which it does once, and not after a build
put(staging, out);
if (process.argv[2] === undefined) {
  const sdkPackage = path.join(root, "packages/sdk");
  const sdkStaging = stagingOf(path.join(sdkPackage, "dist"));
  await writeSdkPackage(out, sdkStaging);
  put(sdkStaging, path.join(sdkPackage, "dist"));
  copyFileSync(path.join(root, "LICENSE"), path.join(sdkPackage, "LICENSE"));
}
for (const [name, bytes] of Object.entries(sizes)) console.log(`sdk/${name}.js: ${bytes} bytes gzipped`);

/** A new folder beside this one; it goes with this process. @param {string} folder */
function stagingOf(folder) {
  const staged = `${folder}.new-${process.pid}`;
  rmSync(staged, { recursive: true, force: true });
  process.once("exit", () => rmSync(staged, { recursive: true, force: true }));
  return staged;
}

/** @param {string} staged @param {string} folder */
function put(staged, folder) {
  const former = `${folder}.old-${process.pid}`;
  for (;;) {
    rename(folder, former, ["ENOENT"]);
    const isThere = rename(staged, folder, ["ENOTEMPTY", "EEXIST"]); // not where another build has just put its own
    rmSync(former, { recursive: true, force: true });
    if (isThere) return;
  }
}

/** Returns `false` where it fails for one of these reasons. @param {string} from @param {string} to @param {string[]} allowed */
function rename(from, to, allowed) {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && allowed.includes(String(error.code))) return false;
    throw error;
  }
}

/**
 * Makes the emitted types ones that any TypeScript from 5.4 on reads: `tsc` leaves `./x.ts` in them, for which an installed package has no
 * file, and before 5.7 `Uint8Array` had no parameter. What `Uint8Array.from` returns is the same type in all versions.
 * @param {string} folder
 */
function settleTypes(folder) {
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".d.ts")) continue;
    const file = path.join(folder, name);
    const text = readFileSync(file, "utf8")
      .replace(/((?:from |import\()"\.{1,2}\/[^"]+)\.ts"/g, '$1.js"')
      .replaceAll("Uint8Array<ArrayBuffer>", 'ReturnType<Uint8ArrayConstructor["from"]>')
      .replaceAll("Uint8Array<ArrayBufferLike>", "Uint8Array");
    writeFileSync(file, text);
  }
}
