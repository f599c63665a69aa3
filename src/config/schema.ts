/** Declares every option: name, type, default, bounds, and the sentences that explain it. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { compile as compileTrust } from "proxy-addr";
import { z } from "zod";
import { MAX_API_KEY_LENGTH, MIN_API_KEY_LENGTH, parseApiKeys } from "../protocol/api-key-list.ts";
import { isOpenRoomName } from "../protocol/open-room-name.ts";
import { isDrawnCode } from "../protocol/room-code.ts";
import { parseOriginList } from "../protocol/origin-list.ts";
import { isRoomKind } from "../protocol/room-kind.ts";
import { MAX_TOKEN_SECONDS } from "../protocol/token-limits.ts";
import { MIN_SECRET_BYTES, parseTokenSecrets } from "../protocol/token-secrets.ts";
import { defaultMemoryBytes } from "./default-memory.ts";

/** The demo games, which are part of the package. */
const DEMO_GAMES = ["demo-game", "demo-arena"].map((name) => fileURLToPath(new URL(`../../${name}`, import.meta.url)));

const MAX_PORT = 65_535;
/** Above every sensible limit, and below what one array or timer of Node can hold. */
const MAX_COUNT = 1_000_000;
const MAX_BYTES = 2 ** 30;
const MAX_WAIT_MS = 86_400_000;
/** More than the cores of any machine that this is for. */
const MAX_WORKERS = 256;
const MAX_DRAIN_MS = 600_000;
/** Less could not hold one host frame and its decoded form. */
const MIN_MEMORY = 2 ** 20;
const MAX_MEMORY = 2 ** 40;
/** Shorter intervals would keep the server busy with pings alone. */
const MIN_INTERVAL_MS = 10;

/** Clocks are further apart than this only where one is wrong. */
const MAX_LEEWAY_SECONDS = 3_600;

