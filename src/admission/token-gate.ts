/** Judges the tokens that peers show, wherever they show them, and limits how many wrong ones a network may try. */
import type { Revocations } from "../auth/revocations.ts";
import type { VerifiedToken } from "../auth/token-claims.ts";
import type { Tokens } from "../auth/tokens.ts";
import { NetworkRateLimiter } from "../hub/network-rate-limiter.ts";
import type { SharedTries } from "../hub/shared-tries.ts";
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
  readonly revocations?: Pick<Revocations, "isRevoked" | "see"> | undefined;
  /** Tokens a minute and network that were not signed here; past them none is looked at. 0 means no limit. */
  readonly guessLimit: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Milliseconds since 1970. @default Date.now */
  readonly wallClock?: (() => number) | undefined;
}

/** How long a token may hold up those of its address behind it: one whose key has to be fetched from the identity provider takes longer. */
const MAX_TURN_MS = 500;

const NO_TOKEN: TokenRejection = { name: "unauthorized", reason: "A token is needed here." };
const TOO_MANY_TOKENS: TokenRejection = {
  name: "rate_limited",
  reason: "Too many wrong tokens. Come back in 60 seconds.",
};
export const NO_TOKENS = "No token counts here.";
export const REVOKED = "Your token has been revoked.";

export class TokenGate {
  readonly #tokens: Pick<Tokens, "verify">;
  readonly #revocations: Pick<Revocations, "isRevoked" | "see"> | undefined;
  readonly #guesses: NetworkRateLimiter;
  /** Milliseconds since 1970: what the ends of tokens are compared with. */
  readonly time: () => number;
  /** By address, the judgement that was asked for last, while it is under way. */
  readonly #last = new Map<string, Promise<void>>();

  constructor({ tokens, revocations, guessLimit, now, wallClock = Date.now }: TokenGateOptions) {
    this.#tokens = tokens;
    this.time = wallClock;
    this.#revocations = revocations;
    this.#guesses = new NetworkRateLimiter({ size: guessLimit, perSecond: guessLimit / 60, maxDebt: guessLimit, now });
  }

  /** Wrong tokens, which all nodes of a cluster count. */
  get wrongTries(): SharedTries {
    return this.#guesses;
  }

  /** Whether a token that counted when it was judged has been revoked since. */
  isRevoked(token: VerifiedToken): boolean {
    return this.#revocations?.isRevoked(token) === true;
  }

  /**
   * Answers one address in the order in which it asked: of two members of a house the one that connects first is in the room first. Other addresses do not
   * wait. A token that has expired is no guess: a page that was open for too long does not keep out the rest of its network.
   */
  judge(token: string | undefined, address: string): Promise<Result<VerifiedToken, TokenRejection>> {
    const judged = this.#judge(token, address);
    judged.catch(() => undefined); // The caller hears of it in its turn, until which nothing else handles it.
    const inTurn = (this.#last.get(address) ?? Promise.resolve()).then(() => judged);
    const turn = atMost(inTurn, MAX_TURN_MS);
    this.#last.set(address, turn);
    void this.#forget(address, turn);
    return inTurn;
  }

  /** Forgets the address after this turn, unless another token waits for it. */
  async #forget(address: string, turn: Promise<void>): Promise<void> {
    await turn;
    if (this.#last.get(address) === turn) this.#last.delete(address);
  }

  async #judge(token: string | undefined, address: string): Promise<Result<VerifiedToken, TokenRejection>> {
    if (token === undefined) return failure(NO_TOKEN);
    if (this.#guesses.isOver(address)) return failure(TOO_MANY_TOKENS);
    const judged = await this.#tokens.verify(token);
    // Many tokens that are shown at once are no more tries than those that are shown one after another.
    if (this.#guesses.isOver(address)) return failure(TOO_MANY_TOKENS);
    if (judged.ok) this.#revocations?.see(judged.value);
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
