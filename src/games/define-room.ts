/** Kinds of rooms whose host is code in this process: `defineRoom` and the built-in kind `relay`. */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { StandIn } from "./bot.ts";
import { nearestName } from "../nearest-name.ts";
import { hasOwn } from "../protocol/has-own.ts";
import { HOST_RUN_KIND, isRoomKind } from "../protocol/room-kind.ts";
import type { DropPolicy } from "../session/dropping-peer.ts";
import type { GameRoom, HistoryLimits, JoinAnswer, JoinDetails, LeaveReason, Member } from "./game-room.ts";

/** What a kind of room does. Every handler may be asynchronous. One that throws, rejects or takes longer than five seconds harms its own room at most. */
export interface RoomDefinition<State = undefined, Incoming = unknown> {
  /** The name of the kind: 1 to 32 of `a–z 0–9 -`. */
  readonly kind: string;
  /** Seats. @default the server's limit */
  readonly maxPlayers?: number;
  /** Spectators at one time. @default 1000 */
  readonly maxSpectators?: number;
  /** What becomes of a newcomer that finds no seat, for the room is full or locked. @default "refuse" */
  readonly overflow?: "refuse" | "spectator";
  /** Milliseconds that an empty room is kept, from its creation on; `Infinity`: for ever. @default 300000 */
  readonly emptyRoomMs?: number;
  /** Passes what members say on to all others, or to those of its `to`, after `onMessage` or `onBinary`. @default false */
  readonly relays?: boolean;
  /** Takes messages of spectators too. @default false */
  readonly spectatorsSpeak?: boolean;
  /** Lets a bot play for each member that is away for longer than `afterMs`, counted from `onAway`, until it is back. @default its seat waits */
  readonly standIn?: StandIn;
  /**
   * What becomes of a member for which more waits than the server's `sendQueue`: its connection is closed with 4031, or frames for it are dropped, those
   * that come then or those that have waited longest. It is told how many it lost, once it reads again. @default "close"
   */
  readonly slowReader?: "close" | DropPolicy;
  /** What is kept of what was said to all and told to newcomers. @default none */
  readonly history?: HistoryLimits;
  /** Checks what members say, before `onMessage`: any Standard Schema, such as one of zod. */
  readonly message?: StandardSchemaV1<unknown, Incoming>;
  createState?(): State;
  /** The room is new, or is reopened in a new process (`room.isReopened`). Newcomers wait until this is done, and so do members that come back. */
  onCreate?(room: GameRoom<State>): void | Promise<void>;
  /**
   * Asks for a newcomer, which is in the room once this has answered: it hears `joined` first, then what was said to it meanwhile. What the room says before
   * the first `await` waits for that as well, so the newcomer hears a `broadcast` too. Not asked for a member that comes back to its seat.
   */
  onJoin?(room: GameRoom<State>, member: Member, details: JoinDetails): JoinAnswer | Promise<JoinAnswer>;
  onMessage?(room: GameRoom<State>, member: Member, message: Incoming): void | Promise<void>;
  onBinary?(room: GameRoom<State>, member: Member, bytes: Uint8Array): void | Promise<void>;
  onAway?(room: GameRoom<State>, member: Member): void | Promise<void>;
  onBack?(room: GameRoom<State>, member: Member): void | Promise<void>;
  onLeave?(room: GameRoom<State>, member: Member, reason: LeaveReason): void | Promise<void>;
  /** The last seat was taken. Called once for each filling. */
  onFull?(room: GameRoom<State>): void | Promise<void>;
  /** The last seat was given up. */
  onEmpty?(room: GameRoom<State>): void | Promise<void>;
  onClose?(room: GameRoom<State>, reason: LeaveReason): void | Promise<void>;
}

/** A kind of room, as `defineRoom` returns it, for `createServer({}, { rooms: [...] })`. */
export type RoomKind = Readonly<RoomDefinition<unknown>>;

/** What each option has to be. A kind has no others. */
const OPTIONS: Readonly<Record<keyof Required<RoomDefinition>, (value: unknown) => string | undefined>> = {
  kind: (value) =>
    typeof value === "string" && isRoomKind(value) && value !== HOST_RUN_KIND
      ? undefined
      : "has to be 1 to 32 of a-z, 0-9 and -, such as chess, and not host",
  maxPlayers: (value) => (isCount(value, 1) ? undefined : "has to be a whole number from 1 on"),
  maxSpectators: (value) => (isCount(value, 0) ? undefined : "has to be a whole number from 0 on"),
  overflow: (value) => (value === "refuse" || value === "spectator" ? undefined : 'has to be "refuse" or "spectator"'),
  emptyRoomMs: (value) => (isSpan(value) ? undefined : "has to be milliseconds, from 0 to Infinity"),
  relays: problemOfFlag,
  spectatorsSpeak: problemOfFlag,
  standIn: problemOfStandIn,
  slowReader: (value) =>
    value === "close" || value === "drop-newest" || value === "drop-oldest"
      ? undefined
      : 'has to be "close", "drop-newest" or "drop-oldest"',
  history: problemOfHistory,
  message: problemOfSchema,
  createState: problemOfFunction,
  onCreate: problemOfFunction,
  onJoin: problemOfFunction,
  onMessage: problemOfFunction,
  onBinary: problemOfFunction,
  onAway: problemOfFunction,
  onBack: problemOfFunction,
  onLeave: problemOfFunction,
  onFull: problemOfFunction,
  onEmpty: problemOfFunction,
  onClose: problemOfFunction,
};
const OPTION_NAMES = Object.keys(OPTIONS);
const HISTORY_NAMES = ["frames", "bytes", "ms"];
/** Frames in the history of one room. */
const MAX_HISTORY_FRAMES = 100_000;

