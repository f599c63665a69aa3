/** Reads the words behind a command: flags with a value, flags without one, and the rest. Says what is wrong in a sentence. */
import { parseArgs } from "node:util";
import { nearestName } from "../nearest-name.ts";
import { failure, success, type Result } from "../protocol/result.ts";

/** What a command takes. `--help` and `-h` belong to every command. */
export interface KnownFlags<Value extends string, Switch extends string> {
  /** The command, as the sentence that leads to its help names it. */
  readonly command: string;
  /** Flags with a value, without their dashes. */
  readonly values: readonly Value[];
  /** Flags without a value, without their dashes. */
  readonly switches?: readonly Switch[];
  /** What follows "needs a value." @default where the command's help is */
  readonly advice?: Partial<Record<Value, string>>;
}

export interface TypedFlags<Value extends string, Switch extends string> {
  readonly values: Partial<Record<Value, string>>;
  readonly switches: ReadonlySet<Switch>;
  /** The words that are no flags. */
  readonly words: readonly string[];
}

/** `"help"` where the person asks for help. */
export function readFlags<Value extends string, Switch extends string = never>(
  typed: readonly string[],
  { command, values: valueFlags, switches: switchFlags = [], advice = {} }: KnownFlags<Value, Switch>,
): Result<TypedFlags<Value, Switch> | "help", string> {
  const { tokens } = parseArgs({
    args: [...typed],
    strict: false, // Not strict: this function writes the error sentences.
    allowPositionals: true,
    tokens: true,
    options: {
      ...Object.fromEntries(valueFlags.map((flag) => [flag, { type: "string" } as const])),
      ...Object.fromEntries(switchFlags.map((flag) => [flag, { type: "boolean" } as const])),
      help: { type: "boolean", short: "h" },
    },
  });
  const seeHelp = seeHelpOf(command);
  const values: Partial<Record<Value, string>> = {};
  const switches = new Set<Switch>();
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === "option-terminator") continue;
    if (token.kind === "positional") {
      words.push(token.value);
      continue;
    }
    if (token.name === "help") return success("help");
    const valueFlag = valueFlags.find((name) => `--${name}` === token.rawName);
    const switchFlag = switchFlags.find((name) => `--${name}` === token.rawName);
    if (valueFlag !== undefined) {
      if (values[valueFlag] !== undefined) return failure(`${sayTwice(token.rawName)} ${seeHelp}`);
      if (token.value === undefined) return failure(`${token.rawName} needs a value. ${advice[valueFlag] ?? seeHelp}`);
      values[valueFlag] = token.value;
    } else if (switchFlag !== undefined) {
      if (switches.has(switchFlag)) return failure(`${sayTwice(token.rawName)} ${seeHelp}`);
      if (token.value !== undefined) return failure(`${token.rawName} takes no value.`);
      switches.add(switchFlag);
    } else {
      const near = nearestName(
        token.rawName,
        [...valueFlags, ...switchFlags, "help"].map((name) => `--${name}`),
      );
      const hint = near === undefined ? "." : `; did you mean ${near}?`;
      return failure(`There is no option ${token.rawName}${hint} ${seeHelp}`);
    }
  }
  return success({ values, switches, words });
}

/** Of two values one would be lost. */
export function sayTwice(flag: string): string {
  return `${flag} is given twice; give it once.`;
}

export function seeHelpOf(command: string): string {
  return `couchwire ${command} --help says more.`;
}
