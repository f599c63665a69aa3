/** Closes an open room once it has been empty for long enough. */
import type { Cancel, Clock } from "../room/ports.ts";
import type { GameMember } from "./game-member.ts";
import { afterLong } from "../room/after-long.ts";

/** Whether people are in a room. `deserted`: each of them is away, and their seats are kept for good, since the room is locked. */
export type Occupation = "occupied" | "empty" | "deserted";

export interface EmptyRoomTimerOptions {
  readonly clock: Clock;
  /** Milliseconds that the room is kept while it is empty. */
  readonly emptyRoomMs: number;
  /** Milliseconds that the seat of an away member is kept: a deserted room is kept for as long at least. */
  readonly seatGraceMs: number;
  readonly occupation: () => Occupation;
  readonly close: () => void;
}

export class EmptyRoomTimer {
  readonly #options: EmptyRoomTimerOptions;
  #was: Occupation = "occupied";
  #cancel: Cancel | undefined;
  #isOver = false;

  constructor(options: EmptyRoomTimerOptions) {
    this.#options = options;
  }

  /** Looks who is here. Called whenever that may have changed. */
  look(): void {
    if (this.#isOver) return;
    const now = this.#options.occupation();
    if (now === this.#was) return;
    this.#was = now;
    this.#cancel?.();
    if (now === "occupied") return;
    const { clock, emptyRoomMs, seatGraceMs, close } = this.#options;
    this.#cancel = afterLong(clock, now === "empty" ? emptyRoomMs : Math.max(emptyRoomMs, seatGraceMs), close);
  }

  /** The room is over. */
  stop(): void {
    this.#isOver = true;
    this.#cancel?.();
  }
}

/** Bots keep no room, and spectators none but while they are connected. */
export function occupationBy(members: Iterable<GameMember>, isLocked: boolean): Occupation {
  let hasSeat = false;
  for (const { isBot, isConnected, role } of members) {
    if (isBot) continue;
    if (isConnected) return "occupied";
    if (role === "member") hasSeat = true;
  }
  if (!hasSeat) return "empty";
  return isLocked ? "deserted" : "occupied";
}
