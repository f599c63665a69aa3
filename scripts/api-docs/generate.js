/**
 * Writes docs/API.md from the docstrings of all exports, grouped by task (tasks.js). `--check` only compares, and ends with 1 where the
 * document is behind. `npm run docs:api` installs what this needs and runs it.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Application, ReflectionKind } from "typedoc";
import { OPTION_NAMES } from "../../dist/config.js";
import { MODULES } from "./tasks.js";
import { typeText } from "./type-text.js";
import { WANTS, written as writtenAs } from "./wants.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const DOCUMENT = `${ROOT}docs/API.md`;
const HEAD = `# API

What the packages export, by what you want to do. [GAMES.md](GAMES.md) and [KIT.md](KIT.md) explain it with examples; this is where each type, range and error stands.
\`npm run docs:api\` writes this document from the docstrings in the code. Three ways in: [I want to …](#i-want-to), [by package](#packages), [by name](#names).
`;

/** typedoc writes the type of the options out where it is used: here it is its name again. */
const OPTIONS_WRITTEN_OUT = new RegExp(`\\{ ${OPTION_NAMES.map((name) => `${name}\\?: [^;{}]*`).join("; ")} \\}`, "g");

/** What is wrong with the exports or their docstrings, a sentence each. */
const faults = [];

const project = await read();
const written = document(project);
if (faults.length > 0) {
  for (const fault of faults) console.error(fault);
  process.exit(1);
}
if (existsSync(DOCUMENT) && readFileSync(DOCUMENT, "utf8") === written) {
  console.log("docs/API.md says what the code says.");
} else if (process.argv.includes("--check")) {
  console.error("docs/API.md is behind the code: run `npm run docs:api`.");
  process.exitCode = 1;
} else {
  writeFileSync(DOCUMENT, written);
  console.log("docs/API.md rewritten.");
}

async function read() {
  const app = await Application.bootstrap({
    entryPoints: MODULES.map(({ source }) => `${ROOT}${source}`),
    basePath: ROOT,
    tsconfig: `${ROOT}tsconfig.json`,
    skipErrorChecking: true, // the product's own TypeScript has checked it
    excludeExternals: true,
    excludePrivate: true,
    excludeProtected: true,
    excludeInternal: true,
    sort: ["source-order"],
    logLevel: "Error",
  });
  const converted = await app.convert();
  if (converted === undefined) throw new Error("typedoc could not read the sources: it says above why.");
  return converted;
}

/** @param {import("typedoc").ProjectReflection} converted */
function document(converted) {
  const modules = MODULES.map(({ module, source, intro, tasks }) => {
    const entry = converted.children.find(({ name }) => name === source.replace(/\/index\.ts$/, ""));
    if (entry === undefined) throw new Error(`typedoc has no module for ${source}.`);
    const exported = new Map(entry.children.map((child) => [child.name, child]));
    checkTasks(module, exported, tasks);
    const parts = tasks.map(({ title, intro: before, exports }) => {
      const entries = exports.flatMap((name) => (exported.has(name) ? [exportText(exported.get(name), module)] : []));
      return [`### ${title}`, ...(before === undefined ? [] : [before]), ...entries].join("\n\n");
    });
    return [`## \`${module}\``, intro, ...parts].join("\n\n");
  });
  const places = placesIn(modules);
  return `${[HEAD.trimEnd(), wantsText(converted, places), contents(), ...modules, namesText(places)].join("\n\n")}\n`;
}

