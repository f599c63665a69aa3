/** One server: puts the rooms, the transports and the pages together, on a port of its own or on an HTTP server that exists. */
import cluster from "node:cluster";
import type { IncomingMessage, RequestListener, Server as HttpServer } from "node:http";
import type { Server as HttpsServer } from "node:https";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Express } from "express";
import type { Logger } from "pino";
import { ApiKeys } from "./auth/api-keys.ts";
import type { TokenIssuer } from "./auth/token-issuer.ts";
import { basePathOf, withoutBasePath } from "./base-path.ts";
import { type ChannelPublisher } from "./channels/channel-service.ts";
import { EVERY_ADDRESS, isLoopbackName, isReachedByThisMachineAlone } from "./address/loopback.ts";
import { NetworkObserver } from "./address/network-evidence.ts";
import { bracketed, PublicUrl, type BoundAddress, type NetworkSource, type PhoneReach } from "./address/public-url.ts";
import { OptionsError, parseOptions, splitList, type Options, type OptionsInput } from "./config.ts";
import { type Rooms } from "./games/open-rooms.ts";
import { DevTools } from "./dev/dev-tools.ts";
import { type RoomEventListener, type RoomEventName } from "./games/room-events.ts";
import { createAdmin } from "./http/admin/create-admin.ts";
import { createAccess } from "./http/api/access.ts";
import { overlayFacts } from "./http/overlay/overlay-facts.ts";
import { AllLookups } from "./http/all-rooms/all-lookups.ts";
import { AllRooms } from "./http/all-rooms/all-rooms.ts";
import { createApi } from "./http/api/create-api.ts";
import { NodeRooms } from "./http/api/node-rooms.ts";
import { loadGames } from "./http/games.ts";
import { answerAsGuest, createGuestApp, createHttpApp, createRoutes, type HttpAppOptions } from "./http/app.ts";
import { answerWithoutUpgrade } from "./http/answer-without-upgrade.ts";
import { sumOfHealth, type Health } from "./http/health.ts";
import { createHttpServer } from "./http/http-server.ts";
import { isProbe } from "./http/probes.ts";
import { KeyPairWatch } from "./http/key-pair-watch.ts";
import { attachTo } from "./http/shared-server.ts";
import { LOST_UPGRADE } from "./http/lost-upgrade.ts";
import { createProbes } from "./http/probes.ts";
import type { Readiness } from "./http/ready-route.ts";
import type { RequestLogOptions } from "./http/request-log.ts";
import type { Bans } from "./hub/bans.ts";
import type { Hub } from "./hub/hub.ts";
import { createAddressLog } from "./log/address-log.ts";
import { createLogger } from "./log/logger.ts";
import { packageVersion } from "./package-version.ts";
import type { Recording } from "./recording/recording.ts";
import { Recordings } from "./recording/recordings.ts";
import { isWebSocketPath } from "./transport/websocket/handshake.ts";
import { openBackend, type BackendExtras } from "./server-backend.ts";
import { createServerCore, now, type CoreExtras } from "./server-core.ts";
import { StateFile } from "./state-file/state-file.ts";

/** Where the server is. `publicUrl` is what join links and QR codes say: the option, or the address in the local network now. */
export interface ServerAddress extends PhoneReach {
  readonly port: number;
  /** The port of ghost-sync's wire, if the option `tcpPort` has switched it on. */
  readonly tcpPort?: number;
  /** Where the admin page is, if the option `adminPort` has switched it on. */
  readonly adminUrl?: string;
  /** Where this machine itself finds the server. */
  readonly url: string;
  /** The playground of each game, if the option `dev` has switched it on. */
  readonly playgrounds?: readonly string[];
}

