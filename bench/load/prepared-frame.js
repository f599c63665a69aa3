/** Frames as they leave: built, masked and laid out once. What changes from one to the next is written into place. */
import { HEAD_BYTES } from "./payload.js";

export class PreparedFrame {
  #kind;
  #headAt;
  /** The mask as it falls on the head. */
  #mask = new Uint8Array(HEAD_BYTES);
  #plain = new Uint8Array(HEAD_BYTES);
  /** All that is written to the socket, for a peer may need several frames for one message. @type {Buffer} */
  bytes;

  /**
   * @param {object} wire the transport's
   * @param {import("./payload.js").PayloadKind} kind
   * @param {import("./websocket-wire.js").Message[]} messages one of them has the payload in it
   * @param {Buffer} payload
   */
  constructor(wire, kind, messages, payload) {
    this.#kind = kind;
    const frames = messages.map((message) => ({
      ...wire.frame(message),
      at: Buffer.from(message.bytes).indexOf(payload),
    }));
    const bearer = frames.findIndex(({ at }) => at !== -1);
    if (bearer === -1) throw new Error("An adapter has encoded a message without its payload.");
    const { at, bodyAt, mask } = frames[bearer];
    const before = frames.slice(0, bearer).reduce((sum, { bytes }) => sum + bytes.length, 0);
    this.#headAt = before + bodyAt + at;
    for (let index = 0; index < HEAD_BYTES; index += 1) this.#mask[index] = mask[(at + index) & 3];
    this.bytes = Buffer.concat(frames.map(({ bytes }) => bytes));
  }

  /** @param {number} sequence @param {number} time microseconds */
  stamp(sequence, time) {
    this.#kind.writeChanging(this.#plain, sequence, time);
    const { bytes } = this;
    for (let index = this.#kind.changingFrom; index < HEAD_BYTES; index += 1) {
      bytes[this.#headAt + index] = this.#plain[index] ^ this.#mask[index];
    }
  }
}
