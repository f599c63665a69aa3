/** `/games/`: the list of games, and the files of each. */

import type { Stats } from "node:fs";
import { readFile, realpath, stat } from "node:fs/promises";
import { extname, join, sep } from "node:path";
import express, { Router, type Request, type RequestHandler, type Response } from "express";
import { withoutBasePath } from "../base-path.ts";
import { RECORDING_ENDING } from "../recording/recording-items.ts";
import { allowAnyOrigin, isNavigation, readOnly, sendPage } from "./answers.ts";
import { withDevScripts, type DevMode, type GamePage } from "./dev-pages.ts";
import { acceptsEncoding, encodedFile, sendDecoded, type EncodedFile } from "./encoded-files.ts";
import { PHONE_PAGE, TV_PAGE, type Game } from "./game-folder.ts";
import type { Games } from "./games.ts";
import { decodePage } from "./page-summary.ts";
import { settingOf } from "./page-setting.ts";
import { gamesPage } from "./pages.ts";
import { gameHeaders } from "./security-headers.ts";

export function gameFiles(games: Games, basePath: string, dev?: DevMode): Router {
  const router = Router({ strict: true, caseSensitive: true });
  const handlers = new WeakMap<Game, RequestHandler>();
  router.use(readOnly);
  router.get("/", (request, response) => {
    response.set("Cache-Control", "no-cache");
    sendPage(response, 200, gamesPage(settingOf(request, response, basePath), games.list));
  });
  router.get("/:game", (request, response, next) => {
    const game = games.find(request.params.game);
    // Relative addresses in the game's pages need the slash. The redirect is temporary, since the folder may hold another game tomorrow.
    if (game === undefined) next();
    else response.redirect(302, `${addressOf(game, basePath)}/${queryOf(request)}`);
  });
  router.use("/:game", (request, response, next) => {
    const game = games.find(request.params.game);
    if (game === undefined) {
      next();
      return;
    }
    const handler = handlers.get(game) ?? filesOf(game, basePath, dev);
    handlers.set(game, handler);
    void handler(request, response, next);
  });
  return router;
}

/**
 * Builds that assume the site's root (Vite's default) ask for `/assets/…`. The `Referer` names the page that asks, and
 * so the game.
 */
export function filesOfAskingGame(games: Games, basePath: string): RequestHandler {
  return filesAskedForAtRoot((request) => gameThatAsks(request, games, basePath), basePath);
}

/**
 * The same for requests without a `Referer`: a server with one game answers from that game. A person who types `/player.html` is led to its page
 * as well; all other pages that a person asks for are the server's.
 */
export function filesOfOnlyGame(games: Games, basePath: string): RequestHandler {
  return filesAskedForAtRoot(() => onlyOne(games.list), basePath, [`/${TV_PAGE}`, `/${PHONE_PAGE}`]);
}

function filesAskedForAtRoot(
  gameOf: (request: Request) => Game | undefined,
  basePath: string,
  typed: readonly string[] = [],
): RequestHandler {
  return async (request, response, next) => {
    const game = isNavigation(request) && !typed.includes(request.path) ? undefined : gameOf(request);
    const found = game === undefined ? undefined : await fileInside(game.folder, request.path);
    if (game === undefined || found?.stats.isFile() !== true) {
      next();
      return;
    }
    allowAnyOrigin(response).set("Cache-Control", "no-store").vary("Referer");
    response.redirect(302, `${addressOf(game, basePath)}${request.path}${queryOf(request)}`);
  };
}

function gameThatAsks(request: Request, games: Games, basePath: string): Game | undefined {
  const referer = request.get("Referer") ?? "";
  if (!URL.canParse(referer)) return undefined;
  const name = /^\/games\/([^/]+)\//.exec(withoutBasePath(new URL(referer).pathname, basePath))?.[1];
  return name === undefined ? undefined : games.find(decoded(name) ?? name);
}

function onlyOne(list: readonly Game[]): Game | undefined {
  return list.length === 1 ? list[0] : undefined;
}

function filesOf(game: Game, basePath: string, dev: DevMode | undefined): RequestHandler {
  const headers = new Headers({
    ...gameHeaders(game),
    // Changes to a game show with the next reload. Unchanged files cost a 304, by their ETag.
    "Cache-Control": "no-cache",
  });
  const serveStatic = express.static(game.folder, {
    dotfiles: "ignore",
    index: false,
    redirect: false,
    cacheControl: false,
    setHeaders: (response) => {
      response.setHeaders(headers);
    },
  });
  return async (request, response, next) => {
    request.url = pageUrl(game, request.url);
    if (request.path.endsWith("/")) request.url = `${request.path}${TV_PAGE}${queryOf(request)}`;
    const found = await fileInside(game.folder, request.path);
    if (found === undefined || isPrivate(found.path.slice(game.folder.length))) {
      next();
    } else if (found.stats.isDirectory()) {
      response.redirect(302, `${addressOf(game, basePath)}${request.path}/${queryOf(request)}`);
    } else {
      if (found.otherPath !== undefined) request.url = `${found.otherPath}${queryOf(request)}`;
      const encoded = encodedFile(found.path);
      const text = await rewrittenText(found, { game, basePath, dev });
      if (encoded !== undefined) await serveEncoded(request, response, found, encoded);
      else if (text !== undefined) response.setHeaders(headers).type(extname(found.path)).send(text);
      if (!response.headersSent) serveStatic(request, response, next);
    }
  };

  async function serveEncoded(
    request: Request,
    response: Response,
    { path, stats }: FoundFile,
    { encoding, innerEnding }: EncodedFile,
  ): Promise<void> {
    response.type(innerEnding).vary("Accept-Encoding");
    if (acceptsEncoding(request, encoding)) response.set("Content-Encoding", encoding);
    else await sendDecoded(request, response.setHeaders(headers), path, stats, encoding);
  }
}

