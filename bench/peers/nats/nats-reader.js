/**
 * Reads what a NATS server says, in pieces as they come. `MSG room.7.input.3 1 24` and its line end precede a payload of
 * 24 bytes and another line end; all else is one line.
 */

const CR = 13;
const SPACE = 32;
const DOT = 46;
const ZERO = 48;
const NINE = 57;
const MESSAGE_LETTER = "M".charCodeAt(0);
const PING_LETTERS = "PI";
const ERROR_LETTER = "-".charCodeAt(0);
const LINE_END_BYTES = 2;
const PONG = { bytes: Buffer.from("PONG\r\n") };

export class NatsReader {
  #connection;
  #held = Buffer.alloc(0);
  #heldBytes = 0;

  /** @param {{ say: (message: import("../../load/websocket-wire.js").Message) => void }} connection */
  constructor(connection) {
    this.#connection = connection;
  }

  /**
   * @param {Buffer} bytes @param {number} start @param {number} end
   * @param {(bytes: Buffer, start: number, end: number, from: number) => void} take told each payload, and the last number of its subject
   */
  read(bytes, start, end, take) {
    if (this.#heldBytes === 0) {
      this.#hold(bytes, this.#readAll(bytes, start, end, take), end);
      return;
    }
    this.#hold(bytes, start, end);
    const whole = this.#heldBytes;
    const at = this.#readAll(this.#held, 0, whole, take);
    this.#held.copyWithin(0, at, whole);
    this.#heldBytes = whole - at;
  }

  #hold(bytes, start, end) {
    const needed = this.#heldBytes + end - start;
    if (needed > this.#held.length) {
      const larger = Buffer.allocUnsafe(needed * 2);
      this.#held.copy(larger, 0, 0, this.#heldBytes);
      this.#held = larger;
    }
    bytes.copy(this.#held, this.#heldBytes, start, end);
    this.#heldBytes = needed;
  }

  /** @returns {number} where the first thing begins that is not whole */
  #readAll(bytes, start, end, take) {
    let at = start;
    for (;;) {
      const lineEnd = bytes.indexOf(CR, at);
      if (lineEnd === -1 || lineEnd + LINE_END_BYTES > end) return at;
      if (bytes[at] !== MESSAGE_LETTER) {
        this.#hear(bytes, at, lineEnd);
        at = lineEnd + LINE_END_BYTES;
        continue;
      }
      const payloadAt = lineEnd + LINE_END_BYTES;
      const payloadEnd = payloadAt + numberBefore(bytes, lineEnd);
      if (payloadEnd + LINE_END_BYTES > end) return at;
      const subjectEnd = bytes.indexOf(SPACE, at + "MSG ".length);
      take(bytes, payloadAt, payloadEnd, bytes[subjectEnd - 1] > NINE ? -1 : numberBefore(bytes, subjectEnd));
      at = payloadEnd + LINE_END_BYTES;
    }
  }

  #hear(bytes, start, end) {
    if (bytes[start] === ERROR_LETTER) throw new Error(`nats-server said ${bytes.toString("utf8", start, end)}`);
    if (bytes.toString("latin1", start, start + PING_LETTERS.length) === PING_LETTERS) this.#connection.say(PONG);
  }
}

/** The decimal number that ends here. @param {Buffer} bytes @param {number} end */
function numberBefore(bytes, end) {
  let value = 0;
  let place = 1;
  for (let at = end - 1; bytes[at] !== DOT && bytes[at] !== SPACE; at -= 1) {
    value += (bytes[at] - ZERO) * place;
    place *= 10;
  }
  return value;
}
