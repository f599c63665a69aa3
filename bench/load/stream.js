/** One direction of a scenario's frames: stamps what leaves, and checks of everything that arrives that it is the right thing. */
import { Histogram } from "./histogram.js";
import { HEAD_BYTES, isBodyIntact, payloadBody } from "./payload.js";

/** So many are told word for word; after that they are only counted. */
export const PROBLEMS_TOLD = 5;

/** @typedef {Pick<import("./prepared-frame.js").PreparedFrame, "stamp">} Stampable */

export class Stream {
  /** Its name in the results. */
  name;
  body;
  #latency = new Histogram();
  /** Whether what arrives now goes into the latency: not while traffic settles or drains. */
  isTimed = false;
  delivered = 0;
  /** Newer ones took their place, which volatile frames allow. */
  skipped = 0;
  wrong = 0;
  /** @type {string[]} */
  problems = [];

  #kind;
  #allowsGaps;
  #now;
  #sent;
  #next;

  /**
   * @param {object} options
   * @param {string} options.name
   * @param {import("./payload.js").PayloadKind} options.kind
   * @param {number} options.bytes of a payload
   * @param {number} options.senders
   * @param {number} options.receivers as many as frames are counted apart for
   * @param {boolean} [options.allowsGaps]
   * @param {() => number} options.now microseconds
   */
  constructor({ name, kind, bytes, senders, receivers, allowsGaps = false, now }) {
    this.name = name;
    this.body = payloadBody(bytes);
    this.#kind = kind;
    this.#allowsGaps = allowsGaps;
    this.#now = now;
    this.#sent = new Uint32Array(senders);
    this.#next = new Uint32Array(receivers);
  }

  /** Makes a prepared frame the sender's next one. @param {Stampable} frame @param {number} sender */
  stamp(frame, sender) {
    frame.stamp(this.#sent[sender] % this.#kind.sequences, this.#now());
    this.#sent[sender] += 1;
  }

  /** Makes a prepared frame the answer to one that came: same number, same time, so that its latency is that of the whole way. @param {Stampable} frame @param {number} sender @param {Buffer} bytes @param {number} start */
  answer(frame, sender, bytes, start) {
    frame.stamp(this.#kind.sequenceAt(bytes, start), this.#kind.timeAt(bytes, start));
    this.#sent[sender] += 1;
  }

  /** Another process sends for this sender: so many by now. @param {number} sender @param {number} count */
  hasSent(sender, count) {
    this.#sent[sender] = count;
  }

  /** Takes what has arrived. @param {number} receiver @param {number} sender @param {Buffer} bytes @param {number} start @param {number} end */
  accept(receiver, sender, bytes, start, end) {
    const said = end - start < HEAD_BYTES ? -1 : this.#kind.senderAt(bytes, start);
    if (said !== sender) {
      this.#complain(`a frame of sender ${sender} says it is of ${said}`);
      return;
    }
    if (!isBodyIntact(this.body, bytes, start, end)) {
      this.#complain(`a frame of sender ${sender} has other content`);
      return;
    }
    const sequence = this.#kind.sequenceAt(bytes, start);
    const expected = this.#next[receiver];
    const gap = sequence - (expected % this.#kind.sequences);
    if (gap !== 0 && !(this.#allowsGaps && gap > 0)) {
      this.#complain(`receiver ${receiver} got frame ${sequence} where ${expected} was due`);
    }
    this.skipped += Math.max(0, gap);
    this.#next[receiver] = expected + gap + 1;
    this.delivered += 1;
    if (!this.isTimed) return;
    const took = this.#now() - this.#kind.timeAt(bytes, start);
    this.#latency.add(took < 0 ? took + this.#kind.times : took);
  }

  /** @param {string} sentence */
  #complain(sentence) {
    this.wrong += 1;
    if (this.problems.length < PROBLEMS_TOLD) this.problems.push(`${this.name}: ${sentence}`);
  }

  /** What was timed since it was last taken. */
  takeLatency() {
    const latency = this.#latency;
    this.#latency = new Histogram();
    return latency;
  }

  /** How many frames a receiver waits for. @param {number} receiver @param {number} sender */
  missing(receiver, sender) {
    return this.#sent[sender] - this.#next[receiver];
  }

  /** Waits no longer for frames that are lost, and counts on from the next one. @param {number} receiver @param {number} sender */
  writeOff(receiver, sender) {
    this.#next[receiver] = this.#sent[sender];
  }
}
