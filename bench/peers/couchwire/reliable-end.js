/**
 * The client's end of `couchwire.v1` (docs/PROTOCOL.md, part 5.5), as far as a connection needs it that is never cut: counts the
 * frames that come and acknowledges them when the SDK would: after as many frames or bytes, and when it has become quiet.
 * How long that takes it does not know; it is told (`rest`).
 */

const ACK_EVERY_FRAMES = 16;
const ACK_EVERY_BYTES = 65_536;

export class ReliableEnd {
  #connection;
  #greetingLeft = 0;
  #received = 0;
  #unackedFrames = 0;
  #unackedBytes = 0;

  /** @param {{ say: (message: import("../../load/websocket-wire.js").Message) => void }} connection */
  constructor(connection) {
    this.#connection = connection;
  }

  /** Whether this frame is the game's and not the connection's own. @param {Buffer} bytes @param {number} start @param {number} end @param {boolean} isText */
  take(bytes, start, end, isText) {
    if (isText && bytes[start] === 0 && bytes[start + 1] !== 0) {
      this.#control(bytes.toString("utf8", start + 1, end));
      return false;
    }
    if (this.#greetingLeft > 0) {
      this.#greetingLeft -= 1;
      return true;
    }
    this.#received += 1;
    this.#unackedFrames += 1;
    this.#unackedBytes += end - start;
    if (this.#unackedFrames >= ACK_EVERY_FRAMES || this.#unackedBytes >= ACK_EVERY_BYTES) this.#acknowledge();
    return true;
  }

  /** @param {string} text */
  #control(text) {
    const [word, ...rest] = text.split(" ");
    if (word !== "hello") return; // an ack: this end keeps nothing that it could let go of
    const { greeting, next } = JSON.parse(rest.join(" "));
    this.#greetingLeft = greeting;
    this.#received = next - 1;
  }

  /** Nothing comes any more: what is left is acknowledged, too. */
  rest() {
    if (this.#unackedFrames > 0) this.#acknowledge();
  }

  #acknowledge() {
    this.#unackedFrames = 0;
    this.#unackedBytes = 0;
    this.#connection.say({ bytes: Buffer.from(`\0ack ${this.#received}`), isText: true });
  }
}
