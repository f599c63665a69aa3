/** What a frame on the wire says, for people: by the kind of its socket, host frames, control frames, the SDK's own and the game's. */
import { decodeCbor, type CborValue } from "../../protocol/cbor-reader.ts";
import type { Direction } from "../messages.ts";

/** What a socket is to the server. `other`: it is none of Couchwire's. */
export type SocketRole = "host" | "player" | "member" | "other";

export const FRAME_KINDS = ["command", "event", "control", "sdk", "json", "text", "bytes", "socket", "pulse"] as const;
/**
 * `command` and `event` are a host's; `control` is couchwire.v1's; `sdk` what the SDK says over frames of the game; `socket`: one was opened or
 * closed; `pulse`: acknowledgements, clocks, questions whether the line lives, and the playground's own measuring.
 */
export type FrameKind = (typeof FRAME_KINDS)[number];

export interface DecodedFrame {
  readonly kind: FrameKind;
  /** One line. */
  readonly summary: string;
  /** What is in it, as values of JSON and bytes. */
  readonly value: CborValue;
  /** The fields of a host's command or event. */
  readonly host?: { readonly [key: string]: CborValue };
  /** What the SDK says, also within a host's frame. */
  readonly sdk?: { readonly [key: string]: CborValue };
}

/** A frame or its beginning. */
export interface WireFrame {
  readonly role: SocketRole;
  readonly direction: Direction;
  readonly data: string | Uint8Array<ArrayBuffer>;
  /** Bytes of the whole frame. */
  readonly size: number;
}

/** Beyond what any frame holds that is shown. */
const LIMITS = { depth: 64, items: 1_000_000 };
const MAX_SUMMARY = 300;
const PULSES = new Set(["ping", "ack", "time"]);

export function roleOf(url: string): SocketRole {
  const { pathname, searchParams } = new URL(url);
  const last = pathname.slice(pathname.lastIndexOf("/") + 1);
  if (last === "CREATE") return searchParams.has("kind") ? "member" : "host";
  if (last === "ws" && searchParams.has("token")) return "member";
  return /^[A-Za-z]{4}$/.test(last) ? "player" : "other";
}

/** The numbers of the questions by which the playground measures: their answers are pulses too. */
export class PulseNumbers {
  readonly #numbers = new Set<CborValue>();

