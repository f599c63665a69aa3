/**
 * The control frames of `couchwire.v1` (P5.5): text frames that begin with U+0000. A data text frame that begins
 * with U+0000 is sent with one more in front, so the two are never mistaken; all other data frames pass as they are.
 */

/** The subprotocol that asks for exactly-once delivery. */
export const RELIABLE_SUBPROTOCOL = "couchwire.v1";

/** What the server says first on every connection. */
export interface Hello {
  /** The life of the room. Counts of another life mean nothing in this one. */
  readonly epoch: string;
  /** Data frames of the peer that the server has got: the peer goes on with the next one. */
  readonly received: number;
  /** Data frames that follow at once and do not count: what a page needs that starts from nothing. */
  readonly greeting: number;
  /** The number of the next data frame that counts. */
  readonly next: number;
  /** Data frames before that one which the peer never gets, because the buffer did not hold. */
  readonly lost: number;
  /** The player's id. Not told to hosts, nor by a server that knows WMBP and sessions alone; so is all that follows. */
  readonly player?: number;
  /** The name of the room's game. Not told to hosts. */
  readonly game?: string;
  /** The room's clock (P5.9.3). A server that tells it answers `\0time`; another one closes a connection that says it. */
  readonly now?: number;
  /** Milliseconds until the token expires by which the peer is here; there for one that came with a token, which may renew it (`\0token`). */
  readonly expires_ms?: number;
}

/** What became of a newer token that the client has shown: until when it counts, or why it does not. */
export type TokenAnswer =
  | {
      /** Seconds since 1970. */
      readonly exp: number;
      readonly expires_ms: number;
    }
  | { readonly error: string };

/** Where a phone goes whose room is another game's. */
export interface GameNotice {
  readonly name: string;
  /** The host's `join_url` with the code as `room`, or the address of the room at its server, whose path ends in the code. */
  readonly url: string;
}

/** A control frame of a reliable connection (P5.5). */
export type Control =
  | { readonly word: "hello"; readonly hello: Hello }
  /** The sender has got this many data frames. */
  | { readonly word: "ack"; readonly count: number }
  /** This many data frames of the sender were lost before they could be sent; they count as got. */
  | { readonly word: "skip"; readonly count: number }
  /** The client asks whether the connection is alive: the server answers with an `ack` at once. */
  | { readonly word: "ping" }
  /** The client asks what time it is, and the server answers with `now`: milliseconds of the room's clock (P5.9.3). */
  | { readonly word: "time"; readonly now?: number }
  /** The client waits for a seat, at this place of the line, from 1 (P5.7). */
  | { readonly word: "queue"; readonly position: number }
  /** The client has found no seat, and watches instead (P5.7). */
  | { readonly word: "role"; readonly role: "audience" }
  /** The room is another game's, and phones go to its page (P5.9.7). */
  | { readonly word: "game"; readonly game: GameNotice }
  /** The client shows a newer token (P5.9.14); the server answers what became of it. */
  | { readonly word: "token"; readonly token: string | TokenAnswer };

const NUL = "\0";
const NUL_BYTE = 0;
const utf8 = /* @__PURE__ */ new TextEncoder();
const fromUtf8 = /* @__PURE__ */ new TextDecoder("utf-8", { ignoreBOM: true });

/** A text frame as its WebSocket has it: bytes on the server, a string in a browser. */
type Text = string | Uint8Array;

export function encodeControl(control: Control): Uint8Array {
  return utf8.encode(writeControl(control));
}

/** As `encodeControl`, for a WebSocket that takes strings. */
export function writeControl(control: Control): string {
  switch (control.word) {
    case "hello":
      return `\0hello ${JSON.stringify(control.hello)}`;
    case "ack":
    case "skip":
      return `\0${control.word} ${control.count}`;
    case "ping":
      return "\0ping";
    case "time":
      return control.now === undefined ? "\0time" : `\0time {"now":${control.now}}`;
    case "queue":
      return `\0queue {"position":${control.position}}`;
    case "role":
      return `\0role {"role":"${control.role}"}`;
    case "game":
      return `\0game ${JSON.stringify(control.game)}`;
    case "token":
      return `\0token ${typeof control.token === "string" ? control.token : JSON.stringify(control.token)}`;
    default:
      return control satisfies never;
  }
}

/** The frame that tells a client that a message of it was not passed on, and why (P5.5.12). A client that does not know it reads on. */
export function encodeRefusal(reason: string): Uint8Array {
  return utf8.encode(`\0refused ${JSON.stringify({ reason })}`);
}

