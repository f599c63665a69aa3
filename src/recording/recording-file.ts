/** Reads a recording: finds whole items in bytes that come in pieces, and checks what they say. What is damaged is cut off, and no error. */
import { decodeCbor, CborCursor, type CborLimits, type CborValue } from "../protocol/cbor-reader.ts";
import { MAJOR } from "../protocol/cbor-format.ts";
import type { PlayerId } from "../protocol/commands.ts";
import { hasOwn } from "../protocol/has-own.ts";
import { RECORDING_KIND, RECORDING_VERSION } from "./recording-items.ts";

/** One frame, as a player or the host said it. */
export type RecordedData = string | Uint8Array<ArrayBuffer>;

/** The beginning of a recording. */
export interface RecordedRoom {
  readonly is: "header";
  readonly room: string;
  readonly game: string;
  readonly at: string;
  readonly maxPlayers: number;
  readonly isLocked: boolean;
  readonly meta: CborValue;
  readonly players: readonly {
    readonly player: PlayerId;
    readonly name: string | undefined;
    readonly isAway: boolean;
  }[];
}

/** What happened, in milliseconds since the beginning. */
export type RecordedItem = { readonly t: number } & (
  | { readonly is: "joined"; readonly player: PlayerId; readonly name: string | undefined }
  | { readonly is: "left" | "away" | "back" | "gap"; readonly player: PlayerId }
  | { readonly is: "from"; readonly player: PlayerId; readonly data: RecordedData }
  | RecordedSaying
  | { readonly is: "locked" | "opened" | "tick" }
  | { readonly is: "kicked"; readonly player: PlayerId; readonly reason: string | undefined }
  | {
      readonly is: "game";
      readonly name: string;
      readonly joinUrl: string | undefined;
      readonly maxPlayers: number | undefined;
    }
  | { readonly is: "host_away" | "host_back" }
  | { readonly is: "end"; readonly why: string }
  /** Of a newer version: passed over. */
  | { readonly is: "unknown" }
);

/** A frame of the host. */
export interface RecordedSaying {
  readonly is: "to";
  /** `undefined`: everybody. */
  readonly to: readonly PlayerId[] | undefined;
  readonly except: readonly PlayerId[];
  readonly data: RecordedData;
  /** How it was to be delivered, as on the wire. */
  readonly terms: Readonly<Record<string, CborValue>>;
  /** It was said before the recording began. */
  readonly isKept: boolean;
}

export interface ReadRecording {
  readonly header: RecordedRoom;
  readonly items: readonly RecordedItem[];
  /** Bytes at the end that are no whole, sound item. */
  readonly damagedBytes: number;
  /** Bytes behind them that belong to another recording. */
  readonly otherBytes: number;
}

/** As deep as the header may nest what the host says of its room. */
const LIMITS: CborLimits = { depth: 32, items: 262_144 };
/** Longer than any frame that the server takes. */
const MAX_ITEM_BYTES = 64 * 1_048_576;

/** The length of the item that begins at this place; `undefined` where it is not whole, `"broken"` where it cannot be one of a recording. */
export function itemLength(bytes: Uint8Array, from: number): number | "broken" | undefined {
  const cursor = new CborCursor(bytes, from);
  /** Items that are still to come. */
  let left = 1;
  for (let heads = 0; left > 0; heads += 1) {
    const { at } = cursor;
    if (at >= bytes.length) return undefined;
    if (!cursor.next()) return isCutHead(bytes, at) ? undefined : "broken";
    const { major, argument } = cursor;
    if (at === from && major !== MAJOR.map) return "broken";
    if (cursor.isIndefinite || major === MAJOR.tag || heads > LIMITS.items || argument > Number.MAX_SAFE_INTEGER)
      return "broken";
    left -= 1;
    if (major === MAJOR.array) left += argument;
    if (major === MAJOR.map) left += 2 * argument;
    if (major === MAJOR.bytes || major === MAJOR.text) cursor.at += argument;
    if (left > LIMITS.items || cursor.at - from > MAX_ITEM_BYTES) return "broken";
  }
  return cursor.at > bytes.length ? undefined : cursor.at - from;
}

/** The bytes end within this head; else its first byte is one that no writer uses. */
function isCutHead(bytes: Uint8Array, at: number): boolean {
  const info = (bytes[at] ?? 0) & 31;
  return info >= 24 && info <= 27;
}

/** Cuts a stream of bytes into whole items. */
export class ItemSplitter {
  #rest: Uint8Array<ArrayBuffer> = new Uint8Array();
  #isBroken = false;

  /** Bytes that are no whole item yet. */
  get restBytes(): number {
    return this.#rest.length;
  }