/** A server, as `createServer` sets it up. */
export interface CouchwireServer {
  /** Listens on a port of its own, which the options choose. Rejects with Node's error where it cannot, such as `EADDRINUSE`. */
  listen(): Promise<ServerAddress>;
  /**
   * Serves WebSockets and pages on an HTTP server of yours, instead of `listen` or beside it. If `publicUrl` has a path, the server answers only below that
   * path. Your own listeners, whenever you add them, get all requests and upgrades on paths that the server does not know. Your HTTP server decides about
   * ports, TLS, timeouts and the number of HTTP connections. Several servers may share one HTTP server if their paths differ; a second server at the same path
   * throws.
   */
  attach(httpServer: HttpServer | HttpsServer, options?: AttachOptions): void;
  /**
   * The pages, to mount in an express app of yours: `app.use(server.app)`, or `app.use("/party", server.app)` if that is the path of `publicUrl`. It passes on
   * each request that it does not know. For the WebSockets also call `attach` with `pages: false`.
   */
  readonly app: Express;
  /** The address for phones: the option `publicUrl`, or the address in the local network now. Empty before the server, or the one it is attached to, listens. */
  readonly publicUrl: string;
  /**
   * Opens no more rooms, lets rooms with players go on for the time of the option `drainMs`, asks all hosts and players to come back later (1012), waits until
   * they are gone, and frees the port. An HTTP server of yours stays open, with the listeners that it had before `attach`. Safe twice:
   * `close({ drainMs: 0 })` ends the wait of an earlier call.
   */
  close(options?: CloseOptions): Promise<void>;
  /**
   * Calls `listener` when this happens in any room: each of it once, with the people in it. A player that reloads its page is not away. The server has finished
   * what it was doing by then, so the listener may call it.
   */
  on<Name extends RoomEventName>(event: Name, listener: RoomEventListener<Name>): void;
  /** Ends what `on` began. Safe for a function that does not listen. */
  off<Name extends RoomEventName>(event: Name, listener: RoomEventListener<Name>): void;
  /** Gives out tokens, and revokes them. `undefined` where the options know neither a secret nor a JWKS URL. */
  readonly tokens: Pick<TokenIssuer, "canIssue" | "issue" | "refresh" | "revoke"> | undefined;
  /** Bans of users, sessions and addresses. */
  readonly bans: Pick<Bans, "add" | "remove" | "list">;
  /** The rooms of this server. */
  readonly hub: Hub;
  /** Its open rooms, whose hosts are in this process. */
  readonly rooms: Rooms;
  /** Its channels, which pages and programs follow over `/ws`. */
  readonly channels: ChannelPublisher;
}

/** How a server is attached to an HTTP server. */
export interface AttachOptions {
  /** Whether to serve the pages too. Say `false` if `server.app` is mounted in your express app. @default true */
  readonly pages?: boolean;
}

/** How a server is closed. */
export interface CloseOptions {
  /** Milliseconds that rooms with players may go on; 0 closes them at once. @default the server's option `drainMs` */
  readonly drainMs?: number;
}

/** What a program gives its server beside the options. */
export interface ServerExtras extends CoreExtras, BackendExtras {
  /** Writes the log. @default JSON lines on standard output, at the level of the options */
  readonly logger?: Logger;
  /**
   * Adds your routes in front of the server's own. Your routes see paths without the path of `publicUrl`, and their answers do not get the security headers of
   * the server's pages. @default none
   */
  readonly routes?: (app: Express) => void;
  /** What is known about this machine's networks. @default what the operating system says */
  readonly network?: NetworkSource;
}

/** Another process has the port of this server, and hands it the sockets. */
export interface ConnectionSource {
  /** Gives this server the sockets from now on. */
  feed(httpServer: HttpServer | HttpsServer): void;
  /** Takes an upgrade over that belongs to another process. `false`: it is served here. */
  passOn(request: IncomingMessage, stream: Duplex, head: Buffer): boolean;
  /** The address of the port. */
  readonly bound: BoundAddress;
}

/** What is added up over all workers. */
export type WorkerQuestion = "metrics" | "health";

/** What a server is told that is one of several behind one port. */
export interface WorkerPlace {
  readonly source: ConnectionSource;
  /** What `answerWorker` of each of the others gives, as far as they answer in time. */
  readonly askOthers: (what: WorkerQuestion) => Promise<readonly unknown[]>;
}

