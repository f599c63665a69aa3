/**
 * What a frame of the benchmark carries: a head of twelve bytes that says who sent it, its number and when
 * it left, and behind it a body that is the same in every frame of a scenario. Peers whose messages are text get the same in
 * twelve characters, so that no peer pays for an encoding that its users would not need.
 */

export const HEAD_BYTES = 12;

/** Behind the sender: a payload that was torn or swapped shows at once. */
const MARK = 0xc0de;

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
const DIGIT_BITS = 6;
const DIGIT_MASK = (1 << DIGIT_BITS) - 1;
const DIGIT_CODES = Uint8Array.from(DIGITS, (digit) => digit.charCodeAt(0));
const DIGIT_VALUES = new Uint8Array(256).fill(255);
for (const [value, code] of DIGIT_CODES.entries()) DIGIT_VALUES[code] = value;

/**
 * How a head is written. Senders are below `maxSenders`; sequence numbers and times (microseconds) begin again at
 * `sequences` and `times`, far later than any frame stays under way.
 * @typedef {object} PayloadKind
 * @property {number} maxSenders
 * @property {number} sequences
 * @property {number} times
 * @property {number} changingFrom the first byte of the head that differs between two frames of one sender
 * @property {(head: Uint8Array, sender: number) => void} writeSender
 * @property {(head: Uint8Array, sequence: number, time: number) => void} writeChanging
 * @property {(bytes: Uint8Array, at: number) => number} senderAt -1 where no head of ours begins
 * @property {(bytes: Uint8Array, at: number) => number} sequenceAt
 * @property {(bytes: Uint8Array, at: number) => number} timeAt
 */

/** @param {Uint8Array} bytes @param {number} at @param {number} value */
function writeWord(bytes, at, value) {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** @param {Uint8Array} bytes @param {number} at */
const wordAt = (bytes, at) => ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;

/** Sender in two bytes, the mark in two, sequence number and time in four each. @type {PayloadKind} */
export const BINARY = {
  maxSenders: 2 ** 16,
  sequences: 2 ** 32,
  times: 2 ** 32,
  changingFrom: 4,
  writeSender: (head, sender) => writeWord(head, 0, ((sender << 16) | MARK) >>> 0),
  writeChanging(head, sequence, time) {
    writeWord(head, 4, sequence);
    writeWord(head, 8, time);
  },
  senderAt: (bytes, at) => (((bytes[at + 2] << 8) | bytes[at + 3]) === MARK ? (bytes[at] << 8) | bytes[at + 1] : -1),
  sequenceAt: (bytes, at) => wordAt(bytes, at + 4),
  timeAt: (bytes, at) => wordAt(bytes, at + 8),
};

/** @param {Uint8Array} bytes @param {number} at @param {number} count @param {number} value */
function writeDigits(bytes, at, count, value) {
  let rest = value;
  for (let index = at + count - 1; index >= at; index -= 1) {
    bytes[index] = DIGIT_CODES[rest & DIGIT_MASK];
    rest >>>= DIGIT_BITS;
  }
}

/** @param {Uint8Array} bytes @param {number} at @param {number} count */
function digitsAt(bytes, at, count) {
  let value = 0;
  for (let index = at; index < at + count; index += 1) value = (value << DIGIT_BITS) | DIGIT_VALUES[bytes[index]];
  return value >>> 0;
}

const MARK_CODE = "~".charCodeAt(0);

/** The mark in one character, sender in three, sequence number in four, time in four. @type {PayloadKind} */
export const TEXT = {
  maxSenders: 2 ** 18,
  sequences: 2 ** 24,
  times: 2 ** 24,
  changingFrom: 4,
  writeSender(head, sender) {
    head[0] = MARK_CODE;
    writeDigits(head, 1, 3, sender);
  },
  writeChanging(head, sequence, time) {
    writeDigits(head, 4, 4, sequence);
    writeDigits(head, 8, 4, time);
  },
  senderAt: (bytes, at) => (bytes[at] === MARK_CODE ? digitsAt(bytes, at + 1, 3) : -1),
  sequenceAt: (bytes, at) => digitsAt(bytes, at + 4, 4),
  timeAt: (bytes, at) => digitsAt(bytes, at + 8, 4),
};

export const PAYLOAD_KINDS = { binary: BINARY, text: TEXT };

/**
 * What stands behind the head. All of it is text too, and no character of it is escaped in JSON.
 * @param {number} payloadBytes of the whole payload
 */
export function payloadBody(payloadBytes) {
  const body = Buffer.alloc(payloadBytes - HEAD_BYTES);
  for (let index = 0; index < body.length; index += 1)
    body[index] = DIGIT_CODES[(index * 7 + (index >>> 6)) & DIGIT_MASK];
  return body;
}

/** A payload as its sender prepares it. @param {PayloadKind} kind @param {number} sender @param {Buffer} body */
export function preparePayload(kind, sender, body) {
  if (sender >= kind.maxSenders) throw new RangeError(`Only ${kind.maxSenders} senders fit into a payload's head.`);
  const payload = Buffer.alloc(HEAD_BYTES + body.length);
  kind.writeSender(payload, sender);
  kind.writeChanging(payload, 0, 0);
  payload.set(body, HEAD_BYTES);
  return payload;
}

/** Below this, a loop is quicker than a call into Node's own comparison. */
const LOOP_BYTES = 64;

/**
 * Whether the body arrived as it was sent.
 * @param {Buffer} body @param {Buffer} bytes @param {number} payloadAt @param {number} end behind the payload
 */
export function isBodyIntact(body, bytes, payloadAt, end) {
  const start = payloadAt + HEAD_BYTES;
  if (end - start !== body.length) return false;
  if (body.length > LOOP_BYTES) return body.compare(bytes, start, end) === 0;
  for (let index = 0; index < body.length; index += 1) if (body[index] !== bytes[start + index]) return false;
  return true;
}
