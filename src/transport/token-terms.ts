/**
 * Ends the connections of peers that are here by a token when the token does (P6.10, P8.6): at its end, unless a newer one was shown before, and when it is
 * revoked. One mechanism for the connections of all wires.
 */
import type { LineToken } from "../admission/line-token.ts";
import { REVOKED } from "../admission/token-gate.ts";
import type { BanKeys } from "../hub/bans.ts";
import type { CloseName } from "../protocol/close-codes.ts";
import { afterLong } from "../room/after-long.ts";
import type { Cancel, Clock } from "../room/ports.ts";
import { NO_SLOT, SlotSet, type SlotSetMember } from "../room/slot-set.ts";

/** A connection, as far as its token goes. */
export interface TokenLine<Line> {
  /** `undefined`: its peer is here without one. */
  readonly token?: LineToken | undefined;
  /** `undefined`: it is not watched. */
  term: TokenTerm<Line> | undefined;
  end(name: CloseName, reason?: string): void;
}

export interface TokenTermsOptions {
  readonly clock: Pick<Clock, "after">;
  /** Tells of revocations. @default there are none */
  readonly revocations?: { onRevoke(listener: () => void): () => void } | undefined;
}

/** A connection that is watched, and what calls off its end. */
export class TokenTerm<Line> implements SlotSetMember {
  readonly line: Line;
  readonly cancel: Cancel;
  slot = NO_SLOT;

  constructor(line: Line, cancel: Cancel) {
    this.line = line;
    this.cancel = cancel;
  }
}

export class TokenTerms<Line extends TokenLine<Line>> {
  readonly #clock: Pick<Clock, "after">;
  readonly #terms = new SlotSet<TokenTerm<Line>>();

  constructor({ clock, revocations }: TokenTermsOptions) {
    this.#clock = clock;
    revocations?.onRevoke(() => this.#endRevoked());
  }

  /** The connection was let in, or has another token than before, or none any more. */
  watch(line: Line): void {
    this.forget(line);
    const { token } = line;
    if (token === undefined) return;
    if (token.isRevoked) return line.end("unauthorized", REVOKED);
    const cancel = afterLong(this.#clock, token.msLeft, () => this.#expire(line, token));
    line.term = new TokenTerm(line, cancel);
    this.#terms.add(line.term);
  }

  /** Safe for a connection that is not watched. */
  forget(line: Line): void {
    const { term } = line;
    if (term === undefined) return;
    term.cancel();
    this.#terms.delete(term);
    line.term = undefined;
  }

  /** The connections of users, and of sessions of tokens, that are banned. */
  heldBy(isBanned: (keys: BanKeys) => boolean): readonly Line[] {
    const lines = [...this.#terms].map(({ line }) => line);
    return lines.filter(({ token }) => token !== undefined && isBanned(token.banKeys));
  }

  /** A timer may be early by the clock that ends of tokens are compared with. */
  #expire(line: Line, token: LineToken): void {
    if (token.msLeft > 0) this.watch(line);
    else line.end("token_expired");
  }

  #endRevoked(): void {
    for (const { line } of this.#terms) if (line.token?.isRevoked === true) line.end("unauthorized", REVOKED);
  }
}
