/** One player's place in a room. With a session it outlives the player's connections (P5.4). */
import type { PlayerId } from "../protocol/commands.ts";
import type { SeatEncoder } from "../protocol/host-encoder.ts";
import type { Allowance } from "./allowance.ts";
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

export interface SeatOptions {
  readonly player: PlayerId;
  readonly session: string | undefined;
  readonly visitor: string | undefined;
  readonly channel: Channel;
  readonly encoder: SeatEncoder;
  readonly allowance: Allowance;
  /** Bytes of retained frames; past them the oldest goes. */
  readonly retainBytes: number;
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
  /** Who may come back to this seat: a hashed session. A rescue gives it to another. */
  session: string | undefined;
  presence: Presence = { at: "gone" };
  readonly #retainBytes: number;
  readonly #retained = new Map<string, OutboxFrame>();

  constructor({ player, session, visitor, channel, encoder, allowance, retainBytes }: SeatOptions) {
    this.player = player;
    this.session = session;
    this.visitor = visitor;
    this.channel = channel;
    this.encoder = encoder;
    this.allowance = allowance;
    this.#retainBytes = retainBytes;
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
