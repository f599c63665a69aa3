/**
 * The figures of one server for Prometheus. What can be counted when it is asked for is counted then; the rest comes from the observers, which hear of rooms
 * and people. A frame costs nothing here. docs/METRICS.md explains each of them.
 */
import type { Census } from "../hub/hub.ts";
import { CLOSE_CODES, type CloseName } from "../protocol/close-codes.ts";
import type { MemoryBudget } from "../room/memory-budget.ts";
import type { CompleteObserver } from "../server-observer.ts";
import { measureEventLoopDelay } from "./event-loop-delay.ts";
import { Instruments } from "./instruments.ts";
import { addProcessMetrics } from "./process-metrics.ts";
import { TrafficSums } from "./traffic-sums.ts";

/** What the figures are read from. */
export interface MetricsSources {
  readonly census: () => Census;
  /** Open rooms by their kind: all kinds that there are. */
  readonly openRooms: () => ReadonlyMap<string, number>;
  readonly connections: () => ConnectionCensus;
  readonly channels: () => { readonly channels: number; readonly subscriptions: number };
  readonly budget: () => Pick<MemoryBudget, "used" | "limit" | "cuts">;
  readonly isDraining: () => boolean;
  readonly bus: () => (typeof BUS_STATES)[number];
  /** What goes between nodes. @default there are no other nodes */
  readonly nodes?: () => NodeTraffic | undefined;
  readonly version: string;
  /** What reads and writes WebSocket frames. */
  readonly engine: string;
  /** What `figures` of other processes behind the same port gives. @default there are none */
  readonly figuresOfOthers?: (() => Promise<readonly unknown[]>) | undefined;
}

/** The connections of a server at one moment. Those whose sockets are at other nodes count there, as `linksIn` here. */
export interface ConnectionCensus {
  readonly websocket: number;
  readonly tcp: number;
  /** Bytes that wait here to be written to all of them, and to links. */
  readonly queuedBytes: number;
}

/** What this node has said to others and heard from them, and the connections that are passed on now. */
export interface NodeTraffic {
  readonly messagesIn: number;
  readonly messagesOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Connections that arrive here and whose rooms are at other nodes. */
  readonly linksOut: number;
  /** Connections that arrive at other nodes and whose rooms are here. */
  readonly linksIn: number;
}

/** The happenings that are counted. */
type Counted = Pick<
  CompleteObserver,
  | "roomOpened"
  | "roomClosed"
  | "playerJoined"
  | "playerAway"
  | "playerBack"
  | "playerLeft"
  | "playerGap"
  | "frameRefused"
  | "hostBack"
  | "connectionRefused"
>;

export interface Metrics {
  /** Counts what happens. */
  readonly observer: Counted;
  readonly contentType: string;
  /** The text that Prometheus reads: with the figures of others added. */
  read(): Promise<string>;
  /** The figures of this process, for another to add. */
  figures(): Promise<unknown>;
  /** The way to a peer and back took so many milliseconds. */
  countPing(ms: number): void;
  /** A message was published to a channel, and went to so many subscribers. */
  countPublication(delivered: number): void;
  /** A request for a WebSocket was answered with this HTTP status. */
  countRefusedUpgrade(status: number): void;
  /** `route` as it is declared, such as `/api/rooms/:id`, since what a client asks for could be anything. */
  countApiRequest(route: string, status: number): void;
  close(): void;
}

const BUS_STATES = ["none", "up", "down"] as const;
/** From a wire in the same house to a phone on a bad mobile network. */
const PING_BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
/** The peer hung up before it had an answer. */
const HUNG_UP: CloseName = "normal";