  /** Whether the SDK's frame only measures. */
  isPulse({ cw, name, id }: { readonly [key: string]: CborValue }): boolean {
    if (name !== "cw:ping") return cw === "reply" && this.#numbers.has(id);
    if (this.#numbers.size >= MAX_PULSE_NUMBERS) this.#numbers.clear();
    this.#numbers.add(id);
    return true;
  }
}

const MAX_PULSE_NUMBERS = 1_000;

export function decodeFrame(frame: WireFrame, pulses: PulseNumbers): DecodedFrame {
  const decoded = decode(frame);
  const isPulse = decoded.sdk !== undefined && pulses.isPulse(decoded.sdk);
  return isPulse ? { ...decoded, kind: "pulse" } : decoded;
}

function decode(frame: WireFrame): DecodedFrame {
  const { data, size, direction, role } = frame;
  if (typeof data === "string" && data.startsWith("\0") && !data.startsWith("\0\0")) return controlFrame(data);
  if (role === "host") {
    const host = hostFields(data);
    if (host !== undefined) return hostFrame(host, direction);
    const broken = lengthOf(data) < size ? "long host frame" : "unreadable host frame";
    return {
      ...gameFrame(data, size),
      summary: `${broken}, ${size} bytes`,
      kind: direction === "up" ? "command" : "event",
    };
  }
  return gameFrame(data, size);
}

/** The number in a `\0hello` that is this player's. */
export function playerOfHello(text: string): number | undefined {
  const player: unknown = text.startsWith("\0hello ")
    ? Reflect.get(objectIn(text.slice(7)) ?? {}, "player")
    : undefined;
  return typeof player === "number" ? player : undefined;
}

function controlFrame(text: string): DecodedFrame {
  const [, word = "", rest = ""] = /^\0(\w*) ?([^]*)$/.exec(text) ?? [];
  const value: CborValue = objectIn(rest) ?? rest;
  return {
    kind: PULSES.has(word) ? "pulse" : "control",
    summary: cut(`\\0${word} ${rest}`.trim()),
    value: { [word]: value },
  };
}

function hostFields(data: string | Uint8Array): { readonly [key: string]: CborValue } | undefined {
  if (typeof data === "string") return objectIn(data);
  const decoded = decodeCbor(data, LIMITS);
  return decoded.ok && isFields(decoded.value) ? decoded.value : undefined;
}

/** `to` and `from` are of the kind of what they carry. */
function hostFrame(host: { readonly [key: string]: CborValue }, direction: Direction): DecodedFrame {
  const { cmd, ...fields } = host;
  const name = typeof cmd === "string" ? cmd : "?";
  const carried = carriedBy(name, fields["data"]);
  if (carried === undefined) {
    return {
      kind: direction === "up" ? "command" : "event",
      summary: cut(`${name} ${Object.keys(fields).length === 0 ? "" : oneLine(fields)}`.trim()),
      value: host,
      host,
    };
  }
  const { data: _, to, from, ...how } = fields;
  const whom = direction === "up" ? whomText(to) : ` ${typeof from === "number" ? from : "?"}`;
  const options = Object.keys(how).length === 0 ? "" : ` ${oneLine(how)}`;
  return {
    kind: carried.kind,
    summary: cut(`${name}${whom}${options}: ${carried.summary}`),
    value: { ...host, data: carried.value },
    host,
    ...(carried.sdk !== undefined && { sdk: carried.sdk }),
  };
}

function whomText(to: CborValue): string {
  const ids = Array.isArray(to) ? to : [];
  return ids.length === 0 ? " all" : ` ${ids.join(",")}`;
}

function carriedBy(command: string, data: CborValue): DecodedFrame | undefined {
  if (!/^(?:to|from)(?:_str)?$/.test(command)) return undefined;
  if (typeof data === "string") return gameFrame(data, data.length);
  const bytes = data instanceof Uint8Array ? data : bytesOf(data);
  return bytes === undefined ? undefined : gameFrame(bytes, bytes.length);
}

/** JSON and old hosts have bytes as a list of numbers. */
function bytesOf(data: CborValue): Uint8Array<ArrayBuffer> | undefined {
  if (!Array.isArray(data)) return undefined;
  return Uint8Array.from(data, Number);
}

function gameFrame(data: string | Uint8Array<ArrayBuffer>, size: number): DecodedFrame {
  if (typeof data !== "string") {
    return { kind: "bytes", summary: cut(`${size} bytes: ${hexOf(data.subarray(0, 32))}`), value: data };
  }
  const text = data.startsWith("\0\0") ? data.slice(1) : data; // escaped
  const object = objectIn(text);
  if (object === undefined) return { kind: "text", summary: cut(text), value: text };
  const word = object["cw"];
  if (typeof word !== "string") return { kind: "json", summary: cut(text), value: object };
  return { kind: "sdk", summary: cut(sdkSummary(object)), value: object, sdk: object };
}

/** What the SDK says, by its word and without quotation marks (P5.10). */
function sdkSummary({ cw, ...fields }: { readonly [key: string]: CborValue }): string {
  const { name, id, data, error, set, player, all, v, n, ...others } = fields;
  const rest = after(Object.keys(others).length === 0 ? undefined : others);
  switch (cw) {
    case "event":
      return `${id === undefined ? "event" : "ask"} ${plain(name)}${after(data)}${numbered("#", id)}${rest}`;
    case "reply":
      return `reply${numbered("#", id)}${after(data)}${error === undefined ? "" : ` error: ${plain(error)}`}${rest}`;
    case "state":
      return `state${numbered("of player ", player)}${all === true ? " whole" : ""}${after(set)}${numbered("v", v)}${numbered("n", n)}${error === undefined ? "" : ` error: ${plain(error)}`}${rest}`;
    default:
      return oneLine({ cw, ...fields });
  }
}

function after(value: CborValue): string {
  return value === undefined ? "" : ` ${oneLine(value)}`;
}

function plain(value: CborValue): string {
  return typeof value === "string" ? value : oneLine(value);
}

function numbered(mark: string, value: CborValue): string {
  return value === undefined ? "" : ` ${mark}${plain(value)}`;
}

function objectIn(text: string): { readonly [key: string]: CborValue } | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    const value: CborValue = JSON.parse(text);
    if (isFields(value)) return value;
    return Array.isArray(value) ? Object.fromEntries(value.map((item, index) => [String(index), item])) : undefined;
  } catch {
    return undefined; // text that begins like JSON, or the beginning of a long frame
  }
}

function isFields(value: CborValue): value is { readonly [key: string]: CborValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

function lengthOf(data: string | Uint8Array): number {
  return typeof data === "string" ? new TextEncoder().encode(data).length : data.length;
}

function oneLine(value: CborValue): string {
  return JSON.stringify(value, (_key, item: unknown) => (item instanceof Uint8Array ? `bytes ${hexOf(item)}` : item));
}

function cut(text: string): string {
  return text.length <= MAX_SUMMARY ? text : `${text.slice(0, MAX_SUMMARY)}…`;
}

export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

/** The value over several lines, as JSON; bytes as hex. */
export function prettyValue(value: CborValue): string {
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return hexDump(value);
  return JSON.stringify(
    value,
    (_key, item: unknown) =>
      item instanceof Uint8Array ? `${item.length} bytes: ${hexOf(item.subarray(0, 256))}` : item,
    2,
  );
}

/** Eight bytes a line: place, hex, text. */
export function hexDump(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 8) {
    const part = bytes.subarray(at, at + 8);
    const text = Array.from(part, (byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : ".")).join("");
    lines.push(`${at.toString(16).padStart(6, "0")}  ${hexOf(part).padEnd(23)}  ${text}`);
  }
  return lines.join("\n");
}
