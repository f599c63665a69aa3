/**
 * The oldest browsers that run what this project gives to browsers: Chromium 87 (TVs of 2022, such as webOS 22) and Safari 14.1 (iOS 14.5).
 * `floorFaults` names what a source asks of a browser that they do not have. Three tools look, for each misses something: esbuild
 * knows syntax and CSS, es-check the language's library, and the lists below the rest of the platform.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { transform } from "esbuild";
import { runChecks } from "es-check";

/** As esbuild names them. */
export const BROWSER_FLOOR = ["chrome87", "safari14.1"];
/**
 * What esbuild takes for missing though the floor has it: `?.` (but for arguments spread behind it, which are in the list below), and classes of characters
 * such as `\p{L}`.
 */
export const FLOOR_SUPPORTED = { "optional-chain": true, "regexp-unicode-property-escapes": true };
/** The same browsers for es-check. */
const BROWSERSLIST = "chrome 87, safari 14.1, ios_saf 14.5-14.8";

/**
 * What neither esbuild nor es-check sees, with the advice. A global may be used where the same source looks for it: `typeof NAME`.
 * @type {readonly { pattern: RegExp, advice: string, unless?: RegExp }[]}
 */
const SCRIPT_FAULTS = [
  { pattern: /\?\.[\w.]*\(\.\.\./, advice: "no spread arguments behind `?.`, which Chromium 87 gets wrong" },
  { pattern: /\.(?:at|findLast|findLastIndex)\(/, advice: "count from `length`" },
  { pattern: /\.(?:toSorted|toReversed|toSpliced|with)\(/, advice: "copy with `[...list]` first" },
  { pattern: /\bObject\.(?:hasOwn|groupBy)\(/, advice: "`Object.prototype.hasOwnProperty.call`, a `Map`" },
  { pattern: /\.(?:isWellFormed|toWellFormed)\(/, advice: "replace lone surrogates yourself" },
  { pattern: /\bPromise\.(?:withResolvers|try)\(/, advice: "`new Promise(…)`" },
  { pattern: /\bArray\.fromAsync\(/, advice: "`for await`" },
  { pattern: /\bURL\.(?:canParse|parse)\(/, advice: "`new URL` in a `try`" },
  { pattern: /\bcrypto\.randomUUID\(/, advice: "`crypto.getRandomValues`, which plain http has too" },
  { pattern: /\bAbortSignal\.(?:timeout|any)\(/, advice: "an `AbortController` and `setTimeout`" },
  { pattern: /\.throwIfAborted\(/, advice: "ask `signal.aborted`" },
  ...["locks", "wakeLock", "clipboard", "userActivation", "storage"].map((name) => ({
    pattern: new RegExp(`\\bnavigator\\.${name}\\.`),
    advice: `look for it first: \`"${name}" in navigator\``,
    unless: new RegExp(`["'\`]${name}["'\`] ?in navigator`), // minifiers write it with backquotes
  })),
  {
    pattern: /\.(?:showModal|showPopover|checkVisibility|requestVideoFrameCallback)\(/,
    advice: "`?.(`, for it may be missing",
  },
  { pattern: /\.(?:requestFullscreen|requestIdleCallback)\(/, advice: "`?.(`, which an iPhone needs" },
  ...[
    "structuredClone",
    "reportError",
    "BroadcastChannel",
    "requestIdleCallback",
    "CompressionStream",
    "scheduler",
  ].map((name) => ({
    pattern: new RegExp(`(?<![.\\w])${name}\\b(?=[(.])`),
    advice: `look for it first: \`typeof ${name} === "function"\``,
    unless: new RegExp(`typeof ${name}\\b`),
  })),
];

/** Declarations and selectors whose absence an old browser shows. A line that stands above may be the fallback. */
const STYLE_FAULTS = [
  { pattern: /:has\(/, advice: "set a class or an attribute in the page" },
  { pattern: /:(?:is|where)\(/, advice: "write the selectors out" },
  { pattern: /@(?:container|layer|scope|starting-style|property)\b/, advice: "do without" },
  { pattern: /\b(?:color-mix|oklch|oklab|light-dark)\(/, advice: "write the colour" },
  { pattern: /[{;\s](?:translate|rotate|scale|accent-color)\s*:/, advice: "`transform`, or do without" },
  { pattern: /\bcontainer(?:-type|-name)?:/, advice: "do without" },
  { pattern: /overflow:\s*clip/, advice: "`hidden`" },
];

/** A property that the floor lacks, and what has to stand in the same rule before it, or in `@supports not (…)`. */
const NEEDS_FALLBACK = [
  {
    property: /[\s{;]([\w-]+):[^;{}]*\d(?:[dsl]v(?:h|w|min|max)|cq(?:h|w|i|b|min|max))\b/g,
    fallback: (name) => new RegExp(`[\\s{;]${name}:`),
  },
  { property: /[\s{;](overflow-wrap):\s*anywhere/g, fallback: () => /overflow-wrap:\s*break-word/ },
];

const MARKUP_FAULTS = [
  { pattern: /<script[^>]*type="importmap"/i, advice: "write the addresses out" },
  { pattern: /<dialog\b|\s(?:inert|popover)(?=[\s>=])/i, advice: "an element with `hidden`" },
];

/**
 * @param {readonly { name: string, text: string }[]} sources `name` ends with what it is: `.js`, `.css`, `.html`, `.md`
 * @returns {Promise<string[]>} one sentence for each thing that the floor does not have, beginning with the source's name
 */
export async function floorFaults(sources) {
  const parts = sources.flatMap(partsOf);
  const faults = [];
  const scripts = parts.filter(({ kind }) => kind === "js");
  for (const { name, kind, text } of parts) {
    if (kind === "html") faults.push(...listed(name, text, MARKUP_FAULTS));
    else faults.push(...(await syntaxFaults(name, kind, text)));
  }
  faults.push(...(await libraryFaults(scripts)));
  return faults;
}

/** A page is its markup, its scripts and its styles; a document is its blocks of code, but for those that are a program for Node. */
function partsOf({ name, text }) {
  if (name.endsWith(".md")) {
    return [...text.matchAll(/^```(js|html|css)\n([^]*?)^```/gm)].flatMap(([, kind, code], index) =>
      /from "(?![./])/.test(code)
        ? []
        : partsOf({ name: `${name} (block ${index + 1}).${kind}`, text: code.replace(/…/g, "") }),
    );
  }
  if (!name.endsWith(".html")) return [{ name, kind: path.extname(name).slice(1), text }];
  const inside = (tag, kind) =>
    [...text.matchAll(new RegExp(`<${tag}\\b([^>]*)>([^]*?)</${tag}>`, "gi"))]
      .filter(
        ([, attributes, content]) =>
          content.trim() !== "" && !/type="(?:importmap|application\/json)"/.test(attributes),
      )
      .map(([, , content]) => ({ name, kind, text: content }));
  const styles = [...text.matchAll(/\sstyle="([^"]*)"/gi)].map(([, content]) => `a { ${content} }`).join("\n");
  return [
    { name, kind: "html", text },
    ...inside("script", "js"),
    ...inside("style", "css"),
    ...(styles === "" ? [] : [{ name, kind: "css", text: styles }]),
  ];
}

/** Compares what esbuild writes for the floor with what it writes for the newest: where the two differ, it had to help. */
async function syntaxFaults(name, kind, text) {
  const options = kind === "js" ? { format: "esm", supported: FLOOR_SUPPORTED, legalComments: "none" } : {};
  const write = async (target) => {
    const { code } = await transform(text, { loader: kind, target, ...options });
    return code;
  };
  let plain;
  try {
    plain = await write("esnext");
  } catch (error) {
    return [`${name}: ${firstLine(error)}`];
  }
  const faults = kind === "js" ? listed(name, plain, SCRIPT_FAULTS) : styleFaults(name, plain);
  try {
    const old = await write(BROWSER_FLOOR);
    if (old !== plain) faults.push(`${name}: esbuild has to write ${quotedDifference(plain, old)} for old browsers`);
  } catch (error) {
    faults.push(`${name}: ${firstLine(error)}`);
  }
  return faults;
}

function styleFaults(name, text) {
  const faults = listed(name, text, STYLE_FAULTS);
  for (const { property, fallback } of NEEDS_FALLBACK) {
    for (const { index, 0: found, 1: which } of text.matchAll(property)) {
      const before = text.slice(text.lastIndexOf("{", index + 1), index + 1);
      if (!fallback(which).test(before))
        faults.push(`${name}: \`${found.slice(1).trim()}\` needs one line above for those that do not know it`);
    }
  }
  // A selector that is not known takes the whole rule with it.
  for (const [, selectors = ""] of text.matchAll(/([^{};]+)\{/g)) {
    const known = selectors.split(",").filter((selector) => !selector.includes(":focus-visible"));
    if (known.length > 0 && selectors.includes(":focus-visible")) {
      faults.push(`${name}: \`${known[0].trim()}\` needs a rule of its own, without \`:focus-visible\``);
    }
  }
  if (/[\s{;]aspect-ratio:/.test(text) && !/@supports not \(aspect-ratio:/.test(text)) {
    faults.push(`${name}: \`aspect-ratio\` needs an \`@supports not (aspect-ratio: 1)\``);
  }
  return faults;
}

const listed = (name, text, list) =>
  list
    .filter(({ pattern, unless }) => pattern.test(text) && !unless?.test(text))
    .map(({ pattern, advice }) => `${name}: \`${pattern.exec(text)?.[0].trim()}\` is newer than the floor; ${advice}`);

/** es-check reads files alone. */
async function libraryFaults(scripts) {
  if (scripts.length === 0) return [];
  const folder = mkdtempSync(path.join(tmpdir(), "couchwire-floor-"));
  try {
    const files = scripts.map(({ text }, index) => {
      const file = path.join(folder, `${index}.js`);
      writeFileSync(file, text);
      return file;
    });
    const { errors } = await runChecks([
      {
        ecmaVersion: "es2022",
        files,
        module: true,
        checkFeatures: true,
        checkBrowser: true,
        browserslistQuery: BROWSERSLIST,
        // Private fields are there, private methods are not: esbuild tells them apart.
        allowList: "PrivateClassFields",
        cache: false,
        silent: true,
      },
    ]);
    return errors.map(({ file, err }) => `${scripts[Number(path.basename(file, ".js"))].name}: ${firstLine(err)}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const firstLine = (error) =>
  String(error.message ?? error)
    .trim()
    .split("\n")
    .pop();

const onlyIn = (one, other) => one.split("\n").find((line) => !other.split("\n").includes(line));

/** The first line that only the second has, or else the first that only the other has. */
function quotedDifference(plain, old) {
  return `\`${(onlyIn(old, plain) ?? onlyIn(plain, old) ?? "").trim().slice(0, 120)}\``;
}