/** With the number of a database, if any. */
const REDIS_ADDRESS = /^rediss?:\/\/[^\s,/?#]+(?:\/\d{0,5})?$/;
const NATS_ADDRESS = /^(?:nats|tls):\/\/[^\s,/?#]+\/?$/;

const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;

export interface Documentation {
  /** What the option does, its unit, and advice. */
  readonly meaning: string;
  /** Completes the sentence "… has to be …". */
  readonly allowed: string;
  /** The default as the tables show it, if the value itself says little. */
  readonly defaultText?: string;
  /** The value is never shown, not even a wrong one. */
  readonly isSecret?: boolean;
  /** The value has parts, separated by commas: a flag that is given twice adds some. */
  readonly isList?: boolean;
}

const documentation = z.registry<Documentation>();

function wholeNumber(minimum: number, maximum: number, unset: number, meaning: string) {
  const allowed = `a whole number from ${minimum} to ${maximum}`;
  return z.int().min(minimum).max(maximum).default(unset).register(documentation, { meaning, allowed });
}

function oneOf<const Choice extends string>(choices: readonly Choice[], unset: NoInfer<Choice>, meaning: string) {
  const allowed = `one of ${choices.join(", ")}`;
  return z.enum(choices).default(unset).register(documentation, { meaning, allowed });
}

/** Parses an address to which a room code can be appended. `http://…/party/` and `http://…/party` are equal. */
/** A folder's name may have a comma in it, so what exists as it is typed is one folder. */
function parseFolders(text: string | readonly string[]): string[] {
  if (typeof text !== "string") return text.map((folder) => resolve(folder));
  if (existsSync(text)) return [resolve(text)];
  const folders = text.split(",").map((folder) => folder.trim());
  return folders.filter((folder) => folder !== "").map((folder) => resolve(folder));
}

function parsePublicUrl(text: string, context: z.RefinementCtx): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isWeb = url?.protocol === "http:" || url?.protocol === "https:";
  if (!isWeb || url.search !== "" || url.hash !== "" || url.username !== "" || url.password !== "") {
    context.addIssue({ code: "custom" });
    return z.NEVER;
  }
  // A path with two leading slashes would point links to another host.
  return `${url.origin}${url.pathname.replace(/\/{2,}/g, "/")}`.replace(/\/$/, "");
}

function isWebAddress(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isWeb = url?.protocol === "http:" || url?.protocol === "https:";
  return isWeb && url.username === "" && url.password === "" && url.hash === "";
}

function isProxyList(text: string): boolean {
  try {
    compileTrust(splitList(text));
    return true;
  } catch {
    return false; // proxy-addr throws for an entry that is not an address.
  }
}

function isBusAddress(text: string): boolean {
  const isAddress =
    text === "memory" || REDIS_ADDRESS.test(text) || splitList(text).every((part) => NATS_ADDRESS.test(part));
  return isAddress && splitList(text).every((part) => part === "memory" || URL.canParse(part));
}

function isKindList(text: string): boolean {
  return text === "none" || splitList(text).every((kind) => kind === "*" || isRoomKind(kind));
}

/** Reads `name:kind,…`: the kinds of rooms by their names; `undefined` where it is no such list. */
export function parseStandingRooms(text: string): ReadonlyMap<string, string> | undefined {
  const rooms = new Map<string, string>();
  for (const entry of splitList(text)) {
    const colon = entry.lastIndexOf(":");
    const [name, kind] = [entry.slice(0, Math.max(0, colon)), entry.slice(colon + 1)];
    const isRoomName = isOpenRoomName(name) && !isDrawnCode(name.toUpperCase());
    if (!isRoomName || !isRoomKind(kind) || rooms.has(name)) return undefined;
    rooms.set(name, kind);
  }
  return rooms;
}

/** Splits an option that is a list. */
export function splitList(text: string): string[] {
  return text.split(",").map((part) => part.trim());
}

export const SCHEMA = z.strictObject({
  port: wholeNumber(0, MAX_PORT, 8081, "TCP port to listen on. 0 takes any free one."),
  host: z
    .string()
    .regex(/^[^\s/]+$/)
    .default("0.0.0.0")
    .register(documentation, {
      meaning:
        "Address to listen on. 127.0.0.1 keeps the server to this machine; then no phone can join. HOST counts too where it is an IP address or localhost.",
      allowed: "a host name or an IP address, without port",
    }),
  tcpPort: z
    .int()
    .min(0)
    .max(MAX_PORT)
    .optional()
    .register(documentation, {
      meaning: "TCP port for ghost-sync's wire, on which programs and bots join open rooms. 0 takes any free one.",
      allowed: `a whole number from 0 to ${MAX_PORT}`,
      defaultText: "off",
    }),
  tcpHost: z
    .string()
    .regex(/^[^\s/]+$/)
    .default("127.0.0.1")
    .register(documentation, {
      meaning:
        "Address that the wire of COUCHWIRE_TCP_PORT listens on. It has no encryption, and asks for no name or password: think twice before you open it to a network.",
      allowed: "a host name or an IP address, without port",
    }),
  tcpQueueFrames: wholeNumber(
    0,
    MAX_COUNT,
    0,
    "Frames that may wait for one slow member over TCP before it is ended, beside the bytes of COUCHWIRE_SEND_QUEUE. 0 means that the bytes alone count.",
  ),
  adminPort: z
    .int()
    .min(0)
    .max(MAX_PORT)
    .optional()
    .register(documentation, {
      meaning:
        "Port of the admin page, where an API key logs in: live rooms, traffic, kick, ban, close, and the metrics. It is an origin of its own, since games run scripts on the main one. 0 takes any free one.",
      allowed: `a whole number from 0 to ${MAX_PORT}`,
      defaultText: "off",
    }),
  adminHost: z
    .string()
    .regex(/^[^\s/]+$/)
    .default("127.0.0.1")
    .register(documentation, {
      meaning:
        "Address that the admin page listens on. On others than this machine's own it speaks https with the certificate of COUCHWIRE_TLS_CERT; without one put a proxy in front, or the key can be read on the way.",
      allowed: "a host name or an IP address, without port",
    }),
  logLevel: oneOf(LOG_LEVELS, "info", "The least important log lines that are still written."),
  publicUrl: z.string().transform(parsePublicUrl).optional().register(documentation, {
    meaning:
      "What the QR code and the join links say; by itself the address that a page was opened under, or this machine's in the local network. Set it for a domain, a proxy or a container, or where the wrong network was found.",
    allowed: "an http:// or https:// address without user, query and fragment",
    defaultText: "found by itself",
  }),
  games: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .transform(parseFolders)
    .default(DEMO_GAMES)
    .register(documentation, {
      meaning:
        "A game's folder (index.html for the TV, player.html for the phones), or a folder of such folders; or several, separated by commas.",
      allowed: "the path of a folder, or several separated by commas",
      isList: true,
      defaultText: "demo-game,demo-arena",
    }),
  dev: z
    .union([z.boolean(), z.enum(["on", "off"]).transform((text) => text === "on")])
    .default(false)
    .register(documentation, {
      meaning:
        "For the development of games only, as couchwire dev: pages reload when a file is saved, errors of phones show in the terminal, and there is a playground.",
      allowed: "on or off",
      defaultText: "off",
    }),
  workers: z
    .union([z.int().min(1).max(MAX_WORKERS), z.literal("auto")])
    .default(1)
    .register(documentation, {
      meaning:
        "Processes that share the rooms behind one port, for more than one core; auto is one for each core. A room is in one of them. Other limits count for each process, but COUCHWIRE_MEMORY for all together.",
      allowed: `a whole number from 1 to ${MAX_WORKERS}, or auto`,
    }),
  maxConnections: wholeNumber(
    1,
    MAX_COUNT,
    10_000,
    "Connections at the same time; one network may hold nine tenths of them. Past it a WebSocket is closed with 1013, and a request is answered 503.",
  ),
  maxRooms: wholeNumber(
    1,
    MAX_COUNT,
    1000,
    "Rooms at the same time; one network may hold nine tenths of them. Past it: one that has been without host and players for 15 seconds makes room, or the host is told room_limit.",
  ),
  maxPlayers: wholeNumber(1, MAX_COUNT, 250, "Players in one room; a host that asks for more gets this many."),
  maxAudience: wholeNumber(
    0,
    MAX_COUNT,
    10_000,
    "Watchers in one room beside its players; a host that asks for more gets this many.",
  ),
  maxPayload: wholeNumber(1, MAX_BYTES, 1_048_576, "Bytes in one frame of a player. Over it: closed with 1009."),
  maxHostPayload: wholeNumber(1, MAX_BYTES, 4_194_304, "Bytes in one frame of a host. Over it: closed with 1009."),
  wsEngine: z
    .enum(["codec", "ws"])
    .default(() => ("bun" in process.versions ? "ws" : "codec"))
    .register(documentation, {
      meaning: "What reads and writes WebSocket frames: the own codec, or the library ws, which is native code on Bun.",
      allowed: "one of codec, ws",
      defaultText: "codec on Node, ws on Bun",
    }),
  bytes: oneOf(
    ["array", "string"],
    "array",
    "How a host that asked for nothing gets binary data: an array of integers, which old hosts know, or a CBOR byte string.",
  ),
  memory: z
    .int()
    .min(MIN_MEMORY)
    .max(MAX_MEMORY)
    .default(() => defaultMemoryBytes())
    .register(documentation, {
      meaning: "Bytes that all queues and buffers together may hold. Past it the largest holder is cut first.",
      allowed: `a whole number of bytes from ${MIN_MEMORY} to ${MAX_MEMORY}`,
      defaultText: "512 MiB, or half of what it may have",
    }),
  sendQueue: wholeNumber(
    1,
    MAX_BYTES,
    1_048_576,
    "Bytes that may wait for one slow player, the next frame included, before it is closed with 4031. It is memory: times the players.",
  ),
  pingMs: wholeNumber(
    MIN_INTERVAL_MS,
    MAX_WAIT_MS,
    13_000,
    "Milliseconds between pings. Keep it well under the idle limit of a proxy, which is often 55 or 60 seconds.",
  ),
  idleMs: wholeNumber(
    MIN_INTERVAL_MS,
    MAX_WAIT_MS,
    31_000,
    "Milliseconds of silence, pongs too, before a connection is closed with 4008. More than between two pings.",
  ),
  keepAliveMs: wholeNumber(
    1,
    MAX_WAIT_MS,
    65_000,
    "Milliseconds that an idle HTTP connection is kept for its next request. Longer than a load balancer keeps its own.",
  ),
  playerRate: wholeNumber(
    0,
    MAX_COUNT,
    100,
    "Frames a second that one player may send. Past it: closed with 4029. 0 means no limit.",
  ),
  playerBurst: wholeNumber(1, MAX_COUNT, 200, "Frames that one player may send at once after a quiet time."),
  playerBytes: wholeNumber(
    0,
    MAX_BYTES,
    2_097_152,
    "Bytes a second that one player may send. Past it: closed with 4029. 0 means no limit.",
  ),
  hostRate: wholeNumber(
    0,
    MAX_COUNT,
    2_000,
    "Commands a second that one host may give; a frame to many players, or a long one, counts as several. Past it: told rate_limited, and not read until it may go on. 0 means no limit.",
  ),
  hostBurst: wholeNumber(1, MAX_COUNT, 4_000, "Commands that one host may give at once after a quiet time."),
  banMs: wholeNumber(
    0,
    MAX_WAIT_MS,
    60_000,
    "Milliseconds that a phone that sent too much stays out, reconnecting or not.",
  ),
  guessLimit: wholeNumber(
    0,
    MAX_COUNT,
    60,
    "Wrong codes and PINs a minute from one address before it is refused with 4029, or 429, right ones included. 0 means no limit.",
  ),
  networkRooms: wholeNumber(
    0,
    MAX_COUNT,
    30,
    "Rooms that one network may open at once, and then one a second. Past it: room_limit. 0 means no limit.",
  ),
  prepareMs: wholeNumber(
    0,
    MAX_WAIT_MS,
    60_000,
    "Milliseconds that a host may take until it sends prepare. Past it: closed with 4008. 0 means no limit.",
  ),
  stateFile: z.string().min(1).optional().register(documentation, {
    meaning:
      "File that keeps the rooms over a restart of this server, also after a crash: code, seats, bans, and what games have saved. Written every two seconds where something changed, and at the end. Give each server a file of its own, in a folder that lasts.",
    allowed: "the path of a file",
    defaultText: "off",
  }),
  seatGraceMs: wholeNumber(
    0,
    MAX_WAIT_MS,
    120_000,
    "Milliseconds that an away player's seat is kept before the game has started.",
  ),
  hostGraceMs: wholeNumber(0, MAX_WAIT_MS, 120_000, "Milliseconds that the room of an away host is kept."),
  awayMs: wholeNumber(
    0,
    MAX_WAIT_MS,
    3_000,
    "Milliseconds before the host is told that a player is away. A reload takes about one second.",
  ),
  seatBuffer: wholeNumber(
    1,
    MAX_BYTES,
    1_048_576,
    "Bytes kept for a player who may come back, retained and volatile frames included; past them the oldest frames go. It is memory: times the players.",
  ),
  hostBuffer: wholeNumber(
    1,
    MAX_BYTES,
    8_388_608,
    "Bytes kept for a host who may come back; past them its players are held back.",
  ),
  codeCooldownMs: wholeNumber(
    0,
    MAX_WAIT_MS,
    60_000,
    "Milliseconds before the code of a closed room is given to another, so that late phones do not end in a strange room.",
  ),
  drainMs: wholeNumber(
    0,
    MAX_DRAIN_MS,
    8_000,
    "Milliseconds that rooms with players get after SIGTERM, in which no room is opened any more; then all are closed with 1012. 0 closes them at once. Give the process manager two seconds more.",
  ),
  openRooms: z.string().refine(isKindList).default("none").register(documentation, {
    meaning:
      "Kinds of open rooms, which need no host page, that a first member with a token or a page at /CREATE?kind= may open: relay, chess,big-two, or * for all. A first member gets the first of them.",
    allowed: "none, *, or kinds of rooms separated by commas, such as relay",
    isList: true,
  }),
  standingRooms: z
    .string()
    .refine((text) => parseStandingRooms(text) !== undefined)
    .optional()
    .register(documentation, {
      meaning: "Open rooms that always exist, by name and kind: lobby:relay,hall:chess.",
      allowed: "names of rooms, each with a colon and its kind, separated by commas, such as lobby:relay",
      isList: true,
      defaultText: "none",
    }),
  jwtSecret: z
    .string()
    .refine((text) => parseTokenSecrets(text).ok)
    .optional()
    .register(documentation, {
      meaning:
        "Secret of the tokens with which members join open rooms at /ws. Of several, separated by commas, the first signs and all verify. Without one there are no tokens. A flag can be read by other users of this machine: set the variable.",
      allowed: `one or more secrets of at least ${MIN_SECRET_BYTES} bytes each, separated by commas`,
      isList: true,
      defaultText: "none",
      isSecret: true,
    }),
  jwksUrl: z.string().refine(isWebAddress).optional().register(documentation, {
    meaning:
      "Address of the public keys (JWKS) of an identity provider, whose tokens count too: RS, PS, ES or EdDSA. They are fetched when a token needs them, at most 256 KiB, and again every 10 minutes or for a key that is not known; without an answer the last ones stay. Use https: over plain http the network can put in keys of its own.",
    allowed: "an http:// or https:// address without user and fragment",
    defaultText: "none",
  }),
  requireToken: z
    .string()
    .regex(/^(?:none|both|(?:hosts|players)(?:, *(?:hosts|players))?)$/)
    .default("none")
    .register(documentation, {
      meaning:
        "Who has to show a token: hosts on /CREATE, with the role host; players on /CODE and members over TCP. A token that is shown is judged in any case.",
      allowed: "none, hosts, players, or both",
      isList: true,
    }),
  jwtIssuer: z.string().min(1).optional().register(documentation, {
    meaning: "What iss in a token has to be.",
    allowed: "a text that is not empty",
    defaultText: "not looked at",
  }),
  jwtAudience: z.string().min(1).optional().register(documentation, {
    meaning: "What aud in a token has to be or to contain.",
    allowed: "a text that is not empty",
    defaultText: "not looked at",
  }),
  jwtLeeway: wholeNumber(
    0,
    MAX_LEEWAY_SECONDS,
    0,
    "Seconds that a token counts longer than it says, for clocks that differ.",
  ),
  tokenTtl: wholeNumber(
    1,
    MAX_TOKEN_SECONDS,
    3_600,
    "Seconds that a token counts which this server gives out, where nothing else is asked for.",
  ),
  tlsCert: z
    .string()
    .min(1)
    .transform((file) => resolve(file))
    .optional()
    .register(documentation, {
      meaning:
        "File with a certificate in PEM, those of its authorities behind it: the server then speaks https and wss. It is read again when it changes. Needs COUCHWIRE_TLS_KEY.",
      allowed: "the path of a file",
      defaultText: "none: plain http",
    }),
  tlsKey: z
    .string()
    .min(1)
    .transform((file) => resolve(file))
    .optional()
    .register(documentation, {
      meaning: "File with the private key of COUCHWIRE_TLS_CERT in PEM, without a passphrase.",
      allowed: "the path of a file",
      defaultText: "none",
    }),
  origins: z
    .string()
    .refine((text) => parseOriginList(text).ok)
    .optional()
    .register(documentation, {
      meaning:
        "Origins whose pages may connect, beside the server's own: https://games.example.com,https://*.example.org. * is any one label; scheme and port count; null is a page without an origin. Programs, which send no Origin, are not held up.",
      allowed:
        "origins such as https://games.example.com or http://*.local:8081, without a path and separated by commas; or null",
      defaultText: "any",
      isList: true,
    }),
  apiKey: z
    .string()
    .refine((text) => parseApiKeys(text).ok)
    .optional()
    .register(documentation, {
      meaning:
        "Keys of the HTTP API, separated by commas; all count. Without one the API is off. A flag can be read by other users of this machine: set the variable.",
      allowed: `one or more keys of ${MIN_API_KEY_LENGTH} to ${MAX_API_KEY_LENGTH} visible ASCII characters each, separated by commas`,
      defaultText: "none",
      isSecret: true,
      isList: true,
    }),
  apiRate: wholeNumber(
    0,
    MAX_COUNT,
    2_000,
    "Requests a second to the HTTP API, of one key and of one network. Past it: 429. 0 means no limit.",
  ),
  trustProxy: z.string().refine(isProxyList).optional().register(documentation, {
    meaning:
      "Proxies whose X-Forwarded-For, -Host and -Proto are believed: addresses or networks, separated by commas; or loopback, linklocal, uniquelocal.",
    allowed: "a list of addresses or networks such as 10.0.0.0/8, or loopback, linklocal, uniquelocal",
    isList: true,
    defaultText: "none",
  }),
  bus: z.string().refine(isBusAddress).default("memory").register(documentation, {
    meaning:
      "What the nodes of one cluster share: redis://user:password@host:6379 or rediss:// (needs the package redis), nats://user:password@host:4222 or tls:// (needs the packages @nats-io/transport-node, @nats-io/jetstream and @nats-io/kv). memory is one node by itself. A flag can be read by other users of this machine: set the variable.",
    allowed:
      "memory, redis://host:6379, rediss://host:6379, nats://host:4222 or tls://host:4222, with user:password@ in front of the host where it needs one, whose special characters are escaped with %; servers of one NATS are separated by commas",
    isSecret: true,
  }),
  busPrefix: z
    .string()
    .regex(/^[\w-]{1,64}$/)
    .default("couchwire")
    .register(documentation, {
      meaning: "Begins every name in Redis or NATS. Clusters that share one have different ones.",
      allowed: "1 to 64 letters, digits, _ and -",
    }),
  leaseMs: wholeNumber(
    500,
    60_000,
    5_000,
    "Milliseconds after which the other nodes of a cluster take over what a node had that is not heard of any more. Short ones cost messages, and take a pause for a death. The same on all nodes.",
  ),
});

/** All options with their values. */
export type Options = z.output<typeof SCHEMA>;

/** The options that a user of the library passes; all are optional. */
export type OptionsInput = z.input<typeof SCHEMA>;

export type OptionName = keyof Options;

export const OPTION_NAMES: readonly OptionName[] = SCHEMA.keyof().options;

export function documentationOf(field: OptionName): Documentation {
  const found = documentation.get(SCHEMA.shape[field]);
  if (found === undefined) throw new Error(`The option ${field} has no documentation.`);
  return found;
}
