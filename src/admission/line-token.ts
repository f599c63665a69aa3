/**
 * The token by which a peer is on its line. The line ends with it (P6.10, P8.6), unless the peer shows a newer one before. The admission gives
 * it to the port of the peer that it lets in; the manager of the connections watches it.
 */
import { banKeysOf, type TokenBanKeys } from "../auth/token-ban-keys.ts";
import type { VerifiedToken } from "../auth/token-claims.ts";
import type { Eventually } from "../protocol/eventually.ts";
import { failure, success, type Result } from "../protocol/result.ts";
import type { PortToken } from "../session/ports.ts";
import type { TokenGate } from "./token-gate.ts";
import { isSameKind } from "./token-roles.ts";

export interface LineTokenOptions {
  readonly token: VerifiedToken;
  readonly gate: TokenGate;
  /** Where the peer comes from. */
  readonly address: string;
  /** Whether a newer token that names this room is for the room of this line. @default the one that the first token names */
  readonly isHere?: ((room: string) => boolean) | undefined;
}

const ANOTHERS = "This token is another member's, or for another room.";
const ANOTHER_ROLE = "This token has another role than the one that it is to renew.";
const OVERTAKEN = "A newer token came before this one was looked at.";

export class LineToken implements PortToken {
  readonly #options: LineTokenOptions;
  #value: VerifiedToken;
  #isJudging = false;
  /** Tells the token that waits for its turn whether it has one. */
  #nextTurn: ((isNext: boolean) => void) | undefined;
  /** Called when a newer token has taken the place of the one before. */
  onRenewed: (() => void) | undefined;

  constructor(options: LineTokenOptions) {
    this.#options = options;
    this.#value = options.token;
  }

  /** The newest token of the line. */
  get value(): VerifiedToken {
    return this.#value;
  }

  /** Milliseconds for which it still counts, the leeway included. */
  get msLeft(): number {
    return Math.max(0, this.#value.expiresAt - this.#options.gate.time());
  }

  /** It counted when it was judged, and has been revoked since. */
  get isRevoked(): boolean {
    return this.#options.gate.isRevoked(this.#value);
  }

  /** By which bans apply to it. */
  get banKeys(): TokenBanKeys {
    return banKeysOf(this.#value);
  }

  /**
   * Takes a newer token of the same user, for the same room and in the same role; or says why not, and the one before stays. One is judged at a time; of those
   * that come meanwhile the newest has the next turn.
   */
  async renew(text: string): Promise<Result<VerifiedToken, string>> {
    if (!(await this.#turn())) return failure(OVERTAKEN);
    try {
      const { gate, address } = this.#options;
      const judged = await gate.judge(text, address);
      if (!judged.ok) return failure(judged.failure.reason);
      const refusal = this.take(judged.value);
      return refusal === undefined ? success(judged.value) : failure(refusal);
    } finally {
      this.#endTurn();
    }
  }

  /** `false`: a newer token took the turn. */
  #turn(): Eventually<boolean> {
    if (this.#isJudging) {
      this.#nextTurn?.(false);
      return new Promise((resolve) => (this.#nextTurn = resolve));
    }
    this.#isJudging = true;
    return true;
  }

  #endTurn(): void {
    const next = this.#nextTurn;
    this.#nextTurn = undefined;
    this.#isJudging = next !== undefined;
    next?.(true);
  }

  /** Takes a token that was judged already; returns why not, where it does not. */
  take(token: VerifiedToken): string | undefined {
    const refusal = this.#refusalFor(token);
    if (refusal !== undefined) return refusal;
    this.#value = token;
    this.onRenewed?.();
    return undefined;
  }

  #refusalFor({ sub, room, role }: VerifiedToken): string | undefined {
    const before = this.#value;
    if (sub !== before.sub || !this.#isHere(room)) return ANOTHERS;
    return isSameKind(role, before.role) ? undefined : ANOTHER_ROLE;
  }

  /** A token for this room alone may follow one for any room, and not the other way round. */
  #isHere(room: string | undefined): boolean {
    const before = this.#value.room;
    if (room === before) return true;
    return room !== undefined && this.#options.isHere?.(room) === true;
  }
}
