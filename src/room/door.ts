/** Who may come in: the door is open or locked, the room has so many seats, some have to show a PIN, some are banned. */
import type { CloseName } from "../protocol/close-codes.ts";

export interface DoorOptions {
  readonly maxPlayers: number;
  readonly pin: string | undefined;
}

/** What a newcomer shows at the door. */
export interface Newcomer {
  /** Hashed. */
  readonly session?: string | undefined;
  readonly pin?: string | undefined;
}

export class Door {
  readonly maxPlayers: number;
  readonly #pin: string | undefined;
  readonly #banned = new Set<string>();
  isLocked = false;

  constructor({ maxPlayers, pin }: DoorOptions) {
    this.maxPlayers = maxPlayers;
    this.#pin = pin;
  }

  /** Why the newcomer may not have a seat, with so many taken; `undefined` where it may. Those who return do not ask. */
  refusal({ session, pin }: Newcomer, seatsTaken: number): CloseName | undefined {
    if (this.isBanned(session)) return "kicked";
    if (this.#pin !== undefined && pin !== this.#pin) return "unauthorized";
    if (this.isLocked) return "room_locked";
    return seatsTaken >= this.maxPlayers ? "room_full" : undefined;
  }

  /** Whether the room takes new players now (P2.8). */
  acceptsNewcomers(seatsTaken: number): boolean {
    return !this.isLocked && seatsTaken < this.maxPlayers;
  }

  /** This session may not return. Without a session there is nobody to remember. */
  ban(session: string | undefined): void {
    if (session !== undefined) this.#banned.add(session);
  }

  isBanned(session: string | undefined): boolean {
    return session !== undefined && this.#banned.has(session);
  }
}