/** Where each export of each module stands: the anchors of its headings, of which GitHub numbers equal ones. */
function placesIn(modules) {
  const seen = new Map();
  /** @type {{ module: string, name: string, at: string }[]} */
  const places = [];
  for (const [index, text] of modules.entries()) {
    for (const [, level, title] of text.replaceAll(/^```[^]*?^```$/gm, "").matchAll(/^(#{2,4}) (.*)$/gm)) {
      const slug = anchor(title);
      const count = seen.get(slug) ?? 0;
      seen.set(slug, count + 1);
      if (level !== "####") continue;
      const at = count === 0 ? slug : `${slug}-${count}`;
      places.push({ module: MODULES[index].module, name: title.replaceAll("`", ""), at });
    }
  }
  return places;
}

function wantsText(converted, places) {
  const all = converted.children.flatMap(({ children }) => children);
  const link = (see) => {
    const [owner, member] = see.split(".");
    const place = places.find(({ name }) => name === owner);
    const isThere =
      place !== undefined &&
      (member === undefined ||
        all.some(({ name, children = [] }) => name === owner && children.some((each) => each.name === member)));
    if (!isThere) faults.push(`scripts/api-docs/wants.js names ${see}, which is not exported.`);
    return `[\`${writtenAs(see)}\`](#${place?.at})`;
  };
  const parts = WANTS.map(({ title, wants }) => {
    const rows = wants.map(([want, ...see]) => [want, see.map(link).join(", ")]);
    return table([`${title}: I want to`, "see"], rows);
  });
  return ["## I want to", ...parts].join("\n\n");
}

/** All names from A to Z, each with the packages that have it. */
function namesText(places) {
  const byName = new Map();
  for (const place of places) byName.set(place.name, [...(byName.get(place.name) ?? []), place]);
  const names = [...byName].toSorted(([one], [other]) => one.localeCompare(other, "en"));
  const links = names.map(([name, [first, ...others]]) => {
    const also = others.map(({ module, at }) => `[${module}](#${at})`);
    return `[\`${name}\`](#${first.at})${also.length > 0 ? ` (${also.join(", ")})` : ""}`;
  });
  return ["## Names", links.join(" · ")].join("\n\n");
}

/** The address of a heading, as GitHub makes it. */
function anchor(title) {
  return title
    .toLowerCase()
    .replaceAll(/[^\w -]/g, "")
    .replaceAll(" ", "-");
}

function contents() {
  const lines = MODULES.map(({ module, tasks }) => {
    const links = tasks.map(({ title }) => `[${title}](#${anchor(title)})`);
    return `- \`${module}\`: ${links.join(" · ")}`;
  });
  return `## Packages\n\n${lines.join("\n")}`;
}

/** @param {string} module @param {Map<string, object>} exported @param {import("./tasks.js").Task[]} tasks */
function checkTasks(module, exported, tasks) {
  const placed = new Set(tasks.flatMap(({ exports }) => exports));
  for (const name of exported.keys()) {
    if (!placed.has(name)) faults.push(`${module} exports ${name}, which has no place in scripts/api-docs/tasks.js.`);
  }
  for (const name of placed) {
    if (!exported.has(name)) faults.push(`scripts/api-docs/tasks.js names ${name}, which ${module} does not export.`);
  }
}

/** One export: a heading, its form, its docstring, its members. A name that another module has too only leads there. */
function exportText(reflection, module) {
  if (reflection.isReference()) return `#### \`${reflection.name}\`\n\nAs in \`${homeOf(reflection.name, module)}\`.`;
  const documented = reflection.signatures?.[0] ?? reflection;
  if (!documented.comment?.summary.length) faults.push(`${module} exports ${reflection.name}, which has no docstring.`);
  const parts = [
    `#### \`${reflection.name}\``,
    ...formOf(reflection),
    ...proseOf(documented),
    ...membersOf(reflection),
  ];
  return parts.join("\n\n");
}

/** The first other module that has this name. */
function homeOf(name, module) {
  return MODULES.find((each) => each.module !== module && each.tasks.some(({ exports }) => exports.includes(name)))
    ?.module;
}

function formOf(reflection) {
  if (reflection.signatures) return [code(reflection.signatures.map((each) => signatureText(each)).join("\n"))];
  if (reflection.kind === ReflectionKind.TypeAlias && !isListOfOptions(reflection)) {
    const parameters = reflection.typeParameters?.map(({ name }) => name).join(", ");
    return [code(`type ${reflection.name}${parameters ? `<${parameters}>` : ""} = ${typeText(reflection.type)};`)];
  }
  if (reflection.kind === ReflectionKind.Variable && reflection.type?.type !== "reflection") {
    return [code(`const ${reflection.name}: ${typeText(reflection.type)};`)];
  }
  return [];
}

/** README.md has their table, from the same source. */
function isListOfOptions({ name }) {
  return name === "Options" || name === "OptionsInput";
}

function membersOf(reflection) {
  const { kind, name } = reflection;
  if (isListOfOptions(reflection)) return ["The fields are the [options of the README](../README.md#run-it)."];
  if (kind === ReflectionKind.Variable) return constantOf(reflection);
  const members = (reflection.children ?? []).filter((member) => member.kind !== ReflectionKind.Constructor);
  const methods = members.filter(({ signatures }) => signatures !== undefined);
  const fields = members.filter(({ signatures }) => signatures === undefined);
  const isEvents = name.endsWith("RoomEvents");
  const head = isEvents ? ["event", "the listener gets", "when"] : ["field", "type", "meaning"];
  return [
    ...(fields.length === 0
      ? []
      : [
          table(
            head,
            fields.map((each) => fieldRow(each, isEvents)),
          ),
        ]),
    ...(methods.length === 0 ? [] : [table(["method", "what it does"], methods.map(methodRow))]),
  ];
}

/** A constant that is a table of names and values. */
function constantOf({ type }) {
  const entries = type?.type === "reflection" ? type.declaration.children : undefined;
  if (!entries?.length) return [];
  return [`Its names: ${entries.map(({ name }) => `\`${name}\``).join(", ")}.`];
}

function fieldRow(field, isEvent) {
  const type = field.type ?? field.getSignature?.type;
  const comment = field.comment ?? field.getSignature?.comment;
  const optional = field.flags.isOptional ? "?" : "";
  const text = isEvent ? typeText(type).replace(/^\[(.*)\]$/, "$1") : typeText(type);
  return [`\`${field.name}${optional}\``, text === "" ? "" : inCell(text), [...sentencesOf(comment)].join(" ")];
}

