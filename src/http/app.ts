/** Everything the server answers over HTTP, as one express app. WebSockets never come here. */

import type { IncomingMessage } from "node:http";
import { fileURLToPath } from "node:url";
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from "express";
import { withoutBasePath } from "../base-path.ts";
import { allowAnyOrigin, isNavigation, readOnly, sendPage, sendText } from "./answers.ts";
import { filesOfAskingGame, filesOfOnlyGame, gameFiles } from "./game-files.ts";
import type { Games } from "./games.ts";
import { lostUpgrade, sendUpgradeRequired } from "./lost-upgrade.ts";
import { endingSentence, landingPage, nothingHerePage } from "./pages.ts";
import { requestOrigin } from "./request-origin.ts";
import { nearMissRedirect, ROOM_PATH, roomRoute, type AddressOf, type RoomLookup } from "./room-route.ts";
import { sdkFiles } from "./sdk-files.ts";
import { ownPageHeaders } from "./security-headers.ts";

export interface HttpAppOptions {
  readonly rooms: RoomLookup;
  readonly addressOf: AddressOf;
  readonly games: Games;
  /** Where people reach this server, without a slash at the end: `http://192.168.1.7:8081`. Asked at each request. */
  readonly publicUrl: () => string;
  /** The path of the public URL, `/party`: links begin with it, and requests may. @default "" */
  readonly basePath?: string;
  /** Whether the user said that address. @default the answer to a request says the address that the request was sent to */
  readonly isPublicUrlConfigured?: boolean;
  /** Addresses and networks whose `X-Forwarded-Host` and `X-Forwarded-Proto` are believed. @default none */
  readonly trustedProxies?: readonly string[];
  readonly version: string;
  /** What `GET /healthz` tells besides `status`: counts of rooms, connections, players; the memory in bytes. */
  readonly health: () => Readonly<Record<string, number | Readonly<Record<string, number>>>>;
  /** Told of each error that answered 500. @default none */
  readonly onError?: (error: unknown) => void;
  /** Told of each handshake whose `Upgrade` header was lost on its way. @default none */
  readonly onLostUpgrade?: (request: IncomingMessage) => void;
  /** Where the built SDK is. @default `dist/sdk` of this package */
  readonly sdkFolder?: string;
}

/** For answers with the address that the request was sent to: no shared cache may give them to another request. */
const OF_THIS_REQUEST = "private, no-cache";

/** Short, because the assets of the next version have the same names. */
const ASSET_AGE_MS = 600_000;

// Two folders up is the package, from `src/http` as from `dist/http`.
const PUBLIC_FOLDER = fileURLToPath(new URL("../../public/", import.meta.url));
const SDK_FOLDER = fileURLToPath(new URL("../../dist/sdk/", import.meta.url));

