/** Links that give a player's seat to another phone: good once, and for minutes (P5.3). Known by what proves them, not by themselves. */
import type { PlayerId } from "../protocol/commands.ts";

const VALID_MS = 5 * 60_000;

export class SeatTransfers {
  readonly #links = new Map<string, { readonly player: PlayerId; readonly expiresAt: number }>();
  /** The proof of each player's link. */
  readonly #proofs = new Map<PlayerId, string>();

  /** The link of this proof begins to count. A player's earlier one counts no more, so there are never more than players. */
  add(proof: string, player: PlayerId, now: number): void {
    this.drop(player);
    this.#links.set(proof, { player, expiresAt: now + VALID_MS });
    this.#proofs.set(player, proof);
  }

  /** There is nothing left to give: the player is gone. */
  drop(player: PlayerId): void {
    const proof = this.#proofs.get(player);
    if (proof === undefined) return;
    this.#links.delete(proof);
    this.#proofs.delete(player);
  }

  /** Whether the proof would give a seat now. Asking does not use it up. */
  isGood(proof: string, now: number): boolean {
    const link = this.#links.get(proof);
    return link !== undefined && link.expiresAt > now;
  }

  /** Whose seat the proof gives, once; `undefined` where it is unknown, used or too old. */
  redeem(proof: string, now: number): PlayerId | undefined {
    const link = this.#links.get(proof);
    if (link !== undefined) this.drop(link.player);
    return link !== undefined && link.expiresAt > now ? link.player : undefined;
  }
}