function methodRow({ signatures }) {
  const forms = signatures.map((each) => inCell(signatureText(each)));
  return [forms.join("<br>"), signatures.flatMap(({ comment }) => sentencesOf(comment)).join(" ")];
}

/** A docstring with its tags as sentences. */
function sentencesOf(comment) {
  return proseOf({ comment }).map((each) => each.replaceAll(/\s*\n\s*/g, " ").replaceAll("|", "\\|"));
}

function proseOf({ comment, parameters }) {
  if (comment === undefined) return [];
  const parts = [textOf(comment.summary)];
  for (const { name, comment: about } of parameters ?? []) {
    if (about?.summary.length) parts.push(`\`${name}\`: ${textOf(about.summary)}`);
  }
  const words = {
    "@default": "Default:",
    "@defaultValue": "Default:",
    "@throws": "Throws",
    "@returns": "Returns",
    "@example": "For example:",
  };
  for (const { tag, content } of comment.blockTags) {
    if (words[tag] === undefined) continue;
    parts.push(`${words[tag]} ${textOf(content).replace(/^```ts\n(.*)\n```$/s, "`$1`")}`);
  }
  return parts.map((each) => (/[.!?:]$|^`.*`$/.test(each) ? each : `${each}.`));
}

function textOf(parts) {
  return parts
    .map((part) => part.text)
    .join("")
    .trim();
}

function signatureText({ name, parameters = [], typeParameters, type }) {
  const generic = typeParameters?.length ? `<${typeParameters.map((each) => each.name).join(", ")}>` : "";
  const list = parameters.map((parameter) => {
    const isOptional = parameter.flags.isOptional || parameter.defaultValue !== undefined;
    return `${parameter.flags.isRest ? "..." : ""}${parameter.name}${isOptional ? "?" : ""}: ${typeText(parameter.type)}`;
  });
  return `${name}${generic}(${list.join(", ").replace(OPTIONS_WRITTEN_OUT, "OptionsInput")}): ${typeText(type)}`;
}

function code(content) {
  return `\`\`\`ts\n${content}\n\`\`\``;
}

function inCell(content) {
  return `\`${content.replaceAll("|", "\\|").replaceAll(/\s+/g, " ")}\``;
}

function table(head, rows) {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