export function createMetrics(sources: MetricsSources): Metrics {
  const instruments = new Instruments();
  const traffic = new TrafficSums();
  addCensus(instruments, sources);
  addResources(instruments, sources);
  addTraffic(instruments, traffic);
  addNodeTraffic(instruments, sources);
  const refusals = instruments.counter(
    "couchwire_refusals_total",
    "Connections that were turned away, by close code or HTTP status, and refused frames of hosts, by error code.",
    ["code"],
  );
  const observer = addHappenings(instruments, traffic, (code) => refusals.inc({ code }));
  const pings = instruments.histogram(
    "couchwire_ping_seconds",
    "Round trips of the server's pings to its peers.",
    PING_BUCKETS_SECONDS,
  );
  const publications = instruments.counter("couchwire_publications_total", "Messages that were published to channels.");
  const deliveries = instruments.counter(
    "couchwire_publications_delivered_total",
    "Subscribers that messages published to channels went to.",
  );
  const apiRequests = instruments.counter(
    "couchwire_api_requests_total",
    "Requests to the HTTP API that were answered, by route and status.",
    ["route", "status"],
  );
  addProcessMetrics(instruments);
  const stopMeasuring = measureEventLoopDelay(instruments);
  return {
    observer,
    contentType: instruments.contentType,
    read: () => instruments.read(sources.figuresOfOthers),
    figures: () => instruments.figures(),
    countPing: (ms) => pings.observe(ms / 1_000),
    countPublication(delivered) {
      publications.inc();
      deliveries.inc(delivered);
    },
    countRefusedUpgrade: (status) => refusals.inc({ code: String(status) }),
    countApiRequest: (route, status) => apiRequests.inc({ route, status: String(status) }),
    close: stopMeasuring,
  };
}

/** Rooms, people and connections as they are when the figures are read. */
function addCensus(instruments: Instruments, { census, openRooms, connections, channels }: MetricsSources): void {
  const rooms = instruments.gauge("couchwire_rooms", "Rooms that are open, with a host page or without.");
  const roomsByKind = instruments.gauge("couchwire_open_rooms", "Rooms without a host page, by kind.", ["kind"]);
  const hostsAway = instruments.gauge("couchwire_hosts_away", "Rooms that wait for their host to come back.");
  const players = instruments.gauge("couchwire_players", "Seats of players in all rooms, away players included.");
  const away = instruments.gauge("couchwire_players_away", "Seats that are kept for players without a connection.");
  const audience = instruments.gauge("couchwire_audience", "Those who watch, in all rooms.");
  const waiting = instruments.gauge("couchwire_players_waiting", "Phones that wait for a seat, in all rooms.");
  const lines = instruments.gauge("couchwire_connections", "Connections, by transport.", ["transport"]);
  const topics = instruments.gauge("couchwire_channels", "Channels that have subscribers, or keep publications.");
  const subscriptions = instruments.gauge("couchwire_subscriptions", "Subscriptions to all channels.");
  const queued = instruments.gauge("couchwire_queue_bytes", "Bytes that wait to be written to connections.");
  instruments.beforeRead(() => {
    const { queuedBytes, ...byTransport } = connections();
    for (const [transport, count] of Object.entries(byTransport)) lines.set({ transport }, count);
    queued.set(queuedBytes);
    const inChannels = channels();
    topics.set(inChannels.channels);
    subscriptions.set(inChannels.subscriptions);
    for (const [kind, count] of openRooms()) roomsByKind.set({ kind }, count);
    const now = census();
    rooms.set(now.rooms);
    hostsAway.set(now.hostsAway);
    players.set(now.players);
    away.set(now.away);
    audience.set(now.spectators + now.audience);
    waiting.set(now.waiting);
  });
}

/** Memory, and what state the server is in. */
function addResources(instruments: Instruments, { budget, isDraining, bus, version, engine }: MetricsSources): void {
  const used = instruments.gauge("couchwire_memory_bytes", "Bytes that all queues and buffers hold.");
  const limit = instruments.gauge("couchwire_memory_limit_bytes", "Bytes that all queues and buffers may hold.");
  const cuts = instruments.counter(
    "couchwire_memory_cuts_total",
    "Holders that had to free memory, since the limit was reached.",
  );
  const draining = instruments.gauge(
    "couchwire_draining",
    "1 from the order to stop until the end, else 0.",
    [],
    "max",
  );
  const busStates = instruments.gauge(
    "couchwire_bus",
    "1 for the state of the bus that joins many nodes.",
    ["state"],
    "max",
  );
  const build = instruments.gauge(
    "couchwire_build_info",
    "1, with what runs here.",
    ["version", "runtime", "engine"],
    "max",
  );
  build.set({ version, runtime: runtimeName(), engine }, 1);
  instruments.beforeRead(() => {
    const memory = budget();
    used.set(memory.used);
    limit.set(memory.limit);
    cuts.reset();
    cuts.inc(memory.cuts);
    draining.set(isDraining() ? 1 : 0);
    for (const state of BUS_STATES) busStates.set({ state }, state === bus() ? 1 : 0);
  });
}

