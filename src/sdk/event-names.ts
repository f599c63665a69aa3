/** Which names the events of a game may have. */
import { hasOwn } from "../protocol/has-own.ts";
import { invalid, quote } from "./invalid-argument.ts";

/** Names that begin so are the SDK's own (P5.10.3). */
export const OWN_PREFIX = "cw:";
const MAX_NAME_BYTES = 64;
const utf8 = new TextEncoder();

/** Where the SDK itself tells each of its events. They are reserved on both sides, so that one list holds for a game. */
const BUILT_IN = {
  away: "on both sides",
  back: "on both sides",
  binary: "on both sides",
  close: "on both sides",
  connecting: "on both sides",
  error: "of the TV",
  game: "of the phone",
  gap: "on both sides",
  health: "of the TV",
  join: "of the TV",
  json: "on both sides",
  leave: "of the TV",
  moved: "of the TV",
  open: "of the phone",
  profile: "on both sides",
  queue: "of the phone",
  reconnected: "of the TV",
  reconnecting: "on both sides",
  refused: "of the phone",
  reloaded: "of the phone",
  reopened: "of the TV",
  state: "on both sides",
  tally: "of the TV",
  text: "on both sides",
} as const;

/** Names that a game's own events cannot have. */
export type ReservedName = keyof typeof BUILT_IN | `${typeof OWN_PREFIX}${string}`;

/** The name is one that the SDK tells itself, or keeps for itself. */
export function isReserved(name: string): boolean {
  return isBuiltIn(name) || name.startsWith(OWN_PREFIX);
}

function isBuiltIn(name: string): name is keyof typeof BUILT_IN {
  return hasOwn(BUILT_IN, name);
}

/** @throws {CouchwireError} `invalid_argument` at what a game's own event may not be called */
export function checkEventName(name: unknown): asserts name is string {
  if (typeof name !== "string") throw invalid(`An event's name is a text such as "answer"; this is ${quote(name)}.`);
  const { length } = utf8.encode(name);
  if (length < 1 || length > MAX_NAME_BYTES) {
    throw invalid(`An event's name may have 1 to ${MAX_NAME_BYTES} bytes; this has ${length}.`);
  }
  if (name.startsWith(OWN_PREFIX)) {
    throw invalid(`Names that begin with "${OWN_PREFIX}" are the SDK's own; this is ${quote(name)}.`);
  }
  if (!isBuiltIn(name)) return;
  throw invalid(
    `"${name}" is an event ${BUILT_IN[name]} that the SDK tells itself: give the game's event another name.`,
  );
}
