/** The games this server serves: each a folder with `index.html` for the TV and `player.html` for the phones. */

import { readdirSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { failure, success, type Result } from "../protocol/result.ts";
import { missingPhonePage, readGameFolder, TV_PAGE, type Game, type ReadGame } from "./game-folder.ts";

export type { Game } from "./game-folder.ts";

export interface Games {
  /** Sorted by name. At most one second old. */
  readonly list: readonly Game[];
  /** What is wrong with folders that look like a game, one sentence each, for the log. */
  readonly notices: readonly string[];
  /** Finds a game by name, in any Unicode normalization. */
  find(name: string): Game | undefined;
  /** Reads the folders again, so that `list` is of this moment. */
  refresh(): void;
}

export interface GamesOptions {
  /** The path below which the server is reached from outside. @default "" */
  readonly basePath?: string;
  /** Called once for each notice, at the start and while the server runs. */
  readonly onNotice?: (notice: string) => void;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/** How long a listing is reused. */
const LOOK_AGAIN_MS = 1_000;
/** Limit of folders that are read, and of notices that are reported. */
const MAX_GAMES = 1_000;
const MAX_NOTICES = 1_000;

interface Reading {
  readonly list: readonly Game[];
  readonly notices: readonly string[];
  readonly byName: ReadonlyMap<string, Game>;
}

/**
 * The games in some folders: a folder is a game itself, or each subfolder with the two pages is one. The folders are read
 * again when asked, so games that are added, renamed or edited while the server runs show at once. Of two games of one name the
 * first counts. Only the first read can fail; the failure is a sentence that names the folder and what is wrong with it.
 */
export function loadGames(folders: string | readonly string[], options: GamesOptions = {}): Result<Games, string> {
  const { basePath = "", onNotice, now = () => performance.now() } = options;
  const paths = [folders].flat().map((folder) => resolve(folder));
  const told = new Set<string>();
  let known = new Map<string, ReadGame>();

  function look(): readonly Result<Reading, string>[] {
    const seen = new Map<string, ReadGame>();
    const read: Read = (gamePath, name) => {
      const game = readGameFolder(gamePath, name, basePath, known.get(gamePath));
      seen.set(gamePath, game);
      return game;
    };
    const results = paths.map((path) => readFolder(path, read));
    known = seen;
    return results;
  }

  function tell(notices: readonly string[]): void {
    for (const notice of notices) {
      if (told.has(notice) || told.size >= MAX_NOTICES) continue;
      told.add(notice);
      onNotice?.(notice);
    }
  }

  const first = look();
  const failed = first.find((result) => !result.ok);
  if (failed !== undefined) return failed;
  let reading = joinReadings(first);
  let lookedAt = now();
  tell(reading.notices);

  function refresh(): void {
    reading = joinReadings(look());
    lookedAt = now();
    tell(reading.notices);
  }

  function fresh(): Reading {
    if (now() - lookedAt >= LOOK_AGAIN_MS) refresh();
    return reading;
  }

  return success({
    get list() {
      return fresh().list;
    },
    get notices() {
      return fresh().notices;
    },
    find: (name) => fresh().byName.get(name.normalize("NFC")),
    refresh,
  });
}

/** Of a folder that cannot be read the failure is a notice; the games of the others stay. */
function joinReadings(results: readonly Result<Reading, string>[]): Reading {
  const readings = results.flatMap((result) => (result.ok ? result.value : []));
  const failures = results.flatMap((result) => (result.ok ? [] : result.failure));
  const games = readings.flatMap(({ list }) => list);
  return collect(games, [...readings.flatMap(({ notices }) => notices), ...failures]);
}

type Read = (path: string, name: string) => ReadGame;

function readFolder(path: string, read: Read): Result<Reading, string> {
  try {
    if (!statSync(path).isDirectory()) return failure(`${path} is not a folder; a game is a folder with two pages.`);
    const names = readdirSync(path);
    const isOneGame = names.some((name) => name.toLowerCase() === TV_PAGE);
    return isOneGame ? readOneGame(path, read) : readFolderOfGames(path, names, read);
  } catch (error) {
    return failure(describe(error, path));
  }
}

function readOneGame(path: string, read: Read): Result<Reading, string> {
  const name = basename(path);
  if (name === "") return failure(`${path} has no name that a game could go by; give the game a folder of its own.`);
  const { game, notices } = read(path, name);
  return game === undefined ? failure(missingPhonePage(path)) : success(collect([game], notices));
}

function readFolderOfGames(path: string, names: readonly string[], read: Read): Result<Reading, string> {
  const folders = names.filter((name) => !name.startsWith(".")).toSorted();
  const reads = folders.slice(0, MAX_GAMES).map((name) => read(join(path, name), name));
  const games = reads.flatMap(({ game }) => game ?? []);
  const notices = reads.flatMap((each) => each.notices);
  if (folders.length > MAX_GAMES) notices.push(`${path} holds more than ${MAX_GAMES} folders; the rest is left out.`);
  if (games.length > 0) return success(collect(games, notices));
  return failure(
    notices[0] ?? `${path} holds no game: there is no ${TV_PAGE} (the TV's page) in it, nor in a folder in it.`,
  );
}

function collect(games: readonly Game[], notices: readonly string[]): Reading {
  const byName = new Map<string, Game>();
  const doubles: string[] = [];
  for (const game of games) {
    const key = game.name.normalize("NFC");
    const double = byName.get(key);
    if (double !== undefined && double.name === game.name)
      doubles.push(`There are two games ${game.name}: ${game.folder} is left out.`);
    else if (double !== undefined)
      doubles.push(`There are two folders ${game.name}, with accents composed differently.`);
    else byName.set(key, game);
  }
  return { list: [...byName.values()], notices: [...notices, ...doubles], byName };
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
