/** WebSocket frames as bytes (RFC 6455, section 5.2): what the reader and the writer share. */

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** The first two bytes of the head, which every frame has. */
export const LEAST_HEAD_BYTES = 2;
/** First byte: the frame is a message's last, or only, one. */
export const FINAL_BIT = 0x80;
/** First byte: bits that mean something only to extensions, and we have none. */
export const RESERVED_BITS = 0x70;
export const OPCODE_BITS = 0x0f;
/** Opcodes from here on are control frames. */
export const FIRST_CONTROL_OPCODE = 8;
/** Second byte: the payload is masked, as all of a client's are (section 5.3). */
export const MASK_BIT = 0x80;
export const LENGTH_BITS = 0x7f;
/** Lengths that say that the real one follows in two, or in eight, bytes. */
export const LENGTH_IN_TWO = 126;
export const LENGTH_IN_EIGHT = 127;
export const MASK_BYTES = 4;
const CLOSE_CODE_BYTES = 2;
/** A control frame's longest payload (section 5.5). */
export const MAX_CONTROL_BYTES = 125;

/** Payloads from this size on are not copied together with others, but handed over as they are. */
export const LARGE_BYTES = 16_384;

const TWO_TO_32 = 2 ** 32;

/** The eight-byte number at this place; beyond 2^53 only roughly right. */
export function readEightBytes(bytes: Uint8Array, at: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at);
  return view.getUint32(0) * TWO_TO_32 + view.getUint32(4);
}

/** How long the head of a server's frame is: such frames have no mask. */
export function headBytes(payloadBytes: number): number {
  if (payloadBytes < LENGTH_IN_TWO) return 2;
  return payloadBytes < 0x10000 ? 4 : 10;
}

/** Writes the head of a server's frame, a whole message, and returns where the payload begins. */
export function writeFrameHead(bytes: Buffer, at: number, opcode: number, payloadBytes: number): number {
  bytes[at] = FINAL_BIT | opcode;
  if (payloadBytes < LENGTH_IN_TWO) {
    bytes[at + 1] = payloadBytes;
    return at + 2;
  }
  if (payloadBytes < 0x10000) {
    bytes[at + 1] = LENGTH_IN_TWO;
    bytes[at + 2] = payloadBytes >> 8;
    bytes[at + 3] = payloadBytes & 0xff;
    return at + 4;
  }
  bytes[at + 1] = LENGTH_IN_EIGHT;
  bytes.writeUInt32BE(Math.floor(payloadBytes / TWO_TO_32), at + 2);
  bytes.writeUInt32BE(payloadBytes % TWO_TO_32, at + 6);
  return at + 10;
}

/** Writes a server's whole frame, whose content is `lead` and then `payload`, and returns where it ends. */
export function put(bytes: Buffer, at: number, opcode: number, lead: Uint8Array, payload: Uint8Array): number {
  const leadAt = writeFrameHead(bytes, at, opcode, lead.length + payload.length);
  const payloadAt = leadAt + lead.length;
  if (lead.length > 0) bytes.set(lead, leadAt);
  bytes.set(payload, payloadAt);
  return payloadAt + payload.length;
}

/** A server's whole frame in one buffer, whose content is `lead` and then `payload`. */
export function wholeFrame(opcode: number, lead: Uint8Array, payload: Uint8Array): Buffer {
  const bytes = lead.length + payload.length;
  const frame = Buffer.allocUnsafe(headBytes(bytes) + bytes);
  put(frame, 0, opcode, lead, payload);
  return frame;
}

/** What a Close says (section 5.5.1). */
export function closePayload(code: number, reason: string): Buffer {
  const payload = Buffer.allocUnsafe(CLOSE_CODE_BYTES + Buffer.byteLength(reason));
  payload.writeUInt16BE(code, 0);
  payload.write(reason, CLOSE_CODE_BYTES);
  return payload;
}
