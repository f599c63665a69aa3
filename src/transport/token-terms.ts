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

/** A connection, as far as its token goes. */
export interface TokenLine {
  /** `undefined`: its peer is here without one. */
  readonly token?: LineToken | undefined;
  end(name: CloseName, reason?: string): void;
}

export interface TokenTermsOptions {
  readonly clock: Pick<Clock, "after">;
  /** Tells of revocations. @default there are none */
  readonly revocations?: { onRevoke(listener: () => void): () => void } | undefined;
}

export class TokenTerms<Line extends TokenLine> {
  readonly #clock: Pick<Clock, "after">;
  /** Connections with a token, each with what calls off its end. */
  readonly #ends = new Map<Line, Cancel>();

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
    this.#ends.set(
      line,
      afterLong(this.#clock, token.msLeft, () => this.#expire(line, token)),
    );
  }

  /** Safe for a connection that is not watched. */
  forget(line: Line): void {
    this.#ends.get(line)?.();
    this.#ends.delete(line);
  }

  /** The connections of users, and of sessions of tokens, that are banned. */
  heldBy(isBanned: (keys: BanKeys) => boolean): readonly Line[] {
    return [...this.#ends.keys()].filter(({ token }) => token !== undefined && isBanned(token.banKeys));
  }

  /** A timer may be early by the clock that ends of tokens are compared with. */
  #expire(line: Line, token: LineToken): void {
    if (token.msLeft > 0) this.watch(line);
    else line.end("token_expired");
  }

  #endRevoked(): void {
    for (const line of this.#ends.keys()) if (line.token?.isRevoked === true) line.end("unauthorized", REVOKED);
  }
}
