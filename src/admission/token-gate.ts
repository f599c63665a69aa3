/** Judges the tokens that peers show, wherever they show them, and limits how many wrong ones a network may try. */
import type { MemberToken, Tokens } from "../auth/tokens.ts";
import { NetworkRateLimiter } from "../hub/network-rate-limiter.ts";
import { failure, type Result } from "../protocol/result.ts";

export interface TokenRejection {
  readonly name: "unauthorized" | "rate_limited";
  /** For a close reason or an answer. It quotes nothing of the token. */
  readonly reason: string;
}

export interface TokenGateOptions {
  readonly tokens: Tokens;
  /** Tokens a minute and network that were not signed here; past them none is looked at. 0 means no limit. */
  readonly guessLimit: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

const NO_TOKEN: TokenRejection = { name: "unauthorized", reason: "A token is needed here." };
const TOO_MANY_TOKENS: TokenRejection = {
  name: "rate_limited",
  reason: "Too many wrong tokens. Come back in 60 seconds.",
};

export class TokenGate {
  readonly #tokens: Tokens;
  readonly #guesses: NetworkRateLimiter;
  /** The judgement that was asked for last. */
  #last: Promise<unknown> = Promise.resolve();

  constructor({ tokens, guessLimit, now }: TokenGateOptions) {
    this.#tokens = tokens;
    this.#guesses = new NetworkRateLimiter({ size: guessLimit, perSecond: guessLimit / 60, maxDebt: guessLimit, now });
  }

  /**
   * Answers in the order in which it was asked: a member that connects after another was let in finds the other in the room. A token that has expired is no
   * guess: a page that was open for too long keeps no one else of its network out.
   */
  judge(token: string | undefined, address: string): Promise<Result<MemberToken, TokenRejection>> {
    const judged = this.#judge(token, address);
    const inTurn = this.#last.then(() => judged);
    this.#last = inTurn.catch(() => undefined);
    return inTurn;
  }

  async #judge(token: string | undefined, address: string): Promise<Result<MemberToken, TokenRejection>> {
    if (token === undefined) return failure(NO_TOKEN);
    if (this.#guesses.isOver(address)) return failure(TOO_MANY_TOKENS);
    const judged = await this.#tokens.verify(token);
    if (judged.ok) return judged;
    const { reason, isForged } = judged.failure;
    if (isForged) this.#guesses.count(address);
    return failure({ name: "unauthorized", reason });
  }
}
