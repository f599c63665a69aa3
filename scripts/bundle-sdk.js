/** The SDK as one self-contained file, and its types as another, out of what `tsc` has emitted. */
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";
import { BROWSER_FLOOR, FLOOR_SUPPORTED } from "./browser-floor.js";

// Where the SDK's one dependency is found, whatever folder is being built.
const MODULES = fileURLToPath(new URL("../node_modules", import.meta.url));
const BANNER = "/*! Couchwire SDK, MIT licence. */";

/**
 * Folders of elements beside the SDK. Each is a file of its own that imports the SDK and `kit.js`, so that a page has each once, whatever
 * it uses.
 */
const KITS = ["ui", "controls"];

/** What is built beside them: the kit, and the halves of both that would make them too large. Their places below the SDK's folder. */
const SHARED = { kit: "kit/index.js", "ui-base": "ui/base.js", "controls-base": "controls/base.js" };

/** What the SDK itself loads from the server, in an evening only. */
const WAY_BACK = ["way-back", "way-back/index.js"];

/** What the phones of the launcher load: it holds what it needs of the SDK and of the kit, for they need less than half of them. */
const JOIN_ALONE = ["join", "ui/join-alone.js"];

/** The files that browsers load, without `.js`. */
export const BUNDLES = ["couchwire", ...Object.keys(SHARED), ...KITS, "way-back", "join"];

/**
 * Writes `couchwire.js`, `ui.js`, `controls.js`, their types, and what they share beside the emitted `index.js`.
 * @param {string} folder where `tsc` has put `src/sdk`
 * @returns {Promise<Record<string, number>>} the size of each file as it travels, in bytes
 */
export async function bundleSdk(folder) {
  const options = {
    bundle: true,
    nodePaths: [MODULES],
    format: "esm",
    minify: true,
    charset: "utf8", // modules always are, and other scripts than Latin take half the bytes
    target: BROWSER_FLOOR,
    supported: FLOOR_SUPPORTED,
    sourcemap: true,
    banner: { js: BANNER },
    logLevel: "warning",
  };
  await build({
    ...options,
    entryPoints: [path.join(folder, "index.js")],
    outfile: path.join(folder, "couchwire.js"),
  });
  writeFileSync(path.join(folder, "couchwire.d.ts"), joinDeclarations(path.join(folder, "index.d.ts")));
  for (const [name = "", entry = ""] of [...KIT_ENTRIES, WAY_BACK]) {
    await build({ ...options, ...kitEntry(folder, entry, "./couchwire.js"), outfile: path.join(folder, `${name}.js`) });
  }
  const [join = "", joinEntry = ""] = JOIN_ALONE;
  await build({
    ...options,
    entryPoints: [path.join(folder, joinEntry)],
    plugins: [smallStyles],
    outfile: path.join(folder, `${join}.js`),
  });
  for (const kit of KITS) {
    const types = joinDeclarations(path.join(folder, kit, "index.d.ts"), "./couchwire.js");
    writeFileSync(path.join(folder, `${kit}.d.ts`), types);
  }
  return Object.fromEntries(BUNDLES.map((name) => [name, gzipBytes(path.join(folder, `${name}.js`))]));
}

/** Each file of elements and where it begins. */
const KIT_ENTRIES = [...Object.entries(SHARED), ...KITS.map((kit) => [kit, `${kit}/index.js`])];

/** @param {string} file */
function gzipBytes(file) {
  return gzipSync(readFileSync(file), { level: 9 }).length;
}

/**
 * What esbuild is told of a file of elements: the SDK and what is shared stay outside.
 * @param {string} folder @param {string} entry @param {string} sdk where the finished file finds the SDK
 */