/** Hidden files, and what people have said: `couchwire dev --record` writes it where the developer is, which may be a game's folder. */
function isPrivate(path: string): boolean {
  return /\/\./.test(path) || path.toLowerCase().endsWith(RECORDING_ENDING);
}

/** The URL of a page. It is the same for every game, whatever the case of the file's name. */
function pageUrl({ tvPage, phonePage }: Game, url: string): string {
  const [path = "", query] = url.split(/(?=\?)/);
  if (path === "/" || path === `/${TV_PAGE}`) return `/${encodeURIComponent(tvPage)}${query ?? ""}`;
  return path === `/${PHONE_PAGE}` ? `/${encodeURIComponent(phonePage)}${query ?? ""}` : url;
}

interface FoundFile {
  /** The path with symbolic links resolved. */
  readonly path: string;
  readonly stats: Stats;
  /** The file's own URL path, where its Unicode normalization differs from the one requested. */
  readonly otherPath?: string;
}

/** Finds the file at this path of a folder in any Unicode normalization. Symbolic links that lead out of the folder are not followed. */
async function fileInside(folder: string, urlPath: string): Promise<FoundFile | undefined> {
  const name = decoded(urlPath);
  if (name === undefined) return undefined;
  const asked = await fileNamed(folder, name);
  if (asked !== undefined) return asked;
  for (const form of ["NFC", "NFD"]) {
    const other = name.normalize(form);
    const found = other === name ? undefined : await fileNamed(folder, other);
    if (found !== undefined) return { ...found, otherPath: other.split("/").map(encodeURIComponent).join("/") };
  }
  return undefined;
}

async function fileNamed(folder: string, name: string): Promise<FoundFile | undefined> {
  try {
    const path = await realpath(join(folder, name));
    if (path !== folder && !path.startsWith(folder + sep)) return undefined;
    return { path, stats: await stat(path) };
  } catch {
    return undefined; // The file does not exist, or the path is invalid (a zero byte).
  }
}

const PAGES: ReadonlySet<string> = new Set([".html", ".htm"]);
const SCRIPTS: ReadonlySet<string> = new Set([".js", ".mjs"]);
/** Larger scripts are bundles, which contain the SDK. */
const MAX_REWRITTEN_BYTES = 2_097_152;

interface Rewriting {
  readonly game: Game;
  readonly basePath: string;
  readonly dev: DevMode | undefined;
}

/**
 * The text of a page or script that is not served as it is: what imports `/sdk/couchwire.js` gets that address below the base path, since the
 * root of the site belongs to another server there, and in development a page gets scripts. `undefined` if the file is served as it is.
 */
async function rewrittenText(
  { path, stats }: FoundFile,
  { game, basePath, dev }: Rewriting,
): Promise<string | undefined> {
  const extension = extname(path).toLowerCase();
  const hasScripts = dev !== undefined && PAGES.has(extension);
  if ((basePath === "" && !hasScripts) || !(PAGES.has(extension) || SCRIPTS.has(extension))) return undefined;
  if (!stats.isFile() || stats.size > MAX_REWRITTEN_BYTES) return undefined;
  const { text } = decodePage(await readFile(path));
  const rebased = basePath === "" ? text : rebase(text, basePath);
  const rewritten = hasScripts
    ? withDevScripts(rebased, {
        basePath,
        game: game.name,
        page: kindOf(game, path),
        version: dev.versionOf(game.name),
      })
    : rebased;
  return rewritten === text ? undefined : rewritten;
}

function rebase(text: string, basePath: string): string {
  return text.replace(/(["'`])(\/sdk\/[\w.-]+\.js\b)/g, `$1${basePath.replaceAll("$", "$$$$")}$2`);
}

function kindOf({ folder, tvPage, phonePage }: Game, path: string): GamePage {
  if (path === join(folder, tvPage)) return "tv";
  return path === join(folder, phonePage) ? "phone" : "other";
}

function addressOf({ name }: Game, basePath: string): string {
  return `${basePath}/games/${encodeURIComponent(name)}`;
}

function queryOf(request: Request): string {
  return /\?[^#]*/.exec(request.originalUrl)?.[0] ?? "";
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
