/** Everything the server answers over HTTP, as one express app. WebSockets never come here. */

import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from "express";
import { withoutBasePath } from "../base-path.ts";
import { isDrawnCode } from "../protocol/room-code.ts";
import { MEMBERS_PATH } from "../transport/websocket/handshake.ts";
import { allowAnyOrigin, isNavigation, readOnly, sendPage, sendText } from "./answers.ts";
import { clientErrorStatus } from "./client-error-status.ts";
import { DEV_PATH, devFiles, type DevMode } from "./dev-pages.ts";
import { filesOfAskingGame, filesOfOnlyGame, gameFiles } from "./game-files.ts";
import type { Games } from "./games.ts";
import { describeGame, LAUNCHER_NAME, withLauncher } from "./launcher.ts";
import { lostUpgrade, sendUpgradeRequired } from "./lost-upgrade.ts";
import type { MetricsRouteOptions } from "./metrics-route.ts";
import type { Eventually } from "../protocol/eventually.ts";
import type { Health } from "./health.ts";
import { createProbes } from "./probes.ts";
import type { Readiness } from "./ready-route.ts";
import { settingOf, wordsScript } from "./page-setting.ts";
import { requestLog, type RequestLogOptions } from "./request-log.ts";
import { endingSentence, landingPage, nothingHerePage } from "./pages.ts";
import { OVERLAY_PATH, overlayRoute, type OverlayRouteOptions } from "./overlay/overlay-route.ts";
import { playgroundRoutes } from "./playground.ts";
import { requestOrigin } from "./request-origin.ts";
import { membersRoute, type TokenJudge } from "./members-route.ts";
import { nearMissRedirect, ROOM_PATH, roomRoute, type AddressOf, type RoomLookup } from "./room-route.ts";
import { sdkFiles } from "./sdk-files.ts";
import { ownPageHeaders } from "./security-headers.ts";

export interface HttpAppOptions {
  readonly rooms: RoomLookup;
  /** What an overlay shows of the room of this code. @default there are no overlays */
  readonly overlayFactsOf?: OverlayRouteOptions["factsOf"];
  /** The kind of the open room of this code (upper case). @default there are no open rooms */
  readonly kindOf?: (code: string) => string | undefined;
  readonly addressOf: AddressOf;
  readonly games: Games;
  /** The address at which phones reach this server, without a trailing slash: `http://192.168.1.7:8081`. Called for each request. */
  readonly publicUrl: () => string;
  /** The path of the public URL, `/party`: links begin with it, and requests may. @default "" */
  readonly basePath?: string;
  /** Whether an option set that address. @default false: links use the address that the request was sent to */
  readonly isPublicUrlConfigured?: boolean;
  /** Addresses and networks of trusted proxies: their `X-Forwarded-Host` and `X-Forwarded-Proto` are used. @default none */
  readonly trustedProxies?: readonly string[];
  readonly version: string;
  /** Judges the tokens at `/ws`. @default there are none: 404 */
  readonly tokens?: TokenJudge | undefined;
  /** What `GET /healthz` tells besides `status`: counts of rooms, connections, players; the memory in bytes. */
  readonly health: () => Eventually<Health>;
  /** Called with each error that is answered with 500, and the request that met it. @default none */
  readonly onError?: (error: unknown, request: Request) => void;
  /** Names requests, and hears what was answered. @default requests have no names */
  readonly requests?: RequestLogOptions;
  /** Whether newcomers should be sent here (P9.10). @default they should */
  readonly readiness?: () => Readiness;
  /** Who may read which metrics. @default there is no `/metrics` */
  readonly metrics?: MetricsRouteOptions | undefined;
  /** Called for each WebSocket handshake that a proxy stripped of its `Upgrade` header. @default none */
  readonly onLostUpgrade?: (request: IncomingMessage) => void;
  /** The HTTP API, for the server itself or for the guest of another app. @default there is none */
  readonly api?: ((as: "owner" | "guest") => RequestHandler) | undefined;
  /** Sees each request before the server's own routes do, without the base path. @default none */
  readonly routes?: Express;
  /** What the server of a developer knows. @default none: no page gets a script, and nothing is below `/dev/` */
  readonly dev?: DevMode | undefined;
  /** Where the built SDK is. @default `dist/sdk` of this package */
  readonly sdkFolder?: string;
}

/** Answers that contain the address the request was sent to. Shared caches must not reuse them. */
const OF_THIS_REQUEST = "private, no-cache";

/** A server without a bus that was not told to stop. */
const ALONE = (): Readiness => ({ bus: "none", draining: false });

/** A path of the HTTP API. */
const API_PATH = /^\/api\/(?:info|openapi\.json|publish|rooms|bans|token)(?:\/|$)/;

/** Ten minutes. The next version's assets have the same names, so the age is short. */
const ASSET_AGE_MS = 600_000;

// The package is two folders up, both from `src/http` and from `dist/http`.
const PUBLIC_FOLDER = fileURLToPath(new URL("../../public/", import.meta.url));
const SDK_FOLDER = fileURLToPath(new URL("../../dist/sdk/", import.meta.url));

