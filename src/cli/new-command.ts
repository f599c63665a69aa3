/** `couchwire new`: parses the command line into a plan, and prints its `--help`. */
import { nearestName } from "../nearest-name.ts";
import { failure, success, type Result } from "../protocol/result.ts";
import { readFlags, seeHelpOf } from "./flags.ts";

/** The games that `couchwire new` can begin with, and what each is. */
export const TEMPLATES = {
  blank: "A lobby, a join form, and one event. Begin here with an idea of your own.",
  quiz: "Questions, choices and a typed answer, a countdown, live bars; late comers wait.",
  arcade: "A joystick on each phone flies a ship on the TV, 60 pictures a second.",
  party: "All draw the same word, all vote, and points are given.",
} as const;

export type TemplateName = keyof typeof TEMPLATES;

/** The game that is to be made. */
export interface NewGamePlan {
  /** The folder's name, which is the game's name too. */
  readonly name: string;
  readonly template: TemplateName;
  /** A project for Vite in TypeScript, whose pages live on a site of their own. */
  readonly isVite: boolean;
}

export type NewCommand = { readonly run: "new"; readonly plan: NewGamePlan } | { readonly run: "new-help" };

const TEMPLATE_NAMES: readonly string[] = Object.keys(TEMPLATES);
const DEFAULT_TEMPLATE = "blank";
const MAX_NAME_LENGTH = 64;
/** Names that are a folder on every system, a part of an address, and a package of npm after a change of case. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}_-]*$/u;
const ALLOWED_NAMES = `A name has letters, digits, - and _, begins with a letter or a digit, and has at most ${MAX_NAME_LENGTH} characters`;
/** Names of devices, which Windows takes no folder for. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)$/i;

export const NEW_HELP = `Usage: couchwire new NAME [--template T] [--vite]

Makes the folder NAME with a game in it: pages for the TV and the phones,
couchwire.json, an icon and a README. There is nothing to install:

  couchwire new my-game --template quiz
  cd my-game
  couchwire dev

${Object.entries(TEMPLATES)
  .map(([name, what]) => `  ${name.padEnd(8)} ${what}`)
  .join("\n")}

  -h, --help       Shows this text.
  --template T     One of ${TEMPLATE_NAMES.join(", ")}. (default: ${DEFAULT_TEMPLATE})
  --vite           A project for Vite in TypeScript. Its pages are built into
                   static files, and live on a site of their own.
`;

/** Parses the arguments after `new`. */
export function parseNewCommand(words: readonly string[]): Result<NewCommand, string> {
  const read = readFlags(words, {
    command: "new",
    values: ["template"],
    switches: ["vite"],
    advice: { template: listTemplates() },
  });
  if (!read.ok) return read;
  if (read.value === "help") return success({ run: "new-help" });
  const { values, switches, words: names } = read.value;
  return makePlan(names, values.template ?? DEFAULT_TEMPLATE, switches.has("vite"));
}

function makePlan([name, ...others]: readonly string[], template: string, isVite: boolean): Result<NewCommand, string> {
  if (name === undefined) {
    return failure("What is the game called? Give the name of a folder: couchwire new my-game --template quiz");
  }
  if (others.length > 0) return failure(`One game is made at a time, not ${others.length + 1}. ${SEE_HELP}`);
  if (!NAME.test(name) || DEVICE.test(name) || name.length > MAX_NAME_LENGTH) {
    const better = betterName(name);
    const hint = better === undefined ? ", such as my-game." : `: ${better} would do.`;
    return failure(`${JSON.stringify(name)} cannot be the name of a game. ${ALLOWED_NAMES}${hint}`);
  }
  if (!isTemplate(template)) {
    const near = nearestName(template, TEMPLATE_NAMES);
    const hint = near === undefined ? "" : ` Did you mean ${near}?`;
    return failure(`There is no template ${JSON.stringify(template)}.${hint} ${listTemplates()}`);
  }
  return success({ run: "new", plan: { name, template, isVite } });
}

function isTemplate(text: string): text is TemplateName {
  return Object.hasOwn(TEMPLATES, text);
}

/** `undefined` where nothing of the name can stay. */
function betterName(name: string): string | undefined {
  const better = name
    .replace(/[^\p{L}\p{M}\p{N}_-]+/gu, "-")
    .replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, "")
    .slice(0, MAX_NAME_LENGTH);
  return NAME.test(better) && !DEVICE.test(better) ? better : undefined;
}

function listTemplates(): string {
  return `There are ${TEMPLATE_NAMES.join(", ")}.`;
}

const SEE_HELP = seeHelpOf("new");
