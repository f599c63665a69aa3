/** Links that give a player's seat to another phone: good once, and for minutes (P5.3). */
import type { PlayerId } from "../protocol/commands.ts";

const VALID_MS = 5 * 60_000;

export class RescueLinks {
  readonly #tokens = new Map<string, { readonly player: PlayerId; readonly expiresAt: number }>();

  /** A token's link begins to count. A player's earlier one counts no more, so there are never more than players. */
  add(token: string, player: PlayerId, now: number): void {
    this.drop(player);
    this.#tokens.set(token, { player, expiresAt: now + VALID_MS });
  }

  /** There is nothing left to give: the player is gone. */
  drop(player: PlayerId): void {
    for (const [token, link] of this.#tokens) if (link.player === player) this.#tokens.delete(token);
  }

  /** Whose seat the token gives, once; `undefined` where it is unknown, used or too old. */
  redeem(token: string, now: number): PlayerId | undefined {
    const link = this.#tokens.get(token);
    this.#tokens.delete(token);
    return link !== undefined && link.expiresAt > now ? link.player : undefined;
  }
}
