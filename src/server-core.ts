/** What a server is without its pages: its rooms, channels, tokens and connections, put together. Nothing here listens by itself. */
import type { IncomingMessage } from "node:http";
import { performance } from "node:perf_hooks"; // the global one is looked up anew each time, which each frame would pay for
import type { Logger } from "pino";
import { createAdmission } from "./admission/admission.ts";
import { createTokenAccess } from "./admission/token-access.ts";
import { Origins } from "./auth/origins.ts";
import { createChannels } from "./cluster/channels/create-channels.ts";
import { Cluster } from "./cluster/cluster.ts";
import { createMemberJoins } from "./cluster/link/member-joins.ts";
import { countedBus, type CountedBus } from "./cluster/counted-bus.ts";
import { createSpread } from "./cluster/spread/create-spread.ts";
import type { Backend } from "./cluster/deferred-backend.ts";
import { createChannelLines } from "./channels/channel-lines.ts";
import { createRoomChannels } from "./channels/room-channels.ts";
import { keepShown } from "./channels/shown-on-overlays.ts";
import { proxiedAddress, socketAddress } from "./address/client-address.ts";
import { createOwnOrigins } from "./address/own-origins.ts";
import { OptionsError, parseStandingRooms, splitList, type Options } from "./config.ts";
import { checkedKinds, relay, type RoomKind } from "./games/define-room.ts";
import { MemberHooks } from "./games/member-hooks.ts";
import { OpenRooms, type OpenRoomsOptions } from "./games/open-rooms.ts";
import { nearestName } from "./nearest-name.ts";
import { Drain } from "./drain.ts";
import { createRequestIds, newRequestId } from "./address/request-id.ts";
import { checkHooks } from "./games/check-hooks.ts";
import { createConnectGuard, createJoinGuard } from "./games/hook-guards.ts";
import { HookRunner } from "./games/hook-runner.ts";
import type { Hooks } from "./games/hooks.ts";
import { createHostRoomHooks } from "./games/host-room-hooks.ts";
import { RoomEvents } from "./games/room-events.ts";
import { createAdminView } from "./http/admin/admin-view.ts";
import { Bans } from "./hub/bans.ts";
import { Hub } from "./hub/hub.ts";
import type { ReopenFailure, RoomRecord } from "./hub/room-record.ts";
import { createLocalRooms } from "./local-rooms.ts";
import { createActivityLog } from "./log/activity-log.ts";
import { createAddressLog } from "./log/address-log.ts";
import { createMetrics, type NodeTraffic } from "./metrics/metrics.ts";
import { MemoryBudget } from "./room/memory-budget.ts";
import type { Clock } from "./room/ports.ts";
import { createSlicedTimers } from "./sliced-timers.ts";
import { packageVersion } from "./package-version.ts";
import { directoryTerms } from "./server-backend.ts";
import type { StateFile } from "./state-file/state-file.ts";
import { ConnectionManager } from "./transport/connection-manager.ts";
import { TokenTerms } from "./transport/token-terms.ts";
import { createTcpTransport } from "./transport/tcp/tcp-transport.ts";
import type { Transport } from "./transport/transport.ts";
import { combineObservers, type ServerObserver } from "./server-observer.ts";
import { createWebSocketTransport } from "./transport/websocket/websocket-transport.ts";

export interface ServerCoreOptions {
  readonly options: Options;
  /** What is between this node and others. @default there are no others */
  readonly backend: Backend | undefined;
  readonly extras: CoreExtras;
  readonly logger: Logger;
  /** The address for phones now. */
  readonly publicUrl: () => string;
  /** The figures of other processes behind the same port. @default there are none */
  readonly figuresOfOthers?: (() => Promise<readonly unknown[]>) | undefined;
  /** Keeps the rooms over a restart. @default they end with the process */
  readonly stateFile?: StateFile | undefined;
}

/** What a program says about the rooms of its server. */
export interface CoreExtras {
  /** Functions that are asked before something happens in any room, such as `onJoin`, and may refuse or change it. @default none */
  readonly hooks?: Hooks;
  /** Kinds of open rooms, beside `relay`. @default none */
  readonly rooms?: readonly RoomKind[];
  /** Functions that are called when something happens, such as `playerJoined`. @default none */
  readonly observers?: readonly ServerObserver[];
}

/** Milliseconds of a clock that never goes back. */
export const now = (): number => performance.now();

