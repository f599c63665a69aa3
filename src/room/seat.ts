/** One player's place in a room. With a session it outlives the player's connections (P5.4). */
import type { PlayerId } from "../protocol/commands.ts";
import type { SeatEncoder } from "../protocol/host-encoder.ts";
import type { Allowance } from "./allowance.ts";
import { Bucket } from "./bucket.ts";
import type { Channel } from "./channel.ts";
import type { OutboxFrame } from "./outbox.ts";
import type { Cancel, PlayerPort } from "./ports.ts";

/** Whether the player is there. Away is a session whose line is down; a seat that is gone counts no more. */
export type Presence =
  | { readonly at: "here"; readonly port: PlayerPort }
  | { readonly at: "away"; readonly isHostTold: () => boolean; readonly cancel: Cancel }
  | { readonly at: "gone" };

/** Names under which frames are retained for one player; past them the oldest goes. */
const MAX_RETAINED_NAMES = 16;

/** Phones that this seat was rescued to, of which the room remembers whose they were. */
const MAX_FORMER_SESSIONS = 16;
/** How often somebody may come back to a seat: with the worst of networks, not in a loop. */
const RETURNS = { size: 60, perSecond: 2 };

export interface SeatOptions {
  readonly player: PlayerId;
  readonly session: string | undefined;
  readonly visitor: string | undefined;
  readonly channel: Channel;
  readonly encoder: SeatEncoder;
  readonly allowance: Allowance;
  /** Bytes of retained frames; past them the oldest goes. */
  readonly retainBytes: number;
  /** When the seat is taken, in milliseconds. */
  readonly now: number;
}

export class Seat {
  readonly player: PlayerId;
  /** A rescue may give a seat without a session one that keeps what it sends. */
  channel: Channel;
  /** Makes the host's frames out of what this player sends. */
  readonly encoder: SeatEncoder;
  readonly allowance: Allowance;
  /** Whom to bar after a flood. */
  visitor: string | undefined;
  presence: Presence = { at: "gone" };
  #session: string | undefined;
  readonly #formerSessions = new Set<string>();
  #returns: Bucket;
  readonly #retainBytes: number;
  readonly #retained = new Map<string, OutboxFrame>();

  constructor({ player, session, visitor, channel, encoder, allowance, retainBytes, now }: SeatOptions) {
    this.player = player;
    this.#session = session;
    this.#returns = new Bucket(RETURNS, now);
    this.visitor = visitor;
    this.channel = channel;
    this.encoder = encoder;
    this.allowance = allowance;
    this.#retainBytes = retainBytes;
  }

  /** Who may come back to this seat: a hashed session. */
  get session(): string | undefined {
    return this.#session;
  }

  /** The session that this seat is, after those that it was before rescues: all phones of the same player. */
  get sessions(): readonly string[] {
    return [...this.#formerSessions, ...(this.#session === undefined ? [] : [this.#session])];
  }

  /** From now on the seat is this session's alone: the same player, on another phone. */
  handOver(session: string | undefined, visitor: string | undefined, now: number): void {
    if (this.#session !== undefined) this.#formerSessions.add(this.#session);
    const [oldest] = this.#formerSessions;
    if (oldest !== undefined && this.#formerSessions.size > MAX_FORMER_SESSIONS) this.#formerSessions.delete(oldest);
    this.#session = session;
    this.visitor = visitor;
    this.#returns = new Bucket(RETURNS, now);
  }

  /** Whether somebody may come back now, or has done so too often. */
  takeReturn(now: number): boolean {
    return this.#returns.take(1, now);
  }

  /** Keeps a frame as the last of its name. */
  retain(name: string, data: Uint8Array, isText: boolean): void {
    if (this.session === undefined) return; // nobody can come back to this seat
    this.#retained.delete(name);
    this.#retained.set(name, { data, isText });
    let bytes = 0;
    for (const frame of this.#retained.values()) bytes += frame.data.length;
    for (const [oldest, frame] of this.#retained) {
      if (this.#retained.size <= MAX_RETAINED_NAMES && bytes <= this.#retainBytes) break;
      bytes -= frame.data.length;
      this.#retained.delete(oldest);
    }
  }

  /** The retained frames, oldest first, without those that come anyway. */
  retainedExcept(isComing: (data: Uint8Array) => boolean): readonly OutboxFrame[] {
    return [...this.#retained.values()].filter(({ data }) => !isComing(data));
  }
}

/** One connection's stay on a seat. It ends when another takes its place. */
export class Visit {
  readonly seat: Seat;
  readonly port: PlayerPort;

  constructor(seat: Seat, port: PlayerPort) {
    this.seat = seat;
    this.port = port;
  }

  get player(): PlayerId {
    return this.seat.player;
  }

  /** `false` once the seat is another connection's or nobody's: nothing of this one counts any more. */
  get isCurrent(): boolean {
    const { presence } = this.seat;
    return presence.at === "here" && presence.port === this.port;
  }
}