/** A server that is one of several behind one port. */
export interface WorkerServer extends CouchwireServer {
  /** Its own part of what another worker adds up. */
  answerWorker(what: string): Promise<unknown>;
  /** Connections now. */
  readonly connectionCount: number;
}

/** Sets a server up without listening yet. Throws `OptionsError` with a sentence where an option is wrong. */
export function createServer(input: OptionsInput = {}, extras: ServerExtras = {}): CouchwireServer {
  const parsed = parseOptions(input);
  if (!parsed.ok) throw new OptionsError(parsed.failure);
  if (parsed.value.workers !== 1) throw new OptionsError(NO_WORKERS);
  return assembleServer(parsed.value, extras);
}

/** The same for one of several processes behind one port. */
export function createWorkerServer(input: OptionsInput, extras: ServerExtras, place: WorkerPlace): WorkerServer {
  const parsed = parseOptions(input);
  if (!parsed.ok) throw new OptionsError(parsed.failure);
  return assembleServer(parsed.value, extras, { place });
}

/** The same for one process whose rooms with a host page are recorded: `onRecording` is given the recording of each, and reads it to its end. */
export function createRecordedServer(
  input: OptionsInput,
  extras: ServerExtras,
  onRecording: RecordingListener,
): CouchwireServer {
  const parsed = parseOptions(input);
  if (!parsed.ok) throw new OptionsError(parsed.failure);
  return assembleServer(parsed.value, extras, { onRecording });
}

/** Is given the recording of a room that has just been opened. */
export type RecordingListener = (room: { readonly code: string; readonly game: string }, recording: Recording) => void;

interface AssemblyOptions {
  readonly place?: WorkerPlace;
  /** @default no room is recorded by itself */
  readonly onRecording?: RecordingListener;
}

