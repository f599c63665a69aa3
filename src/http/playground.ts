/** `/playground/`, in development only: a TV and phones in one window, each with a session of its own. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Router, type Response } from "express";
import { allowAnyOrigin, readOnly, sendPage, sendText } from "./answers.ts";
import type { Game, Games } from "./games.ts";
import { html, type Html } from "./html.ts";
import { LAUNCHER_NAME } from "./launcher.ts";
import { ISOLATION_HEADERS, playgroundHeaders } from "./security-headers.ts";

/** The script that shows a page's frames to the playground. Pages of other origins load it too. */
export const AGENT_PATH = "/playground/assets/agent.js";

const ASSET = /^\/assets\/((?:agent|playground)\.(?:js|js\.map|css))$/;

// The package is two folders up, both from `src/http` and from `dist/http`.
const ASSETS = fileURLToPath(new URL("../../dist/playground/assets/", import.meta.url));

export function playgroundRoutes(games: Games, basePath: string): Router {
  const router = Router({ strict: true, caseSensitive: true });
  router.use(readOnly);
  router.get(ASSET, (request, response) => {
    const name = request.path.slice("/assets/".length);
    if (existsSync(join(ASSETS, name))) {
      allowAnyOrigin(response).set("Cache-Control", "no-cache");
      response.sendFile(name, { root: ASSETS, cacheControl: false });
    } else {
      sendText(response.set("Cache-Control", "no-store"), 503, "The playground has not been built yet: npm run build.");
    }
  });
  router.use(playgroundHeaders());
  const send = (response: Response, game?: Game): void => {
    if (game?.crossOriginIsolated === true) response.set(ISOLATION_HEADERS); // a frame has what the page around it has
    sendPage(response.set("Cache-Control", "no-cache"), 200, playgroundPage(games, basePath, game?.name));
  };
  router.get("/", (_request, response) => send(response));
  router.get("/:game", (request, response, next) => {
    const game = games.find(request.params.game);
    if (game === undefined) next();
    else send(response, game);
  });
  return router;
}

/** All games, and the launcher of an evening, which no list shows. */
function playable(games: Games): readonly Game[] {
  const launcher = games.find(LAUNCHER_NAME);
  return launcher === undefined || games.list.includes(launcher) ? games.list : [...games.list, launcher];
}

function playgroundPage(games: Games, base: string, game: string | undefined): Html {
  const list = JSON.stringify(playable(games).map(({ name, title }) => ({ name, title })));
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${game === undefined ? "Playground" : `${game} · Playground`}</title>
        <link rel="icon" href="${base}/favicon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="${base}/playground/assets/playground.css" />
        <script type="module" src="${base}/playground/assets/playground.js"></script>
      </head>
      <body data-base="${base}" data-game="${game}" data-games="${list}"></body>
    </html> `;
}
