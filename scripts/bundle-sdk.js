/** The SDK as one self-contained file, and its types as another, out of what `tsc` has emitted. */
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { BROWSER_FLOOR } from "./browser-floor.js";

// Where the SDK's one dependency is found, whatever folder is being built.
const MODULES = fileURLToPath(new URL("../node_modules", import.meta.url));
const BANNER = "/*! Couchwire SDK, MIT licence. */";

/**
 * Writes `couchwire.js` and `couchwire.d.ts` beside the emitted `index.js`.
 * @param {string} folder where `tsc` has put `src/sdk`
 * @returns {Promise<{ gzipBytes: number }>} the size of `couchwire.js` as it travels
 */
export async function bundleSdk(folder) {
  const file = path.join(folder, "couchwire.js");
  await build({
    entryPoints: [path.join(folder, "index.js")],
    outfile: file,
    bundle: true,
    nodePaths: [MODULES],
    format: "esm",
    minify: true,
    target: BROWSER_FLOOR,
    sourcemap: true,
    banner: { js: BANNER },
    logLevel: "warning",
  });
  writeFileSync(path.join(folder, "couchwire.d.ts"), joinDeclarations(path.join(folder, "index.d.ts")));
  return { gzipBytes: gzipSync(readFileSync(file), { level: 9 }).length };
}

/**
 * Writes what `@couchwire/sdk` consists of: one module for bundlers and Node, the file for browsers, the types of both, and what
 * `require` finds where it cannot load ES modules.
 * @param {string} built the folder of the finished build
 * @param {string} folder
 */
export async function writeSdkPackage(built, folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: [path.join(built, "sdk/index.js")],
    outfile: path.join(folder, "index.js"),
    bundle: true,
    nodePaths: [MODULES],
    format: "esm",
    target: "es2022", // the project's own bundler compiles it further down
    sourcemap: true,
    banner: { js: BANNER },
    logLevel: "warning",
  });
  for (const name of ["couchwire.js", "couchwire.js.map", "couchwire.d.ts"]) {
    copyFileSync(path.join(built, "sdk", name), path.join(folder, name));
  }
  copyFileSync(path.join(built, "sdk/couchwire.d.ts"), path.join(folder, "index.d.ts"));
  copyFileSync(path.join(built, "es-modules-only.js"), path.join(folder, "es-modules-only.js"));
}

/** Statements of the emitted declarations that name another file. */
const NAMES_A_FILE = /^(?:import|export) [^;]*? from "([^"]+)";\n?/gm;

/**
 * All declarations that the entry reaches, as one module: every file once, its imports left out, what it exports
 * declared without `export`, and at the end the entry's own list. Two things of one name would not compile, which
 * the SDK's tests do.
 * @param {string} entry an `index.d.ts` that has nothing but a list of exports
 * @returns {string} the text of the module
 */
function joinDeclarations(entry) {
  const files = new Set();
  /** @param {string} file */
  const visit = (file) => {
    if (files.has(file)) return;
    for (const [, specifier] of readFileSync(file, "utf8").matchAll(NAMES_A_FILE)) {
      visit(path.resolve(path.dirname(file), specifier.replace(/\.(?:js|ts)$/, ".d.ts")));
    }
    files.add(file);
  };
  visit(entry);
  files.delete(entry);

  const declarations = [...files].map((file) =>
    readFileSync(file, "utf8")
      .replace(NAMES_A_FILE, "")
      .replace(/^export \{\};\n/gm, "")
      .replace(/^\/\/# sourceMappingURL=.*\n?/gm, "")
      .replace(/^export (?=(?:declare|interface|type|abstract|const|function|class) )/gm, ""),
  );
  const list = [...readFileSync(entry, "utf8").matchAll(NAMES_A_FILE)].map(([statement]) =>
    statement.replace(/ from "[^"]+"/, "").trim(),
  );
  return `${BANNER}\n${declarations.join("")}${list.join("\n")}\n`;
}