/** The reason in such a frame, for a WebSocket that gives strings; `undefined` for every other frame. */
export function readRefusal(text: string): string | undefined {
  const [, reason] = /^\0refused \{"reason":("[^]*")\}$/.exec(text) ?? [];
  try {
    return reason && JSON.parse(reason);
  } catch {
    return undefined; // not as the server writes it
  }
}

/** What stands in front of data text that begins with U+0000 (P5.5.4). */
export const ESCAPE = /* @__PURE__ */ new Uint8Array([NUL_BYTE]);

/** Whether a text frame is a control frame or escaped data; all else is data as it is. */
export function beginsWithNul(text: Text): boolean {
  return isNul(text[0]);
}

/** Whether a text frame is a control frame, and not data. */
export function isControl(text: Text): boolean {
  return isNul(text[0]) && !isNul(text[1]);
}

/** Data text as it is sent. */
export function escapeText(text: string): string {
  return beginsWithNul(text) ? NUL + text : text;
}

/** The data of a text frame that is no control frame. */
export function unescapeText(text: string): string;
export function unescapeText(text: Uint8Array): Uint8Array;
export function unescapeText(text: Text): Text {
  if (!beginsWithNul(text)) return text;
  return typeof text === "string" ? text.slice(1) : text.subarray(1);
}

function isNul(unit: string | number | undefined): boolean {
  return unit === NUL_BYTE || unit === NUL;
}

/** Reads a control frame; `undefined` where it is not one of `Control`. */
export function decodeControl(text: Uint8Array): Control | undefined {
  return readControl(fromUtf8.decode(text));
}

/** As `decodeControl`, for a WebSocket that gives strings. */
export function readControl(text: string): Control | undefined {
  const [, word, rest = ""] = /^\0([a-z]+)(?: ([^]*))?$/.exec(text) ?? [];
  if (word === "hello") {
    const hello = parseHello(rest);
    return hello && { word, hello };
  }
  if (text === "\0ping") return { word: "ping" };
  if (word === "time") return readTime(text);
  if (word === "queue") {
    const { position } = parseFields(rest);
    return isCount(position) && position > 0 ? { word, position } : undefined;
  }
  if (word === "role") return parseFields(rest)["role"] === "audience" ? { word, role: "audience" } : undefined;
  if (word === "game") {
    const game = parseGame(rest);
    return game && { word, game };
  }
  if (word === "token") {
    const token = rest.startsWith("{") ? parseTokenAnswer(rest) : rest;
    return token === undefined ? undefined : { word, token };
  }
  if ((word === "ack" || word === "skip") && /^\d{1,15}$/.test(rest)) return { word, count: Number(rest) };
  return undefined;
}

function readTime(text: string): Control | undefined {
  if (text === "\0time") return { word: "time" };
  const [, now] = /^\0time \{"now": ?(\d{1,15}(?:\.\d{1,9})?)\}$/.exec(text) ?? [];
  return now === undefined ? undefined : { word: "time", now: Number(now) };
}

function parseGame(json: string): GameNotice | undefined {
  const { name, url } = parseFields(json);
  return typeof name === "string" && typeof url === "string" ? { name, url } : undefined;
}

function parseTokenAnswer(json: string): TokenAnswer | undefined {
  const { exp, expires_ms, error } = parseFields(json);
  if (typeof error === "string") return { error };
  return typeof exp === "number" && isCount(expires_ms) ? { exp, expires_ms } : undefined;
}

/** The fields of an object in JSON, of whatever types; none where it is something else. */
function parseFields(json: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(json) ?? {};
  } catch {
    return {}; // not JSON, so no fields
  }
}

function parseHello(json: string): Hello | undefined {
  const { epoch, received, greeting, next, lost, player, game, now, expires_ms } = parseFields(json);
  if (typeof epoch !== "string" || !isCount(received) || !isCount(greeting) || !isCount(next) || !isCount(lost)) {
    return undefined;
  }
  return {
    epoch,
    received,
    greeting,
    next,
    lost,
    ...(isCount(player) && { player }),
    ...(typeof game === "string" && { game }),
    ...(typeof now === "number" && { now }),
    ...(isCount(expires_ms) && { expires_ms }),
  };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** The close reason after a control frame that makes no sense. */
export const NOT_UNDERSTOOD = "That control frame of couchwire.v1 was not understood.";