function addTraffic(instruments: Instruments, traffic: TrafficSums): void {
  const frames = instruments.counter(
    "couchwire_frames_total",
    "Frames that came from phones and host pages (in), and that went to each of them (out).",
    ["direction"],
  );
  const bytes = instruments.counter("couchwire_bytes_total", "Bytes of payload in those frames.", ["direction"]);
  instruments.beforeRead(() => {
    const { framesIn, bytesIn, framesOut, bytesOut } = traffic.read();
    frames.reset();
    frames.inc({ direction: "in" }, framesIn);
    frames.inc({ direction: "out" }, framesOut);
    bytes.reset();
    bytes.inc({ direction: "in" }, bytesIn);
    bytes.inc({ direction: "out" }, bytesOut);
  });
}

/** Between nodes. Without others all of it is 0. */
function addNodeTraffic(instruments: Instruments, { bus, nodes }: MetricsSources): void {
  const isUp = instruments.gauge(
    "couchwire_bus_up",
    "1 while the bus that joins many nodes is there, else 0.",
    [],
    "min",
  );
  const messages = instruments.counter(
    "couchwire_bus_messages_total",
    "Messages that this node got from the bus (in), and gave to it (out).",
    ["direction"],
  );
  const bytes = instruments.counter("couchwire_bus_bytes_total", "Bytes of those messages.", ["direction"]);
  const links = instruments.gauge(
    "couchwire_links",
    "Connections that arrive at another node than their room's home: at this node (out), or for a room of this node (in).",
    ["direction"],
  );
  instruments.beforeRead(() => {
    const now = nodes?.() ?? NO_TRAFFIC;
    isUp.set(bus() === "up" ? 1 : 0);
    messages.reset();
    messages.inc({ direction: "in" }, now.messagesIn);
    messages.inc({ direction: "out" }, now.messagesOut);
    bytes.reset();
    bytes.inc({ direction: "in" }, now.bytesIn);
    bytes.inc({ direction: "out" }, now.bytesOut);
    links.set({ direction: "in" }, now.linksIn);
    links.set({ direction: "out" }, now.linksOut);
  });
}

const NO_TRAFFIC: NodeTraffic = { messagesIn: 0, messagesOut: 0, bytesIn: 0, bytesOut: 0, linksIn: 0, linksOut: 0 };

function addHappenings(instruments: Instruments, traffic: TrafficSums, refused: (code: string) => void): Counted {
  const opened = instruments.counter("couchwire_rooms_opened_total", "Rooms that were opened.");
  const closed = instruments.counter("couchwire_rooms_closed_total", "Rooms that ended, by close code.", ["code"]);
  const joins = instruments.counter("couchwire_joins_total", "Newcomers that got a seat, or watch.");
  const leaves = instruments.counter("couchwire_leaves_total", "Seats that were given up, by the reason.", ["why"]);
  const absences = instruments.counter(
    "couchwire_absences_total",
    "Times that a connection ended and its seat was kept, by the reason.",
    ["why"],
  );
  const resumes = instruments.counter("couchwire_resumes_total", "Returns to a seat, or of a host to its room.", [
    "peer",
  ]);
  const gaps = instruments.counter(
    "couchwire_gaps_total",
    "Times that frames were lost for good, by who misses them.",
    ["peer"],
  );
  const lost = instruments.counter(
    "couchwire_lost_frames_total",
    "Frames that were lost for good, by who misses them.",
    ["peer"],
  );
  const missed = (peer: "player" | "host", count: number): void => {
    if (count === 0) return;
    gaps.inc({ peer });
    lost.inc({ peer }, count);
  };
  return {
    roomOpened(room) {
      opened.inc();
      traffic.open(room.traffic);
    },
    roomClosed(room) {
      closed.inc({ code: codeOf(room.why) });
      traffic.close(room.traffic);
    },
    playerJoined: () => joins.inc(),
    playerLeft: ({ why }) => leaves.inc({ why }),
    playerAway: ({ why }) => absences.inc({ why }),
    playerBack(event) {
      resumes.inc({ peer: "player" });
      missed("player", event.missed);
    },
    hostBack(event) {
      resumes.inc({ peer: "host" });
      missed("host", event.missed);
    },
    playerGap: (event) => missed("host", event.lost),
    frameRefused: ({ code }) => refused(code),
    connectionRefused({ why }) {
      if (why !== HUNG_UP) refused(codeOf(why));
    },
  };
}

function codeOf(why: CloseName): string {
  return String(CLOSE_CODES[why].code);
}

function runtimeName(): string {
  const { bun, node } = process.versions;
  return bun === undefined ? `node ${node}` : `bun ${bun}`;
}