function assembleServer(
  options: Options,
  extras: ServerExtras,
  { place, onRecording }: AssemblyOptions = {},
): WorkerServer {
  const logger = extras.logger ?? createLogger(options.logLevel);
  const basePath = basePathOf(options.publicUrl);
  const games = loadGames(options.games, { basePath, now, onNotice: (notice) => logger.warn(notice) });
  if (!games.ok) throw new OptionsError(games.failure);
  const { tlsCert: cert, tlsKey: key } = options;
  const keyPairs = cert === undefined || key === undefined ? undefined : KeyPairWatch.open({ cert, key }, logger);
  if (keyPairs?.ok === false) throw new OptionsError(keyPairs.failure);
  /** On this machine's own addresses nothing can be read on the way, and no certificate is for them. */
  const adminKeyPairs = isReachedByThisMachineAlone(options.adminHost) ? undefined : keyPairs;

  const dev = options.dev
    ? new DevTools({
        folders: options.games,
        games: games.value,
        now,
        onReport: (sentence, game) => logger.error({ game }, sentence),
        onGames: ({ added, removed }) => {
          for (const game of added)
            logger.info({ game }, `a game was added; its playground is at ${playgroundOf(game)}`);
          for (const game of removed) logger.info({ game }, "a game was removed");
        },
        onError: (error) => logger.warn({ err: error }, "changes of files cannot be watched; reload pages by hand"),
      })
    : undefined;
  /** Where this machine itself finds the server, once it listens on a port of its own. */
  let ownUrl: string | undefined;
  const playgroundOf = (game: string): string =>
    `${ownUrl ?? publicUrl.reach().publicUrl}/playground/${encodeURIComponent(game)}?phones=4`;
  const publicUrl = new PublicUrl({
    configured: options.publicUrl,
    network: extras.network ?? new NetworkObserver(),
    now,
    onChange: (reach) => logger.info(reach, "the address for phones has changed"),
  });
  if (options.stateFile !== undefined && extras.directory !== undefined) throw new OptionsError(FILE_AND_DIRECTORY);
  const opened = options.stateFile === undefined ? undefined : StateFile.open(options.stateFile, logger);
  if (opened?.ok === false) throw new OptionsError(opened.failure);
  const stateFile = opened?.value;
  const backend = openBackend(options, extras, logger);
  const core = createServerCore({
    options,
    backend: backend?.between,
    extras,
    logger,
    publicUrl: () => publicUrl.reach().publicUrl,
    stateFile,
    figuresOfOthers: place && (() => place.askOthers("metrics")),
  });
  const { hub, rooms, channels, bans, events, hookRunner, drain, tokens, metrics, adminView, budget, clock } = core;
  const { cluster: nodes, directory, spread } = core;
  const { connections, webSockets, tcp, transports, addressOf, trustedProxies, requestIdOf, origins } = core;
  const { isOriginAllowed } = core;
  const tokenGate = tokens?.gate;
  const onHttpBug = (error: unknown, request: IncomingMessage): void =>
    logger.error({ requestId: requestIdOf(request), err: error }, "a request met a bug and was answered 500");
  const apiKeys = options.apiKey === undefined ? undefined : new ApiKeys({ keys: splitList(options.apiKey), now });
  const apiAccess = apiKeys && createAccess({ keys: apiKeys, tokens: tokenGate, bans, addressOf });
  const recordings = new Recordings({ clock, budget });
  const record = (code: string): void => {
    const room = hub.find(code);
    if (room === undefined || !hub.hasHostPage(room)) return;
    const started = recordings.start(room);
    if (started.ok) onRecording?.({ code, game: room.name }, started.value);
  };
  if (onRecording !== undefined) {
    for (const { room } of hub.opened) if (room.code !== undefined) record(room.code);
    events.on("roomCreated", ({ room: { code } }) => {
      if (code !== undefined) record(code);
    });
  }
  const nodeRooms = new NodeRooms({
    hub,
    openRooms: rooms,
    clock,
    recordings,
    publicUrl: () => publicUrl.reach().publicUrl,
  });
  const kindOf = (code: string): string | undefined => (rooms.hasCode(code) ? rooms.get(code)?.kind : undefined);
  const allRooms =
    nodes &&
    directory &&
    new AllRooms({
      rooms: nodeRooms,
      homes: nodes.rooms,
      calls: nodes.calls,
      clock,
      self: () => nodes.self,
      nodes: () => directory.nodes(),
    });
  const lookups = nodes && new AllLookups({ hub, kindOf, homes: nodes.rooms, calls: nodes.calls, clock });
  const overlayFactsOf = overlayFacts({
    hub,
    shown: core.shownOnOverlays,
    nodes: nodes && { homes: nodes.rooms, calls: nodes.calls },
  });
  const api = createApi({
    rooms: allRooms ?? nodeRooms,
    bans,
    channels,
    tokens: tokens?.issuer,
    budget,
    version: packageVersion(),
    addressOf,
    rate: options.apiRate,
    now,
    onError: onHttpBug,
  });
  const ownHealth = (): Health => ({
    rooms: hub.roomCount,
    players: hub.playerCount,
    audience: hub.audienceCount,
    connections: connections.socketCount,
    memory: { used: budget.used, limit: budget.limit, cuts: budget.cuts },
  });
  if (nodes !== undefined && spread !== undefined) {
    if (apiKeys !== undefined) spread.addTries("keys", apiKeys.wrongTries);
    spread.addTries("refreshes", api.wrongRefreshes);
    spread.addFacts(api.idempotency);
    api.idempotency.shareWith({ once: spread.once("once"), calls: nodes.calls });
  }
  const health: HttpAppOptions["health"] = async () =>
    place === undefined ? ownHealth() : sumOfHealth(ownHealth(), await place.askOthers("health"));
  const readiness = (): Readiness => ({ bus: core.busStatus(), draining: drain.hasBegun });
  const requests: RequestLogOptions = {
    requestIdOf,
    now,
    onAnswered({ route = "", ...request }) {
      logger.debug(request, "request answered");
      if (OF_API.test(route)) metrics?.countApiRequest(route, request.status);
    },
  };
  const { adminPort } = options;
  const admin =
    adminPort === undefined || adminView === undefined || apiKeys === undefined
      ? undefined
      : createAdmin({
          ...options,
          adminPort,
          view: adminView,
          hub,
          rooms: nodeRooms,
          others: nodes && { homes: nodes.rooms, calls: nodes.calls },
          keys: apiKeys,
          apiFor: (access = apiAccess) => api.router({ access, ownsAll: true, hasMemberTokens: true, basePath: "" }),
          probes: createProbes({
            health,
            readiness,
            isForAnyOrigin: false,
            metrics: metrics &&
              apiAccess && {
                metrics,
                access: apiAccess,
                isOpenToThisMachine: isReachedByThisMachineAlone(options.adminHost),
              },
          }),
          requests,
          connectionCount: () => connections.socketCount,
          publicUrl: () => publicUrl.reach().publicUrl,
          addressOf,
          trustedProxies,
          keyPairs: adminKeyPairs?.value,
          budget,
          version: packageVersion(),
          now,
          wallClock: Date.now,
          onError: (error, what) => logger.error({ err: error }, what),
        });
  const logLostUpgrade = createAddressLog(logger, now, LOST_UPGRADE);
  const appOptions: HttpAppOptions = {
    rooms: lookups ?? hub,
    overlayFactsOf,
    kindOf,
    addressOf,
    games: games.value,
    publicUrl: () => publicUrl.reach().publicUrl,
    basePath,
    isPublicUrlConfigured: publicUrl.isConfigured,
    tokens: tokenGate,
    trustedProxies,
    version: packageVersion(),
    dev,
    onLostUpgrade: (request) => logLostUpgrade(addressOf(request)),
    requests,
    readiness,
    metrics: metrics && apiAccess && { metrics, access: apiAccess },
    onError: onHttpBug,
    api: () =>
      api.router({
        access: apiAccess,
        ownsAll: false,
        hasMemberTokens: true,
        basePath,
        isListedOrigin: origins.isRestricted ? (origin) => origins.isListed(origin) : undefined,
      }),
    health,
    ...(extras.routes !== undefined && { routes: createRoutes(extras.routes) }),
  };
  let mounted: Express | undefined;
  const guestApp = (): Express => (mounted ??= createGuestApp(appOptions));
  /** Each detaches this server from one HTTP server. */
  const detachments: (() => void)[] = [];
  let isClosed = false;
  let closing: Promise<void> | undefined;
  const end = async (drained: Promise<void>): Promise<void> => {
    await hookRunner.shutDown();
    await drained;
    await whenBound;
    const isFree = new Promise<void>((resolve) => http.close(() => resolve()));
    await nodes?.beforeEnd();
    await stateFile?.write();
    stateFile?.freeze(); // the rooms that end now are there again after the restart
    rooms.drain();
    hub.drain();
    const areGone = connections.drain();
    channels.close(); // every line has been told, and other nodes take channels over while this one has its lease
    void nodes?.leave(); // and `end` waits for it
    await stateFile?.close();
    await areGone;
    api.close();
    await dev?.close();
    await Promise.all(transports.map((transport) => transport.drain()));
    closeAllConnections();
    for (const detach of detachments) detach(); // after the drain, so that phones which connect meanwhile are told of the restart
    await isFree;
    spread?.close();
    await nodes?.end();
    await backend?.close();
    metrics?.close();
    await admin?.close();
  };
  const takeStateFile = async (): Promise<void> => {
    const problem = await stateFile?.begin();
    if (problem !== undefined) throw new OptionsError(problem);
  };
  const joinOthers = async (): Promise<void> => {
    await backend?.whenLoaded;
    await nodes?.start();
    await spread?.start(); // so that bans hold for the first peer, too
  };
  const bind = async (): Promise<void> => {
    await joinOthers();
    await takeStateFile();
    await Promise.all([...transports.map((transport) => transport.listen()), admin?.listen()]);
    if (place !== undefined) return place.source.feed(http);
    await new Promise<void>((resolve, reject) => {
      http.once("error", reject);
      http.listen({ port: options.port, host: options.host, backlog: BACKLOG }, () => {
        http.off("error", reject);
        http.on("error", (error) => logger.error({ err: error }, "the listening socket failed"));
        resolve();
      });
    });
  };
  /** Fulfilled once no `bind` is under way. Node cannot close a server that is still looking up its address: it would listen afterwards. */
  let whenBound: Promise<unknown> = Promise.resolve();
  const {
    server: http,
    answer,
    whenAnswered,
    closeAllConnections,
  } = createHttpServer({
    ...options,
    keyPairs: keyPairs?.value,
    app: createHttpApp(appOptions),
    budget,
    webSocketCount: () => connections.socketCount,
    addressOf,
    requestIdOf,
    isProbe: ({ url = "" }) => isProbe(url, basePath),
    now,
  });
  const upgrade = (request: IncomingMessage, stream: Duplex, head: Buffer, answerPlain: RequestListener): void => {
    if (stream instanceof Socket) stream.setTimeout(0); // a WebSocket has its own heartbeat
    request.url = withoutBasePath(request.url ?? "/", basePath);
    if (dev?.isSocketPath(request.url) === true && isOriginAllowed(request)) dev.accept(request, stream, head);
    else if (!webSockets.handleUpgrade(request, stream, head)) answerWithoutUpgrade(answerPlain, request, stream);
  };
  http.on("upgrade", (request, stream, head) => {
    if (stream instanceof Socket)
      whenAnswered(stream, () => {
        if (place?.source.passOn(request, stream, head) !== true) upgrade(request, stream, head, answer);
      });
    else upgrade(request, stream, head, answer);
  });

  return {
    hub,
    rooms,
    channels,
    answerWorker: async (what) => (what === "health" ? ownHealth() : metrics?.figures()),

    get connectionCount() {
      return connections.connectionCount;
    },

    get publicUrl() {
      return publicUrl.reach().publicUrl;
    },

    get app() {
      return guestApp();
    },

    attach(httpServer, { pages = true } = {}) {
      if (cluster.isWorker) throw new OptionsError(NO_CLUSTER);
      if (isClosed) throw new Error("This server is closed; create another one to attach.");
      const detach = attachTo(httpServer, {
        basePath,
        ...(pages && { answer: answerAsGuest(guestApp()) }),
        upgrade: (request, stream, head) => {
          const { url = "/" } = request;
          const path = withoutBasePath(url, basePath);
          if (!isWebSocketPath(path, tokenGate !== undefined) && dev?.isSocketPath(path) !== true) return false;
          upgrade(request, stream, head, (plain, response) => {
            plain.url = url;
            httpServer.emit("request", plain, response);
          });
          return true;
        },
        onListening: (bound) => {
          joinOthers().catch((error: unknown) => logger.error({ err: error }, "the other nodes cannot be joined"));
          publicUrl
            .bind(bound)
            .catch((error: unknown) => logger.error({ err: error }, "the networks cannot be examined"));
          void dev?.start();
          takeStateFile().catch((error: unknown) => logger.error({ err: error }, "the rooms are not kept"));
          admin?.listen().then(
            () => logger.info({ adminUrl: admin.url }, "the admin page is ready"),
            (error: unknown) => logger.error({ err: error }, "the port of the admin page cannot be had"),
          );
          tcp?.listen().then(
            () => logger.info({ tcpPort: tcp.port, tcpHost: options.tcpHost }, "listening for TCP"),
            (error: unknown) => logger.error({ err: error }, "the TCP port cannot be had"),
          );
        },
      });
      detachments.push(detach);
    },

    async listen() {
      if (cluster.isWorker) throw new OptionsError(NO_CLUSTER);
      if (isClosed) throw new Error("This server is closed; create another one to listen.");
      const binding = bind();
      whenBound = Promise.allSettled([whenBound, binding]);
      await binding;
      if (isClosed) throw new Error("This server was closed before it listened.");
      const bound = place?.source.bound ?? http.address();
      if (typeof bound !== "object" || bound === null) throw new Error("The server has no address.");
      const { address, port } = bound;
      const scheme = keyPairs === undefined ? "http" : "https";
      const reach = await publicUrl.bind({ ...bound, scheme });
      await dev?.start();
      const boundTcp = tcp?.port;
      if (boundTcp !== undefined && !isReachedByThisMachineAlone(options.tcpHost))
        logger.warn({ tcpHost: options.tcpHost }, OPEN_TCP);
      const adminUrl = admin?.url;
      if (adminUrl?.startsWith("http:") === true && !isReachedByThisMachineAlone(options.adminHost))
        logger.warn({ adminHost: options.adminHost }, OPEN_ADMIN);
      if (options.jwksUrl?.startsWith("http:") === true && !isLoopbackName(new URL(options.jwksUrl).hostname))
        logger.warn({ jwksUrl: options.jwksUrl }, OPEN_KEYS);
      const url = (ownUrl = `${scheme}://${EVERY_ADDRESS.has(address) ? "localhost" : bracketed(address)}:${port}`);
      const playgrounds = games.value.list.map(({ name }) => playgroundOf(name));
      return {
        port,
        url,
        ...reach,
        ...(options.dev && { playgrounds }),
        ...(boundTcp !== undefined && { tcpPort: boundTcp }),
        ...(adminUrl !== undefined && { adminUrl }),
      };
    },

    bans,

    tokens: tokens?.issuer,

    on: (event, listener) => events.on(event, listener),

    off: (event, listener) => events.off(event, listener),

    async close({ drainMs = options.dev ? 0 : options.drainMs } = {}) {
      if (!(drainMs >= 0)) throw new TypeError(`drainMs is ${drainMs}, but has to be a number of milliseconds.`);
      isClosed = true;
      rooms.stopOpening();
      hub.stopOpening();
      void stateFile?.write();
      const running = hub.runningRoomCount;
      if (!drain.hasBegun && running > 0 && drainMs > 0)
        logger.info({ rooms: running, drainMs }, "rooms may go on for a while");
      const drained = drain.wait(drainMs);
      await (closing ??= end(drained));
    },
  };
}

