/** Judges the tokens that peers show, wherever they show them, and limits how many wrong ones a network may try. */
import type { Revocations } from "../auth/revocations.ts";
import type { VerifiedToken } from "../auth/token-claims.ts";
import type { Tokens } from "../auth/tokens.ts";
import { NetworkRateLimiter } from "../hub/network-rate-limiter.ts";
import { failure, type Result } from "../protocol/result.ts";

export interface TokenRejection {
  /** `overloaded`: the server cannot judge it now, since the keys of the identity provider cannot be had. */
  readonly name: "unauthorized" | "rate_limited" | "overloaded";
  /** For a close reason or an answer. It quotes nothing of the token. */
  readonly reason: string;
}

export interface TokenGateOptions {
  readonly tokens: Pick<Tokens, "verify">;
  /** Which of them count no more. @default none is revoked */
  readonly revocations?: Pick<Revocations, "isRevoked"> | undefined;
  /** Tokens a minute and network that were not signed here; past them none is looked at. 0 means no limit. */
  readonly guessLimit: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Milliseconds since 1970. @default Date.now */
  readonly wallClock?: (() => number) | undefined;
}

/** How long a token may hold up those behind it: one whose key has to be fetched from the identity provider takes longer. */
const MAX_TURN_MS = 500;

const NO_TOKEN: TokenRejection = { name: "unauthorized", reason: "A token is needed here." };
const TOO_MANY_TOKENS: TokenRejection = {
  name: "rate_limited",
  reason: "Too many wrong tokens. Come back in 60 seconds.",
};
export const REVOKED = "Your token has been revoked.";

export class TokenGate {
  readonly #tokens: Pick<Tokens, "verify">;
  readonly #revocations: Pick<Revocations, "isRevoked"> | undefined;
  readonly #guesses: NetworkRateLimiter;
  /** Milliseconds since 1970: what the ends of tokens are compared with. */
  readonly time: () => number;
  /** The judgement that was asked for last. */
  #last: Promise<unknown> = Promise.resolve();

  constructor({ tokens, revocations, guessLimit, now, wallClock = Date.now }: TokenGateOptions) {
    this.#tokens = tokens;
    this.time = wallClock;
    this.#revocations = revocations;
    this.#guesses = new NetworkRateLimiter({ size: guessLimit, perSecond: guessLimit / 60, maxDebt: guessLimit, now });
  }

  /** Whether a token that counted when it was judged has been revoked since. */
  isRevoked(token: VerifiedToken): boolean {
    return this.#revocations?.isRevoked(token) === true;
  }

  /**
   * Answers in the order in which it was asked: a member that connects after another was let in finds the other in the room. A token that has expired is no
   * guess: a page that was open for too long keeps no one else of its network out.
   */
  judge(token: string | undefined, address: string): Promise<Result<VerifiedToken, TokenRejection>> {
    const judged = this.#judge(token, address);
    const inTurn = this.#last.then(() => judged);
    this.#last = atMost(inTurn, MAX_TURN_MS);
    return inTurn;
  }

  async #judge(token: string | undefined, address: string): Promise<Result<VerifiedToken, TokenRejection>> {
    if (token === undefined) return failure(NO_TOKEN);
    if (this.#guesses.isOver(address)) return failure(TOO_MANY_TOKENS);
    const judged = await this.#tokens.verify(token);
    if (judged.ok) return this.isRevoked(judged.value) ? failure({ name: "unauthorized", reason: REVOKED }) : judged;
    const { reason, isForged, isTemporary = false } = judged.failure;
    if (isForged) this.#guesses.count(address);
    return failure({ name: isTemporary ? "overloaded" : "unauthorized", reason });
  }
}

/** Resolves when the judgement is there, whatever it is, or after so many milliseconds. */
function atMost(judgement: Promise<unknown>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    timer.unref();
    const settled = (): void => {
      clearTimeout(timer);
      resolve();
    };
    judgement.then(settled, settled);
  });
}
