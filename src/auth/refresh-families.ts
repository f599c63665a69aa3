/**
 * Which refresh token of each family counts. A family begins with a token that is issued, and goes on with each refresh; only the newest of it counts. The nodes of a
 * cluster tell each other of each refresh; one that two nodes are asked for at the same moment is decided by a claim, which one of them gets.
 */

/** One refresh token of a family. */
export interface Rotation {
  /** The family's name. */
  readonly family: string;
  /** Which one of the family this is. */
  readonly turn: string;
  /** How often the family was refreshed before it. */
  readonly step: number;
}

/** The one refresh token of a family that counts. */
export interface NewestRotation extends Rotation {
  /** When it was signed, in seconds since 1970. */
  readonly iat: number;
}

/** `used`: another one has come after it. `forgotten`: it may have been used, and nothing is known of it any more. */
export type RotationState = "newest" | "used" | "forgotten";

/** Decides between nodes: each refresh token is given once. `taken`: it was rotated. `away`: that cannot be said now. */
export type ClaimRotation = (rotation: Rotation) => Promise<"given" | "taken" | "away">;

export class RefreshFamilies {
  readonly #maxFamilies: number;
  /** Families of which a refresh token was used, the one that was used longest ago first. Of the others the first token counts. */
  readonly #newest = new Map<string, NewestRotation>();
  /** Refresh tokens as old as this of families that are not listed may have been used: they count no more. */
  #forgottenUntil = -Infinity;
  #tell: ((newest: NewestRotation) => void) | undefined;
  /** @default there is one node */
  claim: ClaimRotation | undefined;

  constructor(maxFamilies: number) {
    this.#maxFamilies = maxFamilies;
  }

  /** `iat`: when the token was signed, in seconds since 1970. */
  stateOf({ family, turn, step }: Rotation, iat: number | undefined): RotationState {
    const newest = this.#newest.get(family);
    if (newest === undefined) return (iat ?? -Infinity) <= this.#forgottenUntil ? "forgotten" : "newest";
    // One that is ahead of what is known here was refreshed at another node, whose word is under way.
    return newest.turn === turn || step > newest.step ? "newest" : "used";
  }

  /** A token was refreshed: from now on this one counts. */
  rotate(newest: NewestRotation): void {
    this.#remember(newest);
    this.#tell?.(newest);
  }

  /** Nothing of this family counts from now on that it is known of. */
  forget(family: string): void {
    this.#newest.delete(family);
  }

  /** Calls `tell` with each token that comes up here. */
  onRotated(tell: (newest: NewestRotation) => void): void {
    this.#tell = tell;
  }

  /** Takes over what another node tells. What is older than what is known changes nothing. */
  adopt(newest: NewestRotation): void {
    if (newest.step > (this.#newest.get(newest.family)?.step ?? 0)) this.#remember(newest);
  }

  list(): Iterable<NewestRotation> {
    return this.#newest.values();
  }

  #remember(newest: NewestRotation): void {
    this.#newest.delete(newest.family);
    this.#newest.set(newest.family, newest);
    for (const [oldest, { iat }] of this.#newest) {
      if (this.#newest.size <= this.#maxFamilies) break;
      this.#newest.delete(oldest);
      this.#forgottenUntil = Math.max(this.#forgottenUntil, iat);
    }
  }
}