/** Answers every request. */
export function createHttpApp(options: HttpAppOptions): Express {
  const app = newApp(options.trustedProxies);
  if (options.requests !== undefined) app.use(requestLog(options.requests));
  app.use(refuseMalformedPaths(ownPageHeaders(), options.basePath ?? ""));
  addRoutes(app, options, "owner");
  app.use(nothingHere(options.basePath ?? ""));
  app.use(errorAnswer(options.onError));
  return app;
}

/**
 * To be mounted in another express app, at the base path or at the root: answers the requests that it knows, and passes all others on as
 * if it had never seen them.
 */
export function createGuestApp(options: HttpAppOptions): Express {
  const app = newApp(options.trustedProxies);
  const arrivals = new WeakMap<Request, { readonly url: string; readonly headers: OutgoingHttpHeaders }>();
  app.use((request, response, next) => {
    arrivals.set(request, { url: request.url, headers: response.getHeaders() });
    next(isMalformed(request.path) ? "router" : undefined);
  });
  if (options.requests !== undefined) app.use(requestLog(options.requests));
  addRoutes(app, options, "guest");
  app.use((request, response, next) => {
    const { url = request.url, headers = {} } = arrivals.get(request) ?? {};
    request.url = url;
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    for (const [name, value = ""] of Object.entries(headers)) response.setHeader(name, value);
    next();
  });
  app.use(errorAnswer(options.onError));
  return app;
}

/**
 * Lets a guest app answer requests that no express app has seen yet. What it passes on leaves the guest's call stack first: express catches exceptions,
 * and would answer one of the owner's listener with its stack trace.
 */
export function answerAsGuest(guestApp: Express) {
  const passOns = new WeakMap<IncomingMessage, () => void>();
  const app = newApp();
  app.use(guestApp, (request) => {
    const passOn = passOns.get(request);
    if (passOn !== undefined) queueMicrotask(passOn);
  });
  return (request: IncomingMessage, response: ServerResponse, passOn: () => void): void => {
    passOns.set(request, passOn);
    app(request, response);
  };
}

/** The app for routes that the embedding program adds. */
export function createRoutes(add: (app: Express) => void): Express {
  const app = express();
  app.disable("x-powered-by");
  add(app);
  return app;
}

function newApp(trustedProxies: readonly string[] = []): Express {
  const app = express();
  // Paths are compared exactly: `/create` and `/CREATE/` are not `/CREATE`.
  app.set("case sensitive routing", true);
  app.set("strict routing", true);
  app.disable("x-powered-by");
  app.set("trust proxy", trustedProxies); // `request.host` and `request.protocol` use it
  return app;
}

