/** What the server's pings ask on one connection. */

const QUESTION = /^(?:p(\d{1,15}))?(?:c(\d{1,15}))?$/;
/** Gives plain `Uint8Array`s: V8 compiles the code that writes frames for one class, and anew for a second one. */
const utf8 = new TextEncoder();

/** What all connections of a server share. */
export interface PingOwner {
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** The way to a peer and back took so many milliseconds. */
  onRoundTrip?(ms: number): void;
}

/**
 * What the server's pings ask, since every WebSocket gives a ping's payload back (RFC 6455, 5.5.3): `c7` asks whether seven frames have arrived; `p3`,
 * the third probe, how long the way is; `p3c7` asks both.
 */
export class PingTracker {
  readonly #owner: PingOwner;
  /** Probes sent, the one of them that measures, and when it was sent. */
  #probes = 0;
  #measuring: number | undefined;
  #probedAt = 0;
  /** The count that was last asked to be confirmed, until it is. */
  #asked: number | undefined;
  /** The round trip time last measured, in milliseconds. */
  rtt: number | undefined;

  constructor(owner: PingOwner) {
    this.#owner = owner;
  }

  /** Asks whether so many frames have arrived. */
  confirm(count: number): Uint8Array {
    this.#asked = count;
    return utf8.encode(`c${count}`);
  }

  /** Asks how long the way is. A peer need only answer the newest ping (RFC 6455, 5.5.3), so each also repeats what the ping before it asked. */
  probe(): Uint8Array {
    this.#probes += 1;
    if (this.#measuring === undefined) {
      this.#measuring = this.#probes;
      this.#probedAt = Math.round(this.#owner.now()); // small whole numbers take no memory of their own
    }
    return utf8.encode(this.#asked === undefined ? `p${this.#probes}` : `p${this.#probes}c${this.#asked}`);
  }

  /** Takes a pong's payload, and returns how many frames it confirms, if it was asked for that. */
  answer(payload: Buffer): number | undefined {
    const [, probe, count] = QUESTION.exec(payload.toString("latin1")) ?? [];
    if (probe !== undefined) this.#measure(Number(probe));
    if (count === undefined) return undefined;
    if (Number(count) === this.#asked) this.#asked = undefined;
    return Number(count);
  }

  /** Pongs come in the order of their pings, so the measuring probe has been passed over when a later one is answered. */
  #measure(probe: number): void {
    if (this.#measuring === undefined || probe < this.#measuring) return;
    const isOfThis = probe === this.#measuring;
    this.#measuring = undefined;
    if (!isOfThis) return;
    this.rtt = Math.round(this.#owner.now() - this.#probedAt);
    this.#owner.onRoundTrip?.(this.rtt);
  }
}
