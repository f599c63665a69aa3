/** The requests of this page that have no answer yet. */
import { CouchwireError } from "./couchwire-error.ts";
import { invalid, quote } from "./invalid-argument.ts";
import { checkOptions } from "./known-options.ts";
import type { SdkFrame } from "./sdk-frames.ts";

/** Options of `ask`. */
export interface AskOptions {
  /** Milliseconds after which there is no answer any more, from 1 to 3,600,000. @default 10000 */
  readonly timeoutMs?: number;
}

interface OpenAsk<Peer> {
  readonly peer: Peer;
  /** The event that it asks with. */
  readonly name: string;
  /** Puts the request on its way, with how long it may take. */
  readonly send: (ttl: number) => boolean;
  /** Of `performance.now()`. */
  readonly expiresAt: number;
  readonly timer: ReturnType<typeof setTimeout>;
  readonly resolve: (reply: object) => void;
  readonly reject: (error: CouchwireError) => void;
}

const DEFAULT_TIMEOUT_MS = 10_000;
const MAX_TIMEOUT_MS = 3_600_000;
const MAX_OPEN = 1_000;
/** Numbers begin anywhere below: a page that is loaded again takes no answer for its own that is not. */
const FIRST_NUMBERS = 2 ** 40;

/** The code of the other side where nothing listens; every other failure there is `answer_failed`. */
const NOT_ANSWERED = "not_answered";

/** @throws {CouchwireError} `invalid_argument` */
export function askTimeoutMs(options: AskOptions): number {
  checkOptions(options, { timeoutMs: true }, "ask");
  const { timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  if (Number.isInteger(timeoutMs) && timeoutMs >= 1 && timeoutMs <= MAX_TIMEOUT_MS) return timeoutMs;
  throw invalid(`\`timeoutMs\` has to be whole milliseconds from 1 to ${MAX_TIMEOUT_MS}; this is ${quote(timeoutMs)}.`);
}

/** `Peer` is the side that is asked: a player, or the TV. */
export class OpenAsks<Peer> {
  readonly #open = new Map<number, OpenAsk<Peer>>();
  #next: number;

  constructor(random: () => number) {
    this.#next = Math.floor(random() * FIRST_NUMBERS);
  }

  /**
   * `send` puts the request with this number on its way, with the milliseconds that it may take, and returns `false` where nothing can be sent
   * any more.
   * @throws {CouchwireError} (by rejecting) `timeout`, `not_answered`, `answer_failed`, `closed`, `queue_full`, and what `send` throws
   */
  ask<Data>(peer: Peer, name: string, timeoutMs: number, send: (id: number, ttl: number) => boolean): Promise<Data> {
    return new Promise((resolve, reject) => {
      if (this.#open.size >= MAX_OPEN) {
        throw new CouchwireError("queue_full", `${MAX_OPEN} requests wait for an answer already.`);
      }
      const id = this.#next++;
      if (!send(id, timeoutMs)) throw closed();
      const expiresAt = performance.now() + timeoutMs;
      const timer = setTimeout(() => {
        this.#open.delete(id);
        reject(new CouchwireError("timeout", `There is no answer to "${name}" after ${timeoutMs} ms.`));
      }, timeoutMs);
      // The answer is of the type that both sides have agreed on.
      this.#open.set(id, {
        peer,
        name,
        send: (ttl) => send(id, ttl),
        expiresAt,
        timer,
        resolve: (reply) => resolve(Reflect.get(reply, "data")),
        reject,
      });
    });
  }

  /** An answer came. One to a request of another page, to one that is over, or from another side than was asked, is ignored. */
  answer(peer: Peer, reply: SdkFrame): void {
    const { id, error, code } = reply;
    const ask = typeof id === "number" ? this.#open.get(id) : undefined;
    if (ask === undefined || ask.peer !== peer || typeof id !== "number") return;
    this.take(id, ask);
    if (error === undefined) return ask.resolve(reply);
    const message = typeof error === "string" ? error : `The answer to "${ask.name}" is an error without a text.`;
    ask.reject(new CouchwireError(code === NOT_ANSWERED ? code : "answer_failed", message));
  }

  /** This side may not have got what it was asked: it is asked again. */
  sendAgain(peer: Peer): void {
    for (const ask of this.#open.values()) {
      const left = Math.ceil(ask.expiresAt - performance.now());
      if (ask.peer === peer && left > 0) ask.send(left);
    }
  }

  /** Those who were asked, or this one of them, are gone. */
  end(peer?: Peer): void {
    for (const [id, ask] of this.#open) {
      if (peer !== undefined && ask.peer !== peer) continue;
      this.take(id, ask);
      ask.reject(closed());
    }
  }

  private take(id: number, { timer }: OpenAsk<Peer>): void {
    clearTimeout(timer);
    this.#open.delete(id);
  }
}

function closed(): CouchwireError {
  return new CouchwireError("closed", "There is no answer, because the connection has ended.");
}
