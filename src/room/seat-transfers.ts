/** Links that give a player's seat to another phone: good once, for five minutes (P5.3). A link is stored as the hash of its token (`proof`). */
import type { PlayerId } from "../protocol/commands.ts";

const VALID_MS = 5 * 60_000;

export class SeatTransfers {
  readonly #links = new Map<string, { readonly player: PlayerId; readonly expiresAt: number }>();
  /** The proof of each player's link. */
  readonly #proofs = new Map<PlayerId, string>();

  /** Makes the link of this proof valid. It replaces an earlier link of the player, so there are never more links than players. */
  add(proof: string, player: PlayerId, now: number): void {
    this.drop(player);
    this.#links.set(proof, { player, expiresAt: now + VALID_MS });
    this.#proofs.set(player, proof);
  }

  /** Makes the player's link invalid: it was used, or the player is gone. */
  drop(player: PlayerId): void {
    const proof = this.#proofs.get(player);
    if (proof === undefined) return;
    this.#links.delete(proof);
    this.#proofs.delete(player);
  }

  /** Whose seat the proof gives; `undefined` where it is unknown, used or too old. Asking does not use it up: `drop` does. */
  playerOf(proof: string, now: number): PlayerId | undefined {
    const link = this.#links.get(proof);
    return link !== undefined && link.expiresAt > now ? link.player : undefined;
  }
}
