/** The games this server serves: each a folder with `index.html` for the TV and `player.html` for the phones. */

import { closeSync, openSync, readdirSync, readSync, realpathSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { failure, success, type Result } from "../protocol/result.ts";
import { summarizePage } from "./page-summary.ts";

export interface Game {
  /** The folder's name: what the game's host says as `name` in `prepare`. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** The picture on the game's card, an address relative to the game's own; `undefined` draws one. */
  readonly image: string | undefined;
  /** The page's icon, likewise; drawn on the card of a game without a picture. */
  readonly icon: string | undefined;
  /** The folder itself, links resolved. Nothing outside of it is served as part of the game. */
  readonly folder: string;
}

export interface Games {
  /** By name. */
  readonly list: readonly Game[];
  /** Folders that look like a game but are not whole, each as a sentence for the log. */
  readonly notices: readonly string[];
  find(name: string): Game | undefined;
}

const TV_PAGE = "index.html";
const PHONE_PAGE = "player.html";

/** Bytes of a page that are searched for its title; a head that is longer is nobody's. */
const HEAD_BYTES = 65_536;

/**
 * The games in a folder: the folder is one game itself, or each folder in it that has the two pages is one.
 * Read once, at the start; the files of a game are read when they are asked for, so editing a game shows at once.
 * A failure is a sentence that names the folder and what is wrong with it.
 */
export function loadGames(folder: string): Result<Games, string> {
  const path = resolve(folder);
  try {
    if (!statSync(path).isDirectory()) return failure(`${path} is not a folder; a game is a folder with two pages.`);
    if (isFile(join(path, TV_PAGE))) return loadOneGame(path);
    return loadFolderOfGames(path);
  } catch (error) {
    return failure(describe(error, path));
  }
}

function loadOneGame(path: string): Result<Games, string> {
  if (!isFile(join(path, PHONE_PAGE))) return failure(missingPage(path));
  const name = basename(path);
  if (name === "") return failure(`${path} has no name that a game could go by; give the game a folder of its own.`);
  return success(collect([readGame(path, name)], []));
}

function loadFolderOfGames(path: string): Result<Games, string> {
  const games: Game[] = [];
  const notices: string[] = [];
  for (const name of readdirSync(path).toSorted()) {
    const candidate = join(path, name);
    if (name.startsWith(".") || !isFile(join(candidate, TV_PAGE))) continue;
    if (isFile(join(candidate, PHONE_PAGE))) games.push(readGame(candidate, name));
    else notices.push(missingPage(candidate));
  }
  if (games.length > 0) return success(collect(games, notices));
  return failure(
    notices[0] ?? `${path} holds no game: there is no ${TV_PAGE} (the TV's page) in it, nor in a folder in it.`,
  );
}

function missingPage(path: string): string {
  return `${path} has ${TV_PAGE}, the TV's page, but no ${PHONE_PAGE} for the phones.`;
}

function collect(list: readonly Game[], notices: readonly string[]): Games {
  const byName = new Map(list.map((game) => [game.name, game]));
  return { list, notices, find: (name) => byName.get(name) };
}

function readGame(path: string, name: string): Game {
  const folder = realpathSync(path);
  const { title, description, image, icon } = summarizePage(readHead(join(folder, TV_PAGE)));
  return {
    name,
    title: title ?? name,
    description: description ?? "",
    image: localImage(image),
    icon: localImage(icon),
    folder,
  };
}

/** A card shows pictures of the game's own folder only: our pages load nothing from elsewhere. */
function localImage(address: string | undefined): string | undefined {
  if (address === undefined || /^[a-z][a-z0-9+.-]*:|^[/\\]|\.\./i.test(address)) return undefined;
  return address;
}

function readHead(file: string): string {
  const descriptor = openSync(file, "r");
  try {
    const buffer = Buffer.alloc(HEAD_BYTES);
    return buffer.toString("utf8", 0, readSync(descriptor, buffer));
  } finally {
    closeSync(descriptor);
  }
}

/** A folder of games may hold anything else besides: what cannot be looked into is no game, and no reason to stop. */
function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function describe(error: unknown, path: string): string {
  switch (typeof error === "object" && error !== null && "code" in error ? error.code : undefined) {
    case "ENOENT":
      return `The folder ${path} does not exist.`;
    case "EACCES":
    case "EPERM":
      return `The folder ${path} may not be read by the user this server runs as.`;
    case "ENOTDIR":
      return `${path} is not a folder; a game is a folder with two pages.`;
    default:
      return `The folder ${path} cannot be read: ${String(error)}.`;
  }
}
