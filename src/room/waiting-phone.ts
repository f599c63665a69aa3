/**
 * A phone that waits for a seat (P5.7): its connection is open, and what it says is kept, within limits, until it has one. From then on its connection is that
 * of the seat.
 */
import type { MemoryBudget } from "./memory-budget.ts";
import { toOwned } from "./borrowed-buffer.ts";
import { FrameMemory } from "./frame-memory.ts";
import { PlayerRateLimiter, type PlayerRateLimits } from "./player-rate-limiter.ts";
import type { JoinRequest } from "./player-manager.ts";
import type { ConnectionHandler, DepartureReason, Message, PeerIds, SeatlessLine, WaitingPeer } from "./ports.ts";

/** What all phones call that wait for a room's seats. */
export interface WaitingOwner {
  /** The room's code. */
  readonly room: string;
  /** One frame that came from this phone. */
  receive(phone: WaitingPhone, frame: Uint8Array, isText: boolean): void;
  /** The phone's connection has ended. */
  leave(phone: WaitingPhone): void;
  /** Keeps the phone out for a while; returns the sentence that says for how long. */
  ban(phone: WaitingPhone): string | undefined;
  /** Ends its wait: the memory is used up, and this phone holds the most. */
  cut(phone: WaitingPhone): void;
}

export interface WaitingPhoneOptions {
  readonly line: SeatlessLine;
  readonly request: JoinRequest;
  readonly peer: WaitingPeer;
  readonly owner: WaitingOwner;
  readonly limits: PlayerRateLimits;
  readonly budget: MemoryBudget;
  /** In milliseconds. */
  readonly now: number;
}

/** Bytes that are kept of what a phone says while it waits, and frames, so that a million empty ones are bounded too. */
export const MAX_WAITING_BYTES = 16_384;
export const MAX_WAITING_FRAMES = 1_024;
/** A connection of this age that has sent nothing may give way (P5.9.10), as that of a player may. */
const SILENT_MS = 60_000;

export class WaitingPhone implements ConnectionHandler {
  readonly at = "waiting";
  readonly line: SeatlessLine;
  readonly request: JoinRequest;
  readonly peer: WaitingPeer;
  readonly rateLimiter: PlayerRateLimiter;
  /** The place in the line that it was told last. */
  position = 0;
  readonly #owner: WaitingOwner;
  readonly #memory: FrameMemory;
  #frames: Message[] = [];
  #bytes = 0;
  /** The connection of its seat, once it has one. */
  #seat: ConnectionHandler | undefined;
  #hasSpoken = false;

  constructor({ line, request, peer, owner, limits, budget, now }: WaitingPhoneOptions) {
    this.line = line;
    this.request = request;
    this.peer = peer;
    this.rateLimiter = new PlayerRateLimiter(limits, now);
    this.#owner = owner;
    const holder = { cut: () => owner.cut(this) };
    this.#memory = new FrameMemory({ budget, limitBytes: MAX_WAITING_BYTES, holder });
  }

  get ids(): PeerIds {
    return this.#seat?.ids ?? { room: this.#owner.room };
  }

  /** Keeps a frame of it. `false`: it has said more than is kept. */
  keep(data: Uint8Array, isText: boolean): boolean {
    if (this.#bytes + data.length > MAX_WAITING_BYTES || this.#frames.length >= MAX_WAITING_FRAMES) return false;
    const frame = { data: toOwned(data), isText };
    this.#frames.push(frame);
    this.#bytes += data.length;
    this.#memory.take(frame);
    return true;
  }

  /** Goes on for another connection of the same session. A client that counts frames sends them again; of a plain one they are kept. */
  takeOver(former: WaitingPhone): void {
    const frames = former.takeFrames();
    this.position = former.position;
    if (this.request.isReliable) return;
    for (const { data, isText } of frames) this.keep(data, isText);
  }

  /** What it has said, which is kept here no more. */
  takeFrames(): readonly Message[] {
    const frames = this.#frames;
    this.#frames = [];
    this.#bytes = 0;
    this.#memory.close();
    return frames;
  }

  /** It has a seat, and is its player's connection. */
  sitDown(seat: ConnectionHandler): void {
    this.#seat = seat;
  }

  message(data: Uint8Array, isText: boolean): void {
    this.#hasSpoken = true;
    if (this.#seat === undefined) this.#owner.receive(this, data, isText);
    else this.#seat.message(data, isText);
  }

  part(): void {
    this.#seat?.part();
  }

  drained(): void {
    this.#seat?.drained();
  }

  confirmed(count: number): void {
    this.#seat?.confirmed(count);
  }

  gone(why: DepartureReason): void {
    if (this.#seat === undefined) this.#owner.leave(this);
    else this.#seat.gone(why);
  }

  ban(): string | undefined {
    return this.#seat === undefined ? this.#owner.ban(this) : this.#seat.ban();
  }

  expel(reason: string): void {
    if (this.#seat !== undefined) return this.#seat.expel?.(reason);
    this.line.close("kicked", reason);
    this.#owner.leave(this);
  }

  idleRank(ageMs: number): number | undefined {
    if (this.#seat !== undefined) return this.#hasSpoken ? undefined : this.#seat.idleRank(ageMs);
    return !this.#hasSpoken && ageMs >= SILENT_MS ? 1 : undefined;
  }
}
