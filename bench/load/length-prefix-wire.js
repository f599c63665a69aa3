/** The floor's wire: four bytes of length, then the message. No handshake, no mask, no kinds of frames. */

const LENGTH_BYTES = 4;
const NO_MASK = Uint8Array.of(0, 0, 0, 0);

/** @param {{ bytes: Uint8Array }} message */
function frame({ bytes: body }) {
  const bytes = Buffer.alloc(LENGTH_BYTES + body.length);
  bytes.writeUInt32BE(body.length, 0);
  bytes.set(body, LENGTH_BYTES);
  return { bytes, bodyAt: LENGTH_BYTES, mask: NO_MASK };
}

/** @param {import("./websocket-wire.js").Listener} connection @param {Buffer} bytes @param {number} start @param {number} end */
function readFrames(connection, bytes, start, end) {
  let at = start;
  while (end - at >= LENGTH_BYTES) {
    const bodyAt = at + LENGTH_BYTES;
    const next = bodyAt + bytes.readUInt32BE(at);
    if (next > end) break;
    at = next;
    connection.hear(bytes, bodyAt, next, false);
  }
  return at;
}

export const lengthPrefixWire = { frame, readFrames };
