/** One player's place in a room. */
import type { PlayerId } from "../protocol/commands.ts";
import type { SeatEncoder } from "../protocol/host-encoder.ts";
import type { PlayerPort } from "./ports.ts";

export class Seat {
  readonly player: PlayerId;
  readonly port: PlayerPort;
  /** Makes the host's frames out of what this player sends. */
  readonly encoder: SeatEncoder;
  #isTaken = true;

  constructor(player: PlayerId, port: PlayerPort, encoder: SeatEncoder) {
    this.player = player;
    this.port = port;
    this.encoder = encoder;
  }

  /** `false` once the player has left, was kicked or the room has closed: nothing of it counts any more. */
  get isTaken(): boolean {
    return this.#isTaken;
  }

  leave(): void {
    this.#isTaken = false;
  }
}
