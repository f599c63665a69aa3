/** `/games/`: the list of games, and the files of each. */

import { realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import express, { Router, type RequestHandler } from "express";
import { readOnly, sendPage } from "./answers.ts";
import type { Game, Games } from "./games.ts";
import { gamesPage } from "./pages.ts";
import { GAME_HEADERS } from "./security-headers.ts";

export function gameFiles(games: Games, basePath: string): Router {
  const router = Router({ strict: true, caseSensitive: true });
  router.use(readOnly);
  router.get("/", (_request, response) => {
    response.set("Cache-Control", "no-cache");
    sendPage(response, 200, gamesPage(basePath, games.list));
  });
  for (const game of games.list) {
    const path = `/${encodeURIComponent(game.name)}`;
    // Relative addresses in the game's pages need the slash. Not for ever: the game may be another one tomorrow.
    router.get(path, (request, response) => {
      const query = new URL(request.originalUrl, "http://localhost").search;
      response.redirect(302, `${basePath}/games${path}/${query}`);
    });
  }
  const serve = new Map(games.list.map((game) => [game.name, filesOf(game)]));
  router.use("/:game", (request, response, next) => {
    const handlers = serve.get(request.params.game);
    if (handlers === undefined) next();
    else handlers(request, response, next);
  });
  return router;
}

function filesOf(game: Game): Router {
  const router = Router();
  router.use(staysInside(game.folder));
  router.use(
    express.static(game.folder, {
      dotfiles: "ignore",
      // Whoever edits a game sees the change with the next reload; the ETag makes an unchanged file cost a 304.
      cacheControl: false,
      setHeaders: (response) => {
        response.setHeaders(new Headers({ ...GAME_HEADERS, "Cache-Control": "no-cache" }));
      },
    }),
  );
  return router;
}

/** A link that leads out of the folder leads nowhere; `send` looks at the path alone, not at what is behind it. */
function staysInside(folder: string): RequestHandler {
  return async (request, _response, next) => {
    try {
      const path = await realpath(join(folder, decodeURIComponent(request.path)));
      next(path === folder || path.startsWith(folder + sep) ? undefined : "router");
    } catch {
      // Nothing there, or no path at all (a zero byte): the same 404 either way.
      next("router");
    }
  };
}