  /** What came is no recording: nothing more is taken. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** The items that are whole with these bytes. */
  push(bytes: Uint8Array): readonly Uint8Array<ArrayBuffer>[] {
    if (this.#isBroken) return [];
    const all = new Uint8Array(this.#rest.length + bytes.length);
    all.set(this.#rest);
    all.set(bytes, this.#rest.length);
    const items: Uint8Array<ArrayBuffer>[] = [];
    let at = 0;
    while (at < all.length) {
      const length = itemLength(all, at);
      if (length === "broken") this.#isBroken = true;
      if (typeof length !== "number") break;
      items.push(all.slice(at, at + length));
      at += length;
    }
    this.#rest = all.slice(at);
    return items;
  }
}

/** All of a file; `undefined` where it does not begin as a recording does. */
export function readRecording(bytes: Uint8Array): ReadRecording | undefined {
  const first = itemLength(bytes, 0);
  const header = typeof first === "number" ? headerOf(valueOf(bytes.subarray(0, first))) : undefined;
  if (typeof first !== "number" || header === undefined) return undefined;
  const items: RecordedItem[] = [];
  let at = first;
  let last = 0;
  while (at < bytes.length) {
    const length = itemLength(bytes, at);
    if (typeof length !== "number") break;
    const value = valueOf(bytes.subarray(at, at + length));
    if (headerOf(value) !== undefined) return { header, items, damagedBytes: 0, otherBytes: bytes.length - at };
    const item = recordedItem(value);
    if (item === undefined || item.t < last) break;
    items.push(item);
    last = item.t;
    at += length;
  }
  return { header, items, damagedBytes: bytes.length - at, otherBytes: 0 };
}

/** What one item says, whole as it is; `undefined` where it is none of a recording. */
export function itemOf(bytes: Uint8Array): RecordedItem | RecordedRoom | undefined {
  const fields = valueOf(bytes);
  return headerOf(fields) ?? recordedItem(fields);
}

type Fields = Readonly<Record<string, CborValue>>;

function valueOf(bytes: Uint8Array): Fields | undefined {
  const read = decodeCbor(bytes, LIMITS);
  return read.ok ? fieldsOf(read.value) : undefined;
}

function fieldsOf(value: CborValue): Fields | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Uint8Array)
    return undefined;
  return Object.fromEntries(Object.entries(value));
}

/** The header that these fields are; `undefined` where they are none, or of a version that is not known. */
function headerOf(fields: Fields | undefined): RecordedRoom | undefined {
  if (fields === undefined) return undefined;
  const { couchwire, version, room, game, at, max_players, locked, players, meta } = fields;
  if (couchwire !== RECORDING_KIND || version !== RECORDING_VERSION) return undefined;
  if (typeof room !== "string" || typeof game !== "string" || typeof at !== "string") return undefined;
  if (!isCount(max_players) || !isList(players)) return undefined;
  const seats = players.map((value) => {
    const { player, name, away } = fieldsOf(value) ?? {};
    return { player: isCount(player) ? player : 0, name: textOr(name), isAway: away === true };
  });
  return { is: "header", room, game, at, maxPlayers: max_players, isLocked: locked === true, meta, players: seats };
}

/** `undefined` where the fields are no item of a recording. */
function recordedItem(fields: Fields | undefined): RecordedItem | undefined {
  if (fields === undefined || !hasOwn(fields, "cmd")) return undefined;
  const { t, cmd } = fields;
  if (typeof t !== "number" || !(t >= 0) || !Number.isFinite(t) || typeof cmd !== "string") return undefined;
  switch (cmd) {
    case "player_joined":
      return ofPlayer(fields["player"], (player) => ({ t, is: "joined", player, name: textOr(fields["name"]) }));
    case "player_left":
      return ofPlayer(fields["player"], (player) => ({ t, is: "left", player }));
    case "player_away":
      return ofPlayer(fields["player"], (player) => ({ t, is: "away", player }));
    case "player_back":
      return ofPlayer(fields["player"], (player) => ({ t, is: "back", player }));
    case "gap":
      return ofPlayer(fields["player"], (player) => ({ t, is: "gap", player }));
    case "from":
    case "from_str": {
      const data = dataOf(fields, cmd === "from_str");
      return data === undefined ? undefined : ofPlayer(fields["from"], (player) => ({ t, is: "from", player, data }));
    }
    case "to":
    case "to_str":
      return sayingOf(t, fields, cmd === "to_str");
    case "start":
      return { t, is: "locked" };
    case "open":
      return { t, is: "opened" };
    case "kick":
      return ofPlayer(fields["player"], (player) => ({ t, is: "kicked", player, reason: textOr(fields["reason"]) }));
    case "game": {
      const { name, join_url, max_players } = fields;
      if (typeof name !== "string") return undefined;
      return {
        t,
        is: "game",
        name,
        joinUrl: textOr(join_url),
        maxPlayers: isCount(max_players) ? max_players : undefined,
      };
    }
    case "host_away":
    case "host_back":
    case "tick":
      return { t, is: cmd };
    case "end":
      return { t, is: "end", why: textOr(fields["why"]) ?? "" };
    default:
      return { t, is: "unknown" };
  }
}

function sayingOf(t: number, fields: Fields, isText: boolean): RecordedItem | undefined {
  const { to, except = [], kept, ...rest } = fields;
  const data = dataOf(fields, isText);
  if (data === undefined || !isIds(to) || !isIds(except)) return undefined;
  const terms = Object.fromEntries(
    ["volatile", "ttl", "retain", "append", "silent"].flatMap((name) =>
      hasOwn(rest, name) ? [[name, rest[name]]] : [],
    ),
  );
  return { t, is: "to", to: to.length === 0 ? undefined : to, except, data, terms, isKept: kept === true };
}

function dataOf({ data }: Fields, isText: boolean): RecordedData | undefined {
  if (isText) return typeof data === "string" ? data : undefined;
  return data instanceof Uint8Array ? data : undefined;
}

function ofPlayer(value: CborValue, make: (player: PlayerId) => RecordedItem): RecordedItem | undefined {
  return isCount(value) ? make(value) : undefined;
}

function textOr(value: CborValue): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function isCount(value: CborValue): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0;
}

function isList(value: CborValue): value is readonly CborValue[] {
  return Array.isArray(value);
}

function isIds(value: CborValue): value is readonly PlayerId[] {
  return isList(value) && value.every(isCount);
}
