/** Loads the module that says what bots do. */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { defineBot, type Bot, type BotOptions } from "../games/bot.ts";
import { failure, success, type Result } from "../protocol/result.ts";

/** So many bots as the script at this path has them, each with a name of its own; or the sentence why not. */
export async function loadBots(path: string, count: number): Promise<Result<readonly Bot[], string>> {
  let module: Readonly<Record<string, unknown>>;
  try {
    module = await import(pathToFileURL(resolve(path)).href);
  } catch (error) {
    return failure(`The script ${path} cannot be loaded: ${sentenceOf(error)}`);
  }
  const exported = module["default"] ?? module["bot"];
  if (exported === undefined) {
    return failure(`The script ${path} exports no bot: "export default { name, onMessage(me, data) {} }" is one.`);
  }
  const bots: Bot[] = [];
  try {
    for (let number = 1; number <= count; number++) bots.push(await botOf(exported, number, count));
  } catch (error) {
    return failure(`The script ${path} has no bot that plays: ${sentenceOf(error)}`);
  }
  return success(bots);
}

async function botOf(exported: unknown, number: number, count: number): Promise<Bot> {
  const made: unknown = typeof exported === "function" ? await Reflect.apply(exported, undefined, [number]) : exported;
  const bot = defineBot(optionsOf(made));
  return typeof exported === "function" || count === 1 ? bot : defineBot({ ...bot, name: `${bot.name} ${number}` });
}

/** `defineBot` refuses everything in it that is wrong. */
function optionsOf(made: unknown): BotOptions {
  if (typeof made !== "object" || made === null) throw new TypeError(`a bot is an object, not ${typeof made}.`);
  return { name: "", ...made };
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