/** Defines a kind of room. Throws `TypeError` with a sentence where an option is wrong. */
export function defineRoom<State = undefined, Incoming = unknown>(
  definition: RoomDefinition<State, Incoming>,
): RoomKind {
  if (typeof definition !== "object" || definition === null)
    throw new TypeError(`defineRoom takes an object with the options of a kind of room; this is ${show(definition)}.`);
  const unknown = Object.keys(definition).find((name) => !hasOwn(OPTIONS, name));
  if (unknown !== undefined) throw new TypeError(`defineRoom has no option ${unknown}${meant(unknown, OPTION_NAMES)}`);
  for (const [name, problemOf] of Object.entries(OPTIONS)) {
    const value: unknown = Reflect.get(definition, name);
    if (value === undefined && name !== "kind") continue;
    const problem = problemOf(value);
    if (problem !== undefined) throw new TypeError(`defineRoom: ${name} is ${show(value)}, but ${problem}.`);
  }
  return Object.freeze({ ...definition });
}

/** Checks kinds that may not have come from `defineRoom`, as plain JavaScript may give them. Throws `TypeError` with a sentence where one is wrong. */
export function checkedKinds(kinds: readonly RoomKind[]): readonly RoomKind[] {
  if (!Array.isArray(kinds)) throw new TypeError("rooms has to be a list of kinds, as defineRoom returns them.");
  return kinds.map((kind) => (kind === relay ? relay : defineRoom(kind)));
}

/** The built-in kind: what a member says goes to all others, or to those of its `to`. Newcomers get the last 50 messages. */
export const relay: RoomKind = defineRoom({ kind: "relay", relays: true, history: { frames: 50 } });

function isCount(value: unknown, least: number): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= least;
}

function isSpan(value: unknown): boolean {
  return typeof value === "number" && value >= 0;
}

function problemOfFlag(value: unknown): string | undefined {
  return typeof value === "boolean" ? undefined : "has to be true or false";
}

function problemOfFunction(value: unknown): string | undefined {
  return typeof value === "function" ? undefined : "has to be a function";
}

function problemOfHistory(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return "has to be an object such as { frames: 50 }";
  const unknown = Object.keys(value).find((name) => !HISTORY_NAMES.includes(name));
  if (unknown !== undefined) return `has no limit ${unknown}${meant(unknown, HISTORY_NAMES).replace(/[.?]$/, "")}`;
  const { frames, bytes = 1, ms = 1 }: { frames?: unknown; bytes?: unknown; ms?: unknown } = value;
  if (!isCount(frames, 0) || Number(frames) > MAX_HISTORY_FRAMES)
    return `its frames have to be a whole number from 0 to ${MAX_HISTORY_FRAMES}`;
  if (!isCount(bytes, 1)) return "its bytes have to be a whole number from 1 on";
  return isSpan(ms) ? undefined : "its ms have to be milliseconds, from 0 to Infinity";
}

function problemOfStandIn(value: unknown): string | undefined {
  const { bot, afterMs }: { bot?: unknown; afterMs?: unknown } =
    typeof value === "object" && value !== null ? value : {};
  if (typeof bot !== "object" || bot === null) return "has to be an object with a bot, as defineBot returns it";
  return isSpan(afterMs) ? undefined : "its afterMs have to be milliseconds, from 0 to Infinity";
}

function problemOfSchema(value: unknown): string | undefined {
  const isObject = (typeof value === "object" && value !== null) || typeof value === "function";
  const standard: unknown = isObject ? Reflect.get(value, "~standard") : undefined;
  const validate: unknown =
    typeof standard === "object" && standard !== null ? Reflect.get(standard, "validate") : undefined;
  return typeof validate === "function" ? undefined : "has to be a Standard Schema, such as one of zod";
}

function meant(name: string, known: readonly string[]): string {
  const near = nearestName(name, known);
  return near === undefined ? `; there are ${known.join(", ")}.` : `; did you mean ${near}?`;
}

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 64));
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