/** Throws `OptionsError` where an option names a kind of room that is not there, and `TypeError` where a hook or an observer is wrong. */
export function createServerCore({
  options,
  backend,
  extras,
  logger,
  publicUrl,
  figuresOfOthers,
  stateFile,
}: ServerCoreOptions) {
  const metrics = hasMetrics(options)
    ? createMetrics({
        census: () => hub.census,
        openRooms: () => rooms.countsByKind(),
        connections: () => connections.census(),
        channels: () => ({ channels: channels.channelCount, subscriptions: channels.subscriptionCount }),
        budget: () => budget,
        isDraining: () => drain.hasBegun,
        bus: () => busStatus(cluster),
        nodes: () => nodeTrafficOf(cluster, bus),
        version: packageVersion(),
        engine: options.wsEngine,
        figuresOfOthers,
      })
    : undefined;
  const adminView =
    options.adminPort === undefined
      ? undefined
      : createAdminView({
          now,
          wallClock: Date.now,
          budget: () => budget,
          counts: () => ({
            rooms: hub.roomCount,
            players: hub.playerCount,
            connections: connections.socketCount,
            memory: budget.used,
          }),
        });
  const observer = combineObservers({
    log: createActivityLog(logger, now),
    own: [metrics?.observer, adminView?.observer].filter((each) => each !== undefined),
    observers: extras.observers ?? [],
    onBug: (error) => logger.error({ err: error }, "an observer failed; its further errors are not logged"),
  });
  const budget = new MemoryBudget({
    limit: options.memory,
    schedule: queueMicrotask,
    onCut: (bytes) => observer.memoryCut({ bytes, limit: options.memory }),
  });
  const clock: Clock = {
    now,
    time: () => Math.round(performance.timeOrigin + now()),
    after: createSlicedTimers({ now, onBug: (error) => logger.error({ err: error }, "a timer of a room met a bug") }),
  };
  const bus = backend && countedBus(backend.bus);
  const directory = backend?.directory;
  const between = bus && { bus, directory };
  const cluster = createCluster({ options, backend: between, clock, budget, logger });
  const channels = createChannels({
    backend: between,
    cluster,
    prefix: options.busPrefix,
    leaseMs: options.leaseMs,
    clock,
    budget,
    onPublished: metrics && ((delivered) => metrics.countPublication(delivered)),
    onFailure: (error) => logger.debug({ err: error }, "other nodes could not be asked about a channel"),
  });
  const hooks = checkHooks(extras.hooks ?? {});
  const hookRunner = new HookRunner({
    hooks,
    clock,
    onFailure: (error, failure) => logger.error({ ...failure, err: error }, "a hook failed"),
  });
  const events = new RoomEvents({
    runner: hookRunner,
    onBug: (error, event) =>
      logger.error({ event, err: error }, "a listener failed; its further errors are not logged"),
  });
  const bans = new Bans({
    wallClock: Date.now,
    onBan(isBanned, reason) {
      hub.expel(isBanned, reason);
      connections.expel(isBanned, reason);
    },
  });
  const shownOnOverlays = keepShown(createRoomChannels(channels), budget);
  const hub: Hub = new Hub({
    ...options,
    limits: options,
    observer,
    clock,
    budget,
    channels: shownOnOverlays,
    roomHooks: createHostRoomHooks({ runner: hookRunner, events, budget, clock, sendQueue: options.sendQueue }),
    publicUrl,
    codes: cluster?.rooms.codes,
    records: cluster?.rooms ?? stateFile,
  });
  const { hostRooms = [], openRooms = [] } = stateFile?.takeRecords() ?? {};
  const onNotReopened = ({ code, name }: RoomRecord, why: ReopenFailure): void =>
    logger.warn({ room: code ?? name, why }, "a room of the state file could not be reopened");
  const rooms = openRoomsOf(options, {
    hub,
    kinds: extras.rooms ?? [],
    limits: options,
    clock,
    wallClock: () => Date.now(),
    budget,
    bans,
    claimName: cluster && ((name) => cluster.rooms.claimName(name)),
    hooks: new MemberHooks({ runner: hookRunner, events, sendQueue: options.sendQueue }),
    onFault: ({ room, kind, handler, error }) =>
      logger.error({ room, kind, handler, err: error }, "a function of a room failed"),
    records: openRooms,
    onNotReopened,
  });
  stateFile?.attach({ budget, recordOf: (room) => hub.recordOf(room) ?? rooms.recordOf(room) });
  for (const record of hostRooms) {
    const reopened = hub.reopen(record);
    if (!reopened.ok) onNotReopened(record, reopened.failure);
  }
  const recorded = hostRooms.length + openRooms.length;
  if (recorded > 0) logger.info({ rooms: hub.roomCount, recorded }, "rooms are open again");
  const drain = new Drain({ clock, runningRooms: () => hub.runningRoomCount });
  const addressOf = options.trustProxy === undefined ? socketAddress : proxiedAddress(splitList(options.trustProxy));
  const trustedProxies = options.trustProxy === undefined ? [] : splitList(options.trustProxy);
  const requestIdOf = createRequestIds(trustedProxies);
  const tokens = createTokenAccess(options, {
    now,
    bans,
    onKeysFailure: (error) =>
      logger.warn({ reason: reasonOf(error) }, "the keys of COUCHWIRE_JWKS_URL could not be fetched"),
  });
  const tokenGate = tokens?.gate;
  const spread =
    cluster &&
    directory &&
    createSpread({
      calls: cluster.calls,
      directory,
      self: () => cluster.self,
      bans,
      temporaryBans: hub.temporaryBans,
      tokens,
      clock,
      onWrong: createFaultLog(logger, now),
    });
  spread?.addTries("codes", hub.wrongCodes.anywhere);
  spread?.addTries("codes at home", hub.wrongCodes.atHome);
  if (tokenGate !== undefined) spread?.addTries("tokens", tokenGate.wrongTries);
  const tokensFrom = requiredTokens(options);
  const connections = new ConnectionManager({
    ...options,
    admission: createAdmission({
      ...options,
      hub,
      otherNodes: cluster,
      bans,
      members: {
        rooms,
        tokenGate,
        mayOpenKind: (kind) => mayPagesOpen(options, kind),
        channels: createChannelLines({ channels, clock, budget }),
      },
      tokensFrom,
      connectGuard: createConnectGuard(hookRunner),
      joinGuard: createJoinGuard(hookRunner),
    }),
    admissionMs: admissionMsFor(hooks, extras.rooms ?? []),
    tokenTerms: new TokenTerms({ clock, revocations: tokens?.revocations }),
    budget,
    now,
    onBug: (error, about) => logger.error({ ...about, err: error }, "a frame met a bug; its sender was closed"),
    onRefused: (why, requestId) => observer.connectionRefused({ why, requestId }),
    onLetIn: ({ requestId, transport, path }, peer) =>
      logger.debug({ requestId, transport, path, ...peer }, "connection let in"),
    onRoundTrip: metrics && ((ms) => metrics.countPing(ms)),
  });
  cluster?.attach({
    connections,
    rooms: createLocalRooms(hub, rooms, { mayOpenByName: openKindsOf(options).length > 0, logger }),
    joinMember: createMemberJoins({ rooms, hub }),
    onJoined() {
      rooms.standUp();
      void spread?.busIsBack();
    },
    onBusBack: () => void spread?.busIsBack(),
  });
  const logForeignOrigin = createAddressLog(logger, now, FOREIGN_ORIGIN);
  const origins = new Origins(options.origins);
  const isOriginAllowed = createOriginCheck({
    origins,
    ownOrigins: createOwnOrigins({ trustedProxies, publicUrl, isPublicUrlConfigured: options.publicUrl !== undefined }),
    onForeign: (request, origin) => logForeignOrigin(addressOf(request), { origin }),
  });
  const webSockets = createWebSocketTransport({
    ...options,
    connections,
    addressOf,
    requestIdOf,
    isOriginAllowed,
    onRefused(upgrade) {
      logger.debug(upgrade, "upgrade refused");
      metrics?.countRefusedUpgrade(upgrade.status);
    },
    hasTokens: tokenGate !== undefined,
  });
  const { tcpPort } = options;
  const tcp =
    tcpPort === undefined
      ? undefined
      : createTcpTransport({
          ...options,
          tcpPort,
          connections,
          rooms,
          hub,
          otherRooms: cluster?.otherRooms,
          tokenGate,
          isTokenRequired: tokensFrom.has("players"),
          now,
          newRequestId,
          onError: (error) => logger.error({ err: error }, "the listening socket for TCP failed"),
        });
  const transports: readonly Transport[] = tcp === undefined ? [webSockets] : [webSockets, tcp];
  return {
    cluster,
    directory,
    spread,
    busStatus: () => busStatus(cluster),
    hub,
    rooms,
    channels,
    shownOnOverlays,
    bans,
    events,
    hookRunner,
    drain,
    tokens,
    metrics,
    adminView,
    budget,
    clock,
    connections,
    webSockets,
    tcp,
    transports,
    addressOf,
    trustedProxies,
    requestIdOf,
    origins,
    isOriginAllowed,
  };
}

