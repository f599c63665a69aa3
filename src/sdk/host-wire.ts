/** The host's side of the wire: commands to frames, frames to events (P2). */
import { decodeCbor, type CborLimits, type CborValue } from "../protocol/cbor-reader.ts";
import { encodeCbor } from "../protocol/cbor-writer.ts";
import type { Overflow, PollId } from "../protocol/commands.ts";
import type { ErrorCode } from "../protocol/error-codes.ts";
import type {
  ErrorEvent,
  FromEvent,
  HealthEvent,
  HostEvent,
  PlayerHealth,
  RestoreEvent,
  StateDeltaEvent,
} from "../protocol/events.ts";
import { hasOwn } from "../protocol/has-own.ts";
import { failure, success, type Result } from "../protocol/result.ts";

/** What the SDK asks of the server. */
export type WireCommand =
  | {
      readonly cmd: "prepare";
      readonly max_players: number;
      readonly name: string;
      readonly join_url?: string;
      readonly pin?: string;
      readonly meta?: CborValue;
      readonly overflow?: Overflow;
      readonly audience?: number;
      readonly queue?: number;
    }
  | { readonly cmd: "to_audience"; readonly data: Uint8Array<ArrayBuffer> }
  | { readonly cmd: "to_audience_str"; readonly data: string }
  /** Without an id no poll is open any more. */
  | { readonly cmd: "poll"; readonly id?: PollId }
  | { readonly cmd: "game"; readonly name: string; readonly join_url?: string; readonly max_players?: number }
  | { readonly cmd: "start" | "open" | "stop" }
  | { readonly cmd: "kick"; readonly player: number; readonly reason?: string; readonly ban?: boolean }
  | ({ readonly cmd: "to"; readonly to: readonly number[]; readonly data: Uint8Array<ArrayBuffer> } & WireDelivery)
  | ({ readonly cmd: "to_str"; readonly to: readonly number[]; readonly data: string } & WireDelivery)
  | { readonly cmd: "save"; readonly data: string; readonly received: number }
  | {
      readonly cmd: "save";
      /** `null` forgets a key. */
      readonly keys: Readonly<Record<string, string | null>>;
      /** Without it, what was said of earlier frames holds on. */
      readonly received?: number;
    }
  | { readonly cmd: "game"; readonly name: string; readonly join_url?: string; readonly max_players?: number }
  | { readonly cmd: "publish"; readonly channel: string; readonly data: CborValue }
  | { readonly cmd: "health"; readonly every: number }
  | { readonly cmd: "rescue"; readonly player: number };

/** How a frame is delivered, where it asks for more than the plain way. */
export type WireDelivery = {
  readonly except?: readonly number[];
  readonly volatile?: true | string;
  readonly ttl?: number;
  readonly retain?: string;
  /** Behind what is kept under that name, and not in its place. */
  readonly append?: true;
  /** Kept, and not sent now. */
  readonly silent?: true;
};

/** A command that the server refused. The room stays as it was. */
export interface RoomError {
  /** Of the table of error codes; a newer server may know more of them. */
  readonly code: ErrorCode | (string & {});
  /** For people: what was wrong and what is allowed. */
  readonly reason: string;
  /** The refused command as it is called on the wire, where it could be read. */
  readonly in?: string;
}

/** An event of the server, as the room understands it. */
export type ServerEvent =
  | Exclude<HostEvent, ErrorEvent | FromEvent | HealthEvent | RestoreEvent>
  | { readonly cmd: "restore"; readonly data: string | undefined; readonly keys: ReadonlyMap<string, string> }
  | (FromEvent & { readonly data: Uint8Array<ArrayBuffer> })
  | { readonly cmd: "health"; readonly players: ReadonlyMap<number, PlayerHealth> }
  | { readonly cmd: "error"; readonly error: RoomError };

export function encodeCommand(command: WireCommand): Uint8Array<ArrayBuffer> {
  return encodeCbor(command);
}

/** Far beyond what a server says: a `health` or a `state` of very many players, a frame with its bytes as an array of integers. */
export const EVENT_LIMITS: CborLimits = { depth: 32, items: 4_194_304 };