/** The routes of the HTTP API, but for those that pages ask. */
const OF_API = /^(?:\/api\/(?!info$)|\/token$)/;

/** Workers of node:cluster share a port but not their rooms. A phone that reached the wrong worker would be told that its room does not exist, which is final. */
const NO_CLUSTER =
  "This process is a worker of node:cluster: workers share a port but not their rooms. Start one process by itself (PM2: exec_mode fork); COUCHWIRE_WORKERS lets it share the cores.";

/** A program's server is in the program's process. */
const NO_WORKERS =
  "workers is an option of the command couchwire alone: a server that a program makes is one process. Start several such programs that share a bus, or let the command share the cores (COUCHWIRE_WORKERS).";

/** Of two places that keep the rooms one would be older. */
const FILE_AND_DIRECTORY = "stateFile is for one node by itself: the directory of the cluster keeps the rooms.";

/** The wire of TCP has neither names nor passwords. */
const OPEN_TCP = "the TCP port can be reached from other machines, and asks for neither a name nor a password";

/** Where no proxy speaks https in front of it, the key of the admin page can be read on the way. */
const OPEN_ADMIN = "the admin page can be reached from other machines over plain http: put a proxy with https in front";

/** The keys of the identity provider decide which tokens count. */
const OPEN_KEYS =
  "the keys of COUCHWIRE_JWKS_URL come over plain http, where the network can put in its own: use https";

/**
 * Connections that the system queues until the server accepts them (Linux allows `net.core.somaxconn`, 4096). Node's default of 511 is too
 * small for many phones that reconnect at once: they would wait for a second, or be reset.
 */
export const BACKLOG = 4_096;