function kitEntry(folder, entry, sdk) {
  const lists = readFileSync(path.join(folder, "kit/index.js"), "utf8").matchAll(/^export \{([^}]*)\}/gm);
  const base = `./${path.dirname(entry)}-base.js`;
  const kitExports = `export {${[...lists].map(([, names]) => names).join()}} from "./kit.js";`;
  const plugin = {
    name: "couchwire-kit",
    /** @param {import("esbuild").PluginBuild} builder */
    setup(builder) {
      builder.onResolve({ filter: /^\.\.\/index\.js$/ }, () => ({ path: sdk, external: true }));
      // One import of everything that is used, however many modules use it.
      builder.onResolve({ filter: /^\.\.\/kit\// }, () => ({ path: "kit", namespace: "kit" }));
      builder.onResolve({ filter: /^/, namespace: "kit" }, () => ({ path: "./kit.js", external: true }));
      builder.onLoad({ filter: /^/, namespace: "kit" }, () => ({ contents: kitExports }));
      builder.onResolve({ filter: /^\.\/base\.js$/ }, () => ({ path: base, external: true }));
    },
  };
  return { entryPoints: [path.join(folder, entry)], plugins: [plugin, smallStyles] };
}

/** Style sheets lose their white space. @type {import("esbuild").Plugin} */
const smallStyles = {
  name: "couchwire-styles",
  setup(builder) {
    builder.onLoad({ filter: /\.js$/ }, async ({ path: file }) => ({
      contents: await withSmallStyles(file),
      loader: "js",
    }));
  },
};

const STYLE_SHEET = /\bcss `([^`]*)`/g;

/** @param {string} file */
async function withSmallStyles(file) {
  const text = readFileSync(file, "utf8");
  const sheets = await Promise.all(
    [...text.matchAll(STYLE_SHEET)].map(async ([, sheet = ""]) => {
      const { code } = await transform(sheet, { loader: "css", minify: true, target: BROWSER_FLOOR });
      return JSON.stringify(code.trim());
    }),
  );
  return text.replace(STYLE_SHEET, () => sheets.shift() ?? "");
}

/**
 * Writes `playground/assets/` beside what `tsc` has emitted: the playground's page, and the agent that runs in its frames.
 * @param {string} folder where `tsc` has put `src/playground`
 * @param {string} source `src/playground`
 */
export async function bundlePlayground(folder, source) {
  const assets = path.join(folder, "assets");
  const shared = { bundle: true, minify: true, target: BROWSER_FLOOR, sourcemap: true, logLevel: "warning" };
  await build({
    ...shared,
    entryPoints: [path.join(folder, "page/main.js")],
    outfile: path.join(assets, "playground.js"),
    format: "esm",
  });
  // A classic script runs before the page's modules, and knows where it came from.
  await build({
    ...shared,
    entryPoints: [path.join(folder, "agent/install.js")],
    outfile: path.join(assets, "agent.js"),
    format: "iife",
  });
  copyFileSync(path.join(source, "playground.css"), path.join(assets, "playground.css"));
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
  const sdk = path.join(built, "sdk");
  const options = {
    bundle: true,
    nodePaths: [MODULES],
    format: "esm",
    target: "es2022", // the project's own bundler compiles it further down
    sourcemap: true,
    banner: { js: BANNER },
    logLevel: "warning",
  };
  await build({ ...options, entryPoints: [path.join(sdk, "index.js")], outfile: path.join(folder, "index.js") });
  for (const [name, entry] of KIT_ENTRIES) {
    await build({ ...options, ...kitEntry(sdk, entry, "./index.js"), outfile: path.join(folder, `${name}.js`) });
  }
  for (const kit of KITS) {
    writeFileSync(path.join(folder, `${kit}.d.ts`), joinDeclarations(path.join(sdk, kit, "index.d.ts"), "./index.js"));
  }
  for (const name of ["couchwire.js", "couchwire.js.map", "couchwire.d.ts"]) {
    copyFileSync(path.join(built, "sdk", name), path.join(folder, name));
  }
  copyFileSync(path.join(built, "sdk/couchwire.d.ts"), path.join(folder, "index.d.ts"));
  copyFileSync(path.join(built, "es-modules-only.js"), path.join(folder, "es-modules-only.js"));
}

/** Statements of the emitted declarations that name another file. */
const NAMES_A_FILE = /^(?:import|export) [^;]*? from "([^"]+)";\n?/gm;
/** In a kit, statements that name the SDK. */
const NAMES_THE_SDK = /^import (?:type )?\{([^}]*)\} from "\.\.\/index\.js";\n?/gm;

/**
 * All declarations that the entry reaches, as one module: every file once, its imports left out, what it exports
 * declared without `export`, and at the end the entry's own list. Two things of one name would not compile, which
 * the SDK's tests do.
 * @param {string} entry an `index.d.ts` that has nothing but a list of exports
 * @param {string} [sdk] where a kit's types find those of the SDK
 * @returns {string} the text of the module
 */
function joinDeclarations(entry, sdk) {
  const files = new Set();
  /** @type {Set<string>} */
  const fromSdk = new Set();
  /** @param {string} file */
  const textOf = (file) => {
    const text = readFileSync(file, "utf8");
    if (sdk === undefined) return text;
    for (const [, names = ""] of text.matchAll(NAMES_THE_SDK)) {
      for (const name of names.split(",")) fromSdk.add(name.replace(/^\s*type /, "").trim());
    }
    return text.replace(NAMES_THE_SDK, "");
  };
  /** @param {string} file */
  const visit = (file) => {
    if (files.has(file)) return;
    for (const [, specifier] of textOf(file).matchAll(NAMES_A_FILE)) {
      visit(path.resolve(path.dirname(file), specifier.replace(/\.(?:js|ts)$/, ".d.ts")));
    }
    files.add(file);
  };
  visit(entry);
  files.delete(entry);

  const declarations = [...files].map((file) =>
    textOf(file)
      .replace(NAMES_A_FILE, "")
      .replace(/^export \{\};\n/gm, "")
      .replace(/^\/\/# sourceMappingURL=.*\n?/gm, "")
      .replace(/^export (?=(?:declare|interface|type|abstract|const|function|class) )/gm, ""),
  );
  const list = [...readFileSync(entry, "utf8").matchAll(NAMES_A_FILE)].map(([statement]) =>
    statement.replace(/ from "[^"]+"/, "").trim(),
  );
  const imports = fromSdk.size > 0 ? `import type { ${[...fromSdk].join(", ")} } from "${sdk}";\n` : "";
  return `${BANNER}\n${imports}${declarations.join("")}${list.join("\n")}\n`;
}
