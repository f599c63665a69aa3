/** The launcher at `/tv`: a built-in game in which the phones choose what is played. A folder of the operator's with its name takes its place. */
import { fileURLToPath } from "node:url";
import { readGameFolder, type Game } from "./game-folder.ts";
import type { Games } from "./games.ts";

/** The name of the launcher's room, and of its folder below `/games/`. */
export const LAUNCHER_NAME = "tv";

const LAUNCHER_FOLDER = fileURLToPath(new URL("../../public/tv/", import.meta.url));

/** The games, among which the launcher is found by its name. The list does not show it. */
export function withLauncher(games: Games, basePath: string): Games {
  const { game: launcher } = readGameFolder(LAUNCHER_FOLDER, LAUNCHER_NAME, basePath, undefined);
  return {
    get list() {
      return games.list;
    },
    get notices() {
      return games.notices;
    },
    find: (name) => games.find(name) ?? (name === LAUNCHER_NAME ? launcher : undefined),
    refresh: () => games.refresh(),
  };
}

/** What programs are told of a game at `/api/info`. Its pictures are addresses relative to the server's own. */
export function describeGame({ name, title, description, players, minutes, image, icon }: Game): object {
  const folder = `games/${encodeURIComponent(name)}/`;
  return {
    name,
    title,
    description,
    players,
    minutes,
    ...(image !== undefined && { image: folder + image }),
    ...(icon !== undefined && { icon: folder + icon }),
  };
}