function addRoutes(app: Express, options: HttpAppOptions, as: "owner" | "guest"): void {
  const { rooms, kindOf, addressOf, basePath = "", version, health, dev, sdkFolder = SDK_FOLDER } = options;
  const games = withLauncher(options.games, basePath);
  const publicUrl = (request: Request): string =>
    (options.isPublicUrlConfigured === true ? undefined : requestOrigin(request)) ?? options.publicUrl();

  // A guest leaves paths of four letters that are no code, such as `/chat`, to the app that it is mounted in.
  const isRoomPath = (path: string): boolean =>
    as === "guest" ? isDrawnCode(path.slice(1).toUpperCase()) : ROOM_PATH.test(path);

  app.use(takeBasePathOff(basePath, games));
  if (options.routes !== undefined) app.use(options.routes);
  app.use(ownPageHeaders());

  const { tokens } = options;
  const isSocketPath = (path: string): boolean =>
    path === "/CREATE" || (tokens !== undefined && path === MEMBERS_PATH) || isRoomPath(path);
  app.use(lostUpgrade(isSocketPath, (request) => options.onLostUpgrade?.(request)));

  app.all("/", readOnly, (request, response) => {
    // The landing page's form submits here in browsers without script.
    const { code, closed } = request.query;
    if (typeof code === "string" && code !== "") {
      response.redirect(303, `${basePath}/${encodeURIComponent(code.trim())}`);
    } else {
      const setting = settingOf(request, response, basePath);
      const page = landingPage(setting, games.list, publicUrl(request), endingSentence(closed));
      sendPage(response.set("Cache-Control", OF_THIS_REQUEST), 200, page);
    }
  });
  app.all("/CREATE", readOnly, (request, response) => {
    const address = publicUrl(request).replace(/^http/, "ws");
    sendUpgradeRequired(response, `Open a WebSocket at ${address}/CREATE to host a game.`);
  });
  if (tokens !== undefined) app.all(MEMBERS_PATH, readOnly, membersRoute({ tokens, addressOf, publicUrl }));
  app.use(createProbes({ health, readiness: options.readiness ?? ALONE, metrics: options.metrics }));
  app.all("/api/info", readOnly, (request, response) => {
    allowAnyOrigin(response)
      .set("Cache-Control", OF_THIS_REQUEST)
      .json({
        version,
        public_url: publicUrl(request),
        public_url_configured: options.isPublicUrlConfigured === true,
        games: games.list.map(describeGame),
      });
  });
  if (options.api !== undefined) app.use(options.api(as));
  app.use(nothingAtMalformedPaths);
  app.all(["/tv", "/tv/"], readOnly, (request, response) => {
    const query = /\?[^#]*/.exec(request.originalUrl)?.[0] ?? "";
    response.redirect(302, `${basePath}/games/${LAUNCHER_NAME}/${query}`);
  });
  app.all("/games", readOnly, (_request, response) => response.redirect(302, `${basePath}/games/`));
  app.use("/games/", gameFiles(games, basePath, dev));
  if (dev !== undefined) {
    app.use(DEV_PATH, devFiles());
    app.all("/playground", readOnly, (_request, response) => response.redirect(302, `${basePath}/playground/`));
    app.use("/playground/", playgroundRoutes(games, basePath));
  }
  app.use("/sdk/", sdkFiles(sdkFolder));
  const { overlayFactsOf: factsOf } = options;
  if (factsOf !== undefined) {
    app.all(OVERLAY_PATH, readOnly, overlayRoute({ rooms, factsOf, addressOf, publicUrl, basePath }));
  }
  app.all("/words.js", readOnly, wordsScript());
  const room = roomRoute({ rooms, games, addressOf, publicUrl, basePath, kindOf });
  app.all(
    ROOM_PATH,
    (request, _response, next) => next(isRoomPath(request.path) ? undefined : "route"),
    readOnly,
    room,
  );
  app.use(nearMissRedirect(basePath, (code) => isRoomPath(`/${code}`)));
  app.get(/.*/, filesOfAskingGame(games, basePath));
  // Browsers request this file by themselves when a page names no icon.
  app.all("/favicon.ico", readOnly, (_request, response) => {
    varyByPage(response);
    response.sendFile("favicon.svg", { root: PUBLIC_FOLDER, maxAge: ASSET_AGE_MS });
  });
  app.use(
    express.static(PUBLIC_FOLDER, { index: false, redirect: false, maxAge: ASSET_AGE_MS, setHeaders: varyByPage }),
  );
  app.get(/.*/, filesOfOnlyGame(games, basePath));
}

/** A game's page gets the game's own file of this name, so caches must key on the page. */
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
 * Whether the base path is missing from a path that could begin with it. With the base path `/games`, a proxy that
 * strips it still asks for `/games/NAME/`.
 */
function isWithoutBasePath(path: string, basePath: string, games: Games): boolean {
  switch (basePath) {
    case "/games": {
      const name = /^\/games\/([^/]+)/.exec(path)?.[1];
      return name !== undefined && games.find(decodeURIComponent(name)) !== undefined;
    }
    case "/sdk":
      return /^\/sdk\/(?:couchwire|kit|ui|ui-base|controls|controls-base|way-back|join)\./.test(path);
    case "/api":
      return API_PATH.test(path);
    default:
      return false;
  }
}

/** Those of the API pass: it answers in its own form. */
function refuseMalformedPaths(pageHeaders: RequestHandler, basePath: string): RequestHandler {
  return (request, response, next) => {
    if (!isMalformed(request.path) || withoutBasePath(request.path, basePath).startsWith("/api/")) next();
    else void pageHeaders(request, response, () => sendText(response, 400, MALFORMED));
  };
}

/** The API has passed them on. No route after it can read such a path. */
const nothingAtMalformedPaths: RequestHandler = (request, response, next) => {
  if (isMalformed(request.path)) sendNoSuchRoute(response.set("Cache-Control", "no-store"));
  else next();
};

const MALFORMED = "This address is malformed: a % in it is not followed by two hexadecimal digits.";

function isMalformed(path: string): boolean {
  try {
    decodeURIComponent(path);
    return false;
  } catch {
    return true;
  }
}

function nothingHere(basePath: string): RequestHandler {
  return (request, response) => {
    response.set("Cache-Control", "no-store").vary("Accept");
    if (request.path.startsWith("/api/")) sendNoSuchRoute(response);
    else if (isNavigation(request)) sendPage(response, 404, nothingHerePage(settingOf(request, response, basePath)));
    else sendText(response, 404, NOTHING_HERE);
  };
}

function sendNoSuchRoute(response: Response): void {
  response.status(404).json(NO_SUCH_ROUTE);
}

const NO_SUCH_ROUTE = { error: { code: "not_found", message: "There is nothing at this path." } };
const NOTHING_HERE = "There is nothing at this path. A room is at /CODE, its four letters; the start is at /.";

/** Answers a request that failed with a short sentence. Stack traces never leave the server. */
function errorAnswer(onError: HttpAppOptions["onError"]): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const status = clientErrorStatus(error);
    if (status === undefined) onError?.(error, request);
    response.set("Cache-Control", "no-store").removeHeader("Content-Encoding"); // of the file that was asked for
    sendText(
      response,
      status ?? 500,
      status === undefined ? "Something went wrong here." : "This request is malformed.",
    );
  };
}