export function createHttpApp(options: HttpAppOptions): Express {
  const { rooms, addressOf, games, basePath = "", version, health, onError, sdkFolder = SDK_FOLDER } = options;
  const publicUrl = (request: Request): string =>
    (options.isPublicUrlConfigured === true ? undefined : requestOrigin(request)) ?? options.publicUrl();
  const app = express();
  // The path alone decides, to the letter: `/create` and `/CREATE/` are not `/CREATE`.
  app.set("case sensitive routing", true);
  app.set("strict routing", true);
  app.disable("x-powered-by");
  app.set("trust proxy", options.trustedProxies ?? []); // for `request.host` and `request.protocol`

  app.use(ownPageHeaders());
  app.use(refuseMalformedPaths);
  app.use(takeBasePathOff(basePath, games));

  app.use(lostUpgrade((request) => options.onLostUpgrade?.(request)));

  app.all("/", readOnly, (request, response) => {
    // The form of a browser without script ends here.
    const { code, closed } = request.query;
    if (typeof code === "string" && code !== "") {
      response.redirect(303, `${basePath}/${encodeURIComponent(code.trim())}`);
    } else {
      const page = landingPage(basePath, games.list, publicUrl(request), endingSentence(closed));
      sendPage(response.set("Cache-Control", OF_THIS_REQUEST), 200, page);
    }
  });
  app.all("/CREATE", readOnly, (request, response) => {
    const address = publicUrl(request).replace(/^http/, "ws");
    sendUpgradeRequired(response, `Open a WebSocket at ${address}/CREATE to host a game.`);
  });
  app.all("/healthz", readOnly, (_request, response) => {
    allowAnyOrigin(response)
      .set("Cache-Control", "no-store")
      .json({ status: "ok", ...health() });
  });
  app.all("/api/info", readOnly, (request, response) => {
    const list = games.list.map(({ name, title, description, players, minutes }) => ({
      name,
      title,
      description,
      players,
      minutes,
    }));
    allowAnyOrigin(response)
      .set("Cache-Control", OF_THIS_REQUEST)
      .json({
        version,
        public_url: publicUrl(request),
        public_url_configured: options.isPublicUrlConfigured === true,
        games: list,
      });
  });
  app.all("/games", readOnly, (_request, response) => response.redirect(302, `${basePath}/games/`));
  app.use("/games/", gameFiles(games, basePath));
  app.use("/sdk/", sdkFiles(sdkFolder));
  app.all(ROOM_PATH, readOnly, roomRoute({ rooms, games, addressOf, publicUrl, basePath }));
  app.use(nearMissRedirect(basePath));
  app.get(/.*/, filesOfAskingGame(games, basePath));
  // Browsers ask for this one on their own where a game's page names no icon.
  app.all("/favicon.ico", readOnly, (_request, response) => {
    varyByPage(response);
    response.sendFile("favicon.svg", { root: PUBLIC_FOLDER, maxAge: ASSET_AGE_MS });
  });
  app.use(
    express.static(PUBLIC_FOLDER, { index: false, redirect: false, maxAge: ASSET_AGE_MS, setHeaders: varyByPage }),
  );
  app.get(/.*/, filesOfOnlyGame(games, basePath));

  app.use(nothingHere(basePath));
  app.use(errorAnswer(onError));
  return app;
}

/** A game's page that asks for a file of this name gets the game's, so a cached one of ours is not for it. */
function varyByPage(response: Response): void {
  response.vary("Referer");
}

function takeBasePathOff(basePath: string, games: Games): RequestHandler {
  return (request, _response, next) => {
    if (!isWithoutBasePath(request.path, basePath, games)) request.url = withoutBasePath(request.url, basePath);
    next();
  };
}

/**
 * Whether a path that may begin with the base path does not have it: where that is `/games`, a proxy that takes it off
 * asks for `/games/NAME/` all the same.
 */
function isWithoutBasePath(path: string, basePath: string, games: Games): boolean {
  switch (basePath) {
    case "/games": {
      const name = /^\/games\/([^/]+)/.exec(path)?.[1];
      return name !== undefined && games.find(decodeURIComponent(name)) !== undefined;
    }
    case "/sdk":
      return path.startsWith("/sdk/couchwire.");
    case "/api":
      return path === "/api/info";
    default:
      return false;
  }
}

const refuseMalformedPaths: RequestHandler = (request, response, next) => {
  try {
    decodeURIComponent(request.path);
    next();
  } catch {
    sendText(response, 400, "This address is malformed: a % in it is not followed by two hexadecimal digits.");
  }
};

function nothingHere(basePath: string): RequestHandler {
  return (request, response) => {
    response.set("Cache-Control", "no-store").vary("Accept");
    if (isNavigation(request)) sendPage(response, 404, nothingHerePage(basePath));
    else sendText(response, 404, NOTHING_HERE);
  };
}

const NOTHING_HERE = "There is nothing at this path. A room is at /CODE, its four letters; the start is at /.";

/** The last word on every request that went wrong: a short sentence, never a stack. */
function errorAnswer(onError: ((error: unknown) => void) | undefined): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const status = clientErrorStatus(error);
    if (status === undefined) onError?.(error);
    response.set("Cache-Control", "no-store").removeHeader("Content-Encoding"); // of the file that was asked for
    sendText(
      response,
      status ?? 500,
      status === undefined ? "Something went wrong here." : "This request is malformed.",
    );
  };
}

/** The status that express or one of its parts put on an error that is the client's. */
function clientErrorStatus(error: unknown): number | undefined {
  const status = typeof error === "object" && error !== null && "status" in error ? error.status : undefined;
  return typeof status === "number" && status >= 400 && status < 500 ? status : undefined;
}