/** Who has to show a token. */
function requiredTokens({ requireToken }: Options): ReadonlySet<string> {
  return new Set(requireToken === "both" ? ["hosts", "players"] : splitList(requireToken));
}

interface OriginCheckOptions {
  readonly origins: Origins;
  readonly ownOrigins: (request: IncomingMessage) => readonly string[];
  readonly onForeign: (request: IncomingMessage, origin: string | undefined) => void;
}

/** Tells whether the page that sent a request may open a connection. */
function createOriginCheck({ origins, ownOrigins, onForeign }: OriginCheckOptions) {
  return (request: IncomingMessage): boolean => {
    const { origin } = request.headers;
    if (!origins.isRestricted || origins.isAllowed(origin, ownOrigins(request))) return true;
    onForeign(request, origin?.slice(0, MAX_LOGGED_ORIGIN));
    return false;
  };
}

/** Characters of a foreign origin in the log. */
const MAX_LOGGED_ORIGIN = 200;
const FOREIGN_ORIGIN = "a page was refused, since its origin is not in COUCHWIRE_ORIGINS";

/** Whether Prometheus can read any figures: there is a key, or a port, for that. */
function hasMetrics({ apiKey }: Options): boolean {
  return apiKey !== undefined;
}

/** What goes between this node and others; nothing where there are none. */
function nodeTrafficOf(cluster: Cluster | undefined, bus: CountedBus | undefined): NodeTraffic | undefined {
  if (bus === undefined) return undefined;
  const { atHome: linksIn, atEdge: linksOut } = cluster?.links ?? { atHome: 0, atEdge: 0 };
  return { ...bus.traffic, linksIn, linksOut };
}

