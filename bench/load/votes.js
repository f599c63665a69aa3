/** Votes that a server counts for its host: how many left, and how many the reports told of. A report may come a quarter of a second later. */
const TEXTS = ["vote for the left", "vote for the mid.", "vote for the right"].map((text) => text.slice(0, 16));

export class Votes {
  name = "votes";
  sent = 0;
  delivered = 0;
  skipped = 0;
  wrong = 0;
  /** @type {string[]} */
  problems = [];
  #frames;

  /** @param {(text: string) => import("./websocket-wire.js").Message} encode @param {{ frame: (message: object) => { bytes: Buffer } }} wire */
  constructor(encode, wire) {
    this.#frames = TEXTS.map((text) => ({ bytes: wire.frame(encode(text)).bytes }));
  }

  /** The next vote of this phone. @param {number} number */
  next(number) {
    this.sent += 1;
    return this.#frames[(number + this.sent) % this.#frames.length];
  }

  /** The host has heard of so many more. @param {number} count */
  told(count) {
    this.delivered += count;
  }

  get missing() {
    return this.sent - this.delivered;
  }

  /** Waits no longer for those that are lost. */
  writeOff() {
    this.sent = this.delivered;
  }
}
