/** Makes the folder of a new game from a template of the package. */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { failure, success, type Result } from "../protocol/result.ts";
import type { NewGamePlan } from "./new-command.ts";

/** A game that was made. */
export interface CreatedGame {
  readonly folder: string;
  /** Lines of its pages, styles and scripts. */
  readonly lines: number;
}

// The package is two folders up, both from `src/cli` and from `dist/cli`.
const TEMPLATES_FOLDER = fileURLToPath(new URL("../../templates/", import.meta.url));

/** What stands in the templates for the game's name and for its title. */
const NAME_IN_TEMPLATES = /my-game/g;
const TITLE_IN_TEMPLATES = /My Game/g;

/** Makes the folder in the folder `parent`, whole or not at all. An existing folder is left as it is. */
export function createGame({ name, template, isVite }: NewGamePlan, parent: string): Result<CreatedGame, string> {
  const folder = join(parent, name);
  const files = filesOf(template, isVite);
  try {
    mkdirSync(folder);
  } catch (error) {
    return failure(describe(error, folder));
  }
  try {
    let lines = 0;
    for (const [file, text] of files) {
      const written = text.replace(NAME_IN_TEMPLATES, name).replace(TITLE_IN_TEMPLATES, titleOf(name));
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), written);
      if (/\.(?:html|css|js|ts)$/.test(file)) lines += written.split("\n").length - 1;
    }
    return success({ folder, lines });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    return failure(describe(error, folder));
  }
}

/** What the terminal says of it: what to do next. `isByNpx`: there is no command `couchwire` without `npx`. */
export function describeNewGame(
  { name, template, isVite }: NewGamePlan,
  { lines }: CreatedGame,
  isByNpx: boolean,
): string {
  const command = `${isByNpx ? "npx " : ""}couchwire`;
  const next = isVite ? ["npm install", "npm run dev", `${command} serve   (in another terminal)`] : [`${command} dev`];
  const steps = [`cd ${name}`, ...next].map((step) => `  ${step}\n`).join("");
  return `${name} is a game from the template ${template}, ${lines} lines of HTML, CSS and ${isVite ? "TypeScript" : "JavaScript"}. Play it:\n\n${steps}\n`;
}

/** `my-game` is called “My Game”. */
function titleOf(name: string): string {
  const words = name.split(/[-_]+/).filter((word) => word !== "");
  return words.map((word) => word.replace(/^./u, (letter) => letter.toUpperCase())).join(" ");
}

/** The texts of a game's files, by path. */
function filesOf(template: string, isVite: boolean): ReadonlyMap<string, string> {
  const pages = filesIn(template);
  return isVite ? viteFiles(pages, template) : pages;
}

/** A project for Vite: the pages and styles of the template, its scripts in TypeScript, and what all these projects have in common. */
function viteFiles(pages: ReadonlyMap<string, string>, template: string): ReadonlyMap<string, string> {
  const project = new Map<string, string>();
  for (const [file, text] of pages) {
    if (file.endsWith(".html")) project.set(file, text.replace(OWN_FILES, '="./src/$1').replace(/\.js"/g, '.ts"'));
    else if (/\.(?:css|svg)$/.test(file)) project.set(`src/${file}`, text);
    else if (file.endsWith(".json")) project.set(`public/${file}`, text);
  }
  for (const [file, text] of filesIn(`vite/games/${template}`)) project.set(`src/${file}`, text);
  for (const [file, text] of filesIn("vite")) {
    // npm packs no file called .gitignore.
    if (!file.startsWith("games/")) project.set(file === "gitignore" ? ".gitignore" : file, text);
  }
  return project;
}

/** Addresses in a page of files beside it. */
const OWN_FILES = /="(?=[a-z]+\.(?:js|css|svg)")([^"]+)/g;

function filesIn(folder: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const root = join(TEMPLATES_FOLDER, folder);
  for (const file of readdirSync(root, { recursive: true, encoding: "utf8" })) {
    if (statSync(join(root, file)).isFile())
      files.set(file.replaceAll("\\", "/"), readFileSync(join(root, file), "utf8"));
  }
  return files;
}

function describe(error: unknown, folder: string): string {
  switch (typeof error === "object" && error !== null && "code" in error ? error.code : undefined) {
    case "EEXIST":
      return `${folder} is there already. Choose another name, or remove it first.`;
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return `The folder ${folder} may not be made by this user.`;
    case "ENOSPC":
      return `There is no space left for ${folder}.`;
    default:
      return `The folder ${folder} cannot be made: ${String(error)}`;
  }
}