/** Reads one frame of the server; `undefined` for an event that this version does not know, and need not. */
export function parseHostEvent(frame: string | Uint8Array): Result<ServerEvent | undefined, string> {
  if (typeof frame === "string") return failure("A text frame came where only CBOR was asked for");
  const decoded = decodeCbor(frame, EVENT_LIMITS);
  if (!decoded.ok) return decoded;
  const event = new Fields(decoded.value);
  const cmd = event.text("cmd");
  switch (cmd) {
    case "state":
      return success({
        cmd,
        name: event.text("name"),
        players: event.integers("players"),
        max_players: event.integer("max_players"),
        accept_conns: event.get("accept_conns") === true,
        ...event.crowd(),
        ...(event.get("delta") === true && { delta: true }),
      });
    case "state_delta":
      return success({ cmd, ...event.changes() });
    case "audience": {
      const poll = event.get("poll");
      return success({
        cmd,
        count: event.integer("count"),
        tally: event.numbers("tally"),
        other: event.integer("other"),
        ...((typeof poll === "string" || typeof poll === "number") && { poll }),
      });
    }
    case "prepare_reply":
      return success({ cmd, key: event.text("key") });
    case "player_joined": {
      const [name, user] = [event.text("name"), event.text("user")];
      const who = { ...(name !== "" && { name }), ...(user !== "" && { user }) };
      return success({ cmd, player: event.integer("player"), ...who });
    }
    case "player_left":
    case "player_away":
      return success({ cmd, player: event.integer("player") });
    case "player_back":
      return success({ cmd, player: event.integer("player"), missed: event.integer("missed") });
    case "gap":
      return success({ cmd, player: event.integer("player"), lost: event.integer("lost") });
    case "restore":
      return success({ cmd, data: event.optionalText("data"), keys: event.texts("keys") });
    case "rescue_reply":
      return success({ cmd, player: event.integer("player"), url: event.text("url") });
    case "health":
      return success({ cmd, players: event.health() });
    case "from":
      return success({ cmd, from: event.integer("from"), data: event.bytes("data") });
    case "from_str":
      return success({ cmd, from: event.integer("from"), data: event.text("data") });
    case "error":
      return success({ cmd, error: event.error() });
    default:
      return cmd === "" ? failure("A frame of the server has no `cmd`") : success(undefined);
  }
}

/** The fields of an event. What is missing or of another type is read as empty: it is the server's fault, not the game's. */
class Fields {
  readonly #value: CborValue;

  constructor(value: CborValue) {
    this.#value = value;
  }

  get(name: string): unknown {
    const value = this.#value;
    return typeof value === "object" && value !== null && hasOwn(value, name) ? Reflect.get(value, name) : undefined;
  }

  text(name: string): string {
    const value = this.get(name);
    return typeof value === "string" ? value : "";
  }

  optionalText(name: string): string | undefined {
    const value = this.get(name);
    return typeof value === "string" ? value : undefined;
  }

  /** The fields of this map that are text. */
  texts(name: string): ReadonlyMap<string, string> {
    const texts = new Map<string, string>();
    for (const [key, value] of Object.entries(this.get(name) ?? {}))
      if (typeof value === "string") texts.set(key, value);
    return texts;
  }

  /** The fields of this map that are numbers. */
  numbers(name: string): Readonly<Record<string, number>> {
    const entries = Object.entries(this.get(name) ?? {}).filter(([, value]) => typeof value === "number");
    return Object.fromEntries(entries);
  }

  /** Watchers and waiting phones, where the server tells of any. */
  crowd(): Pick<StateDeltaEvent, "audience" | "waiting"> {
    return {
      ...(this.get("audience") !== undefined && { audience: this.integer("audience") }),
      ...(this.get("waiting") !== undefined && { waiting: this.integer("waiting") }),
    };
  }

  integer(name: string): number {
    const value = this.get(name);
    return typeof value === "number" ? value : 0;
  }

  /** What a `state_delta` changes. */
  changes(): Omit<StateDeltaEvent, "cmd"> {
    const acceptsConnections = this.get("accept_conns");
    return {
      ...(this.get("name") !== undefined && { name: this.text("name") }),
      ...(this.get("max_players") !== undefined && { max_players: this.integer("max_players") }),
      ...(typeof acceptsConnections === "boolean" && { accept_conns: acceptsConnections }),
      ...this.crowd(),
    };
  }

  integers(name: string): readonly number[] {
    const value = this.get(name);
    return Array.isArray(value) ? value.filter((item) => typeof item === "number") : [];
  }

  /** A byte string as asked for, or the array of integers of a server that knows no `bytes=string`. */
  bytes(name: string): Uint8Array<ArrayBuffer> {
    const value = this.get(name);
    return value instanceof Uint8Array ? new Uint8Array(value) : Uint8Array.from(this.integers(name));
  }

  health(): ReadonlyMap<number, PlayerHealth> {
    const players = new Map<number, PlayerHealth>();
    for (const [player, value] of Object.entries(this.get("players") ?? {})) {
      const health = new Fields(value);
      const rtt = health.get("rtt");
      players.set(Number(player), {
        rtt: typeof rtt === "number" ? rtt : null,
        queued: health.integer("queued"),
        away: health.get("away") === true,
      });
    }
    return players;
  }

  /** A server that knows only WMBP gives a reason and no code. */
  error(): RoomError {
    const command = this.text("in");
    return {
      code: this.text("code") || "invalid_message",
      reason: this.text("reason"),
      ...(command !== "" && { in: command }),
    };
  }
}