/** Logs what is wrong with what other nodes say, once a minute. */
function createFaultLog(logger: Logger, time: () => number) {
  let toldAt = -Infinity;
  return (problem: string, from: string): void => {
    if (time() - toldAt < FAULT_LOG_MS) return;
    toldAt = time();
    logger.warn({ from, problem }, "another node has said something wrong");
  };
}

const FAULT_LOG_MS = 60_000;

/** Whether this node can reach the others, if there may be others. */
function busStatus(cluster: Cluster | undefined): "up" | "down" | "none" {
  if (cluster === undefined) return "none";
  return cluster.isUp ? "up" : "down";
}

interface ClusterParts extends Pick<ServerCoreOptions, "options" | "backend" | "logger"> {
  readonly clock: Clock;
  readonly budget: MemoryBudget;
}

/** This node among others; `undefined` where there are none, or where they share channels alone. */
function createCluster({ options, backend, clock, budget, logger }: ClusterParts): Cluster | undefined {
  if (backend?.directory === undefined) return undefined;
  const { bus, directory } = backend;
  const { busPrefix, codeCooldownMs } = options;
  return new Cluster({
    bus,
    directory,
    terms: directoryTerms(options),
    prefix: busPrefix,
    codeCooldownMs,
    clock,
    budget,
    onFault: (sentence, about) => logger.warn(about, sentence),
    onBug: (error) => logger.error({ err: error }, "a message from another node met a bug"),
  });
}

/** How long the admission may take, in milliseconds: each function of the program that it asks has five seconds of its own. */
function admissionMsFor({ onConnect, onCreate, onJoin }: Hooks, kinds: readonly RoomKind[]): number {
  const ofKinds = kinds.find((kind) => kind.onJoin !== undefined);
  const asked = [onConnect, onCreate, onJoin, ofKinds].filter((each) => each !== undefined);
  return ADMISSION_MS * (1 + asked.length);
}

const ADMISSION_MS = 5_000;

function openKindsOf({ openRooms }: Options): readonly string[] {
  return openRooms === "none" ? [] : splitList(openRooms);
}

/** Whether a page without a token may open a room of this kind. */
function mayPagesOpen(options: Options, kind: string): boolean {
  const kinds = openKindsOf(options);
  return kinds.includes("*") || kinds.includes(kind);
}

/** The open rooms as the options want them. Throws where they name a kind that is not there. */
function openRoomsOf(options: Options, rest: Omit<OpenRoomsOptions, "openKinds" | "standing">): OpenRooms {
  const standing = parseStandingRooms(options.standingRooms ?? "") ?? new Map<string, string>();
  const kinds = [relay.kind, ...checkedKinds(rest.kinds).map(({ kind }) => kind)];
  const named = {
    openRooms: openKindsOf(options).filter((kind) => kind !== "*"),
    standingRooms: [...standing.values()],
  };
  for (const [field, names] of Object.entries(named)) {
    const unknown = names.find((kind) => !kinds.includes(kind));
    if (unknown === undefined) continue;
    const near = nearestName(unknown, kinds);
    const help = near === undefined ? `there are ${kinds.join(", ")}.` : `did you mean ${near}?`;
    throw new OptionsError(`${field} names the kind of room ${unknown}, which is not there; ${help}`);
  }
  return new OpenRooms({ ...rest, openKinds: openKindsOf(options), standing });
}

/** In one line: a network's error is the cause of one that says nothing but that the fetch failed. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${reasonOf(error.cause)}`;
}
