/**
 * A client's end of RFC 6455, as small as a load generator can have it: frames are prepared beforehand, and what comes
 * back is read where it lies.
 */
import { createHash, randomBytes } from "node:crypto";

export const OPCODES = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 };

const FINAL_BIT = 0x80;
const MASKED_BIT = 0x80;
const OPCODE_BITS = 0x0f;
const LENGTH_BITS = 0x7f;
const LENGTH_16 = 126;
const LENGTH_64 = 127;

/** Not zero, so that the server really has to unmask; the same in all frames, so that they can be prepared. */
const MASK = Uint8Array.of(0x37, 0xfa, 0x21, 0x9d);

const ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** @typedef {{ bytes: Uint8Array, isText?: boolean }} Message */

/**
 * What a wire needs of a connection: it takes messages and can answer.
 * @typedef {object} Listener
 * @property {(bytes: Buffer, start: number, end: number, isText: boolean) => void} hear
 * @property {(bytes: Uint8Array) => void} write
 * @property {(reason: string) => void} hearClose
 */

/**
 * @param {Message} message
 * @returns {{ bytes: Buffer, bodyAt: number, mask: Uint8Array }} the frame, and where the message begins in it
 */
function frame({ bytes, isText = false }) {
  return controlFrame(isText ? OPCODES.text : OPCODES.binary, bytes);
}

/** @param {number} opcode @param {Uint8Array} body */
function controlFrame(opcode, body) {
  const { length } = body;
  const lengthBytes = length < LENGTH_16 ? 0 : length < 65_536 ? 2 : 8;
  const bodyAt = 2 + lengthBytes + MASK.length;
  const bytes = Buffer.alloc(bodyAt + length);
  bytes[0] = FINAL_BIT | opcode;
  bytes[1] = MASKED_BIT | (lengthBytes === 0 ? length : lengthBytes === 2 ? LENGTH_16 : LENGTH_64);
  if (lengthBytes === 2) bytes.writeUInt16BE(length, 2);
  if (lengthBytes === 8) bytes.writeBigUInt64BE(BigInt(length), 2);
  bytes.set(MASK, bodyAt - MASK.length);
  for (let index = 0; index < length; index += 1) bytes[bodyAt + index] = body[index] ^ MASK[index & 3];
  return { bytes, bodyAt, mask: MASK };
}

/** @param {{ host: string, path: string, protocol?: string }} request */
function openingHandshake({ host, path, protocol }) {
  const key = randomBytes(16).toString("base64");
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${key}`,
    ...(protocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
  ];
  const accept = createHash("sha1")
    .update(key + ACCEPT_SUFFIX)
    .digest("base64");
  return { request: Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), accept };
}

/**
 * The head of the answer, once all of it is here.
 * @param {Buffer} bytes what has come so far @param {string} accept
 * @returns {number} where the first frame begins, or -1 while the head is not complete
 */
function readHandshake(bytes, accept) {
  const end = bytes.indexOf("\r\n\r\n");
  if (end === -1) return -1;
  const head = bytes.toString("latin1", 0, end);
  if (!head.startsWith("HTTP/1.1 101 ") || !head.includes(accept)) {
    throw new Error(`The server did not open a WebSocket; it said: ${head.split("\r\n")[0]}`);
  }
  return end + 4;
}

/**
 * Reads as many whole frames as there are, and tells how far it came.
 * @param {Listener} connection told of each frame
 * @param {Buffer} bytes @param {number} start @param {number} end
 * @returns {number} where the first frame begins that is not whole
 */
function readFrames(connection, bytes, start, end) {
  let at = start;
  while (end - at >= 2) {
    const first = bytes[at];
    let length = bytes[at + 1] & LENGTH_BITS;
    let bodyAt = at + 2;
    if (length === LENGTH_16) {
      if (end - at < 4) break;
      length = (bytes[at + 2] << 8) | bytes[at + 3];
      bodyAt = at + 4;
    } else if (length === LENGTH_64) {
      if (end - at < 10) break;
      length = bytes.readUInt32BE(at + 2) * 2 ** 32 + bytes.readUInt32BE(at + 6);
      bodyAt = at + 10;
    }
    if (end - bodyAt < length) break;
    at = bodyAt + length;
    hear(connection, first, bytes, bodyAt, at);
  }
  return at;
}

/** @param {Listener} connection @param {number} first @param {Buffer} bytes @param {number} start @param {number} end */
function hear(connection, first, bytes, start, end) {
  const opcode = first & OPCODE_BITS;
  if (opcode === OPCODES.binary || opcode === OPCODES.text) {
    if ((first & FINAL_BIT) === 0)
      throw new Error("A server sent a message in fragments; no peer is known to do that.");
    connection.hear(bytes, start, end, opcode === OPCODES.text);
  } else if (opcode === OPCODES.ping) {
    connection.write(controlFrame(OPCODES.pong, bytes.subarray(start, end)).bytes);
  } else if (opcode === OPCODES.close) {
    const code = end - start >= 2 ? bytes.readUInt16BE(start) : 1005;
    connection.hearClose(`${code} ${bytes.toString("utf8", start + 2, end)}`.trim());
  }
}

/** What a client says before it leaves for good. */
const goodbye = controlFrame(OPCODES.close, Uint8Array.of(1000 >>> 8, 1000 & 0xff)).bytes;

export const websocketWire = { frame, openingHandshake, readHandshake, readFrames, goodbye };
