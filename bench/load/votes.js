/** The votes of a crowd: three texts, as frames that are made once. A server or a host counts them, and says how many there were. */
const TEXTS = ["for the left one", "for the mid. one", "for the right 1."];

export class Votes {
  sent = 0;
  #frames;

  /** @param {(text: string) => import("./websocket-wire.js").Message[]} encode @param {{ frame: (message: object) => { bytes: Buffer } }} wire */
  constructor(encode, wire) {
    this.#frames = TEXTS.map((text) => ({
      bytes: Buffer.concat(encode(text).map((message) => wire.frame(message).bytes)),
    }));
  }

  /** The next vote of this watcher. @param {number} watcher */
  next(watcher) {
    this.sent += 1;
    return this.#frames[(watcher + this.sent) % this.#frames.length];
  }
}
