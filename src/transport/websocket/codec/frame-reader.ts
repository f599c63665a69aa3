/**
 * Reads a client's WebSocket frames (RFC 6455, section 5) out of the bytes as they come: cut anywhere, in fragments, with
 * control frames in between. The tests run it and the reader of `ws` beside each other.
 */
import { isUtf8 } from "node:buffer";
import type { FrameFault, FrameListener } from "../engine.ts";
import type { ReadUnderWay } from "../write-scheduler.ts";
import {
  FINAL_BIT,
  FIRST_CONTROL_OPCODE,
  LEAST_HEAD_BYTES,
  LENGTH_BITS,
  LENGTH_IN_EIGHT,
  LENGTH_IN_TWO,
  MASK_BIT,
  MASK_BYTES,
  MAX_CONTROL_BYTES,
  OPCODE,
  OPCODE_BITS,
  readEightBytes,
  RESERVED_BITS,
} from "./frame.ts";
import { unmask } from "./unmask.ts";

/** Fragments of one message: each costs time. */
const MAX_FRAGMENTS = 16_384;
/** For shorter texts a loop is faster than a call of `isUtf8`. */
const LONG_TEXT_BYTES = 64;

/** What a buffer of held bytes has at first, so that a peer that sends byte by byte costs memory by the page and not by the byte. */
const FIRST_BYTES = 4_096;
/** It grows by so much each time, so that everything is copied about once. */
const GROWTH = 4;

/** Bytes that come in pieces and are wanted in one. */
class GrowingBuffer {
  #bytes = new Uint8Array(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Bytes of memory that it takes up. */
  get capacity(): number {
    return this.#bytes.length;
  }

  /** Adds a piece. `expected`: how much there will be in the end, as far as is known; that much is never claimed unseen. */
  append(piece: Uint8Array, expected: number): void {
    const length = this.#length + piece.length;
    if (length > this.#bytes.length) this.#grow(length, expected);
    this.#bytes.set(piece, this.#length);
    this.#length = length;
  }

  /** All there is. Nothing may be added afterwards. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(needed: number, expected: number): void {
    const roomy = Math.max(FIRST_BYTES, needed * GROWTH);
    const { buffer } = Buffer.allocUnsafeSlow(Math.max(needed, Math.min(expected, roomy)));
    const larger = new Uint8Array(buffer); // a `Buffer` would be a second class in all that reads frames
    larger.set(this.bytes());
    this.#bytes = larger;
  }
}

interface Fragments {
  readonly isText: boolean;
  readonly data: GrowingBuffer;
  count: number;
}

export class FrameReader implements ReadUnderWay {
  readonly #listener: FrameListener;
  readonly #maxPayload: number;
  /** The beginning of a frame whose end has not come, and the bytes needed to go on with it. */
  #held: GrowingBuffer | undefined;
  #needed = 0;
  #fragments: Fragments | undefined;
  #isOver = false;

  /** The read has brought more behind the frame that is being told. */
  isMoreAtHand = false;

  /** `maxPayload`: bytes in one message. */
  constructor(listener: FrameListener, maxPayload: number) {
    this.#listener = listener;
    this.#maxPayload = maxPayload;
  }

  /** A frame or a message has begun and is not over. */
  get isAmid(): boolean {
    return this.#held !== undefined || this.#fragments !== undefined;
  }

  /** Bytes of memory that the frame and the message which are not over take up. */
  get heldBytes(): number {
    return (this.#held?.capacity ?? 0) + (this.#fragments?.data.capacity ?? 0);
  }

  /** Takes the next bytes. The reader owns them from now on: it unmasks them in place. */
  read(chunk: Uint8Array): void {
    if (this.#isOver) return;
    const held = this.#held;
    if (held === undefined) {
      this.#parse(chunk);
      return;
    }
    held.append(chunk, this.#needed);
    if (held.length < this.#needed) return;
    this.#held = undefined;
    this.#parse(held.bytes());
  }

  /** Reads nothing more. */
  stop(): void {
    this.#isOver = true;
    this.#held = undefined;
    this.#fragments = undefined;
  }

  /** All frames that are whole; what is left waits for the rest of it. A fault is told at the byte that makes it one. */
  #parse(bytes: Uint8Array): void {
    const { buffer, byteOffset } = bytes; // asked once, since V8 answers in native code
    let at = 0;
    while (!this.#isOver && at < bytes.length) {
      if (at + LEAST_HEAD_BYTES > bytes.length) return this.#hold(bytes, at, LEAST_HEAD_BYTES);
      const first = bytes[at] ?? 0;
      const second = bytes[at + 1] ?? 0;
      if (!this.#isSound(first, second)) return this.#fail("protocol_error");
      const lengthField = second & LENGTH_BITS;
      const maskAt = at + LEAST_HEAD_BYTES + (lengthField < LENGTH_IN_TWO ? 0 : lengthField === LENGTH_IN_TWO ? 2 : 8);
      if (maskAt > bytes.length) return this.#hold(bytes, at, maskAt - at);
      const length = lengthField < LENGTH_IN_TWO ? lengthField : readLength(bytes, at + LEAST_HEAD_BYTES, lengthField);
      if (length > this.#maxPayload - (this.#fragments?.data.length ?? 0) && !isControl(first)) {
        return this.#fail("frame_too_large");
      }
      const payloadAt = maskAt + MASK_BYTES;
      const end = payloadAt + length;
      if (end > bytes.length) return this.#hold(bytes, at, end - at);
      unmask(bytes, payloadAt, end, maskAt);
      this.isMoreAtHand = end < bytes.length;
      this.#take(first, new Uint8Array(buffer, byteOffset + payloadAt, length));
      at = end;
    }
  }

  #hold(bytes: Uint8Array, at: number, needed: number): void {
    this.#held = new GrowingBuffer();
    this.#held.append(bytes.subarray(at), needed);
    this.#needed = needed;
  }

  /** Whether the first two bytes of a frame can be meant here. */
  #isSound(first: number, second: number): boolean {
    const opcode = first & OPCODE_BITS;
    const isKnown = opcode <= OPCODE.binary || (opcode >= FIRST_CONTROL_OPCODE && opcode <= OPCODE.pong);
    const isInPlace = isControl(first)
      ? isSoundControl(first, second & LENGTH_BITS)
      : (opcode === OPCODE.continuation) === (this.#fragments !== undefined);
    const isMasked = (second & MASK_BIT) !== 0;
    return (first & RESERVED_BITS) === 0 && isKnown && isInPlace && isMasked;
  }

  #take(first: number, payload: Uint8Array): void {
    const opcode = first & OPCODE_BITS;
    if (isControl(first)) this.#takeControl(opcode, asBuffer(payload));
    else if (this.#fragments === undefined && (first & FINAL_BIT) !== 0) this.#deliver(payload, opcode === OPCODE.text);
    else this.#takeFragment(first, payload);
  }

  #takeFragment(first: number, payload: Uint8Array): void {
    const isText = (first & OPCODE_BITS) === OPCODE.text;
    const fragments = (this.#fragments ??= { isText, data: new GrowingBuffer(), count: 0 });
    fragments.count += 1;
    if (fragments.count > MAX_FRAGMENTS) {
      this.#fail("too_many_fragments");
      return;
    }
    fragments.data.append(payload, this.#maxPayload);
    if ((first & FINAL_BIT) === 0) return;
    this.#fragments = undefined;
    this.#deliver(fragments.data.bytes(), fragments.isText);
  }

  #deliver(data: Uint8Array, isText: boolean): void {
    if (isText && !isValidText(data)) this.#fail("invalid_text");
    else this.#listener.onMessage(data, isText);
  }

  #takeControl(opcode: number, payload: Buffer): void {
    if (opcode === OPCODE.ping) this.#listener.onPing(payload);
    else if (opcode === OPCODE.pong) this.#listener.onPong(payload);
    else this.#takeClose(payload);
  }

  /** RFC 6455, section 5.5.1: a code and a reason, or nothing. */
  #takeClose(payload: Buffer): void {
    if (payload.length === 0) return this.#end(undefined);
    const code = payload.readUInt16BE(0);
    if (!isCloseCode(code)) return this.#fail("protocol_error");
    if (!isUtf8(payload.subarray(2))) return this.#fail("invalid_text");
    this.#end(code);
  }

  #end(code: number | undefined): void {
    this.stop();
    this.#listener.onClose(code);
  }

  #fail(fault: FrameFault): void {
    this.stop();
    this.#listener.onFault(fault);
  }
}

function isControl(first: number): boolean {
  return (first & OPCODE_BITS) >= FIRST_CONTROL_OPCODE;
}

/** RFC 6455, section 5.5: whole, short, and a Close has no half of a code. */
function isSoundControl(first: number, lengthField: number): boolean {
  const isFinal = (first & FINAL_BIT) !== 0;
  const isHalfACode = (first & OPCODE_BITS) === OPCODE.close && lengthField === 1;
  return isFinal && lengthField <= MAX_CONTROL_BYTES && !isHalfACode;
}

function readLength(bytes: Uint8Array, at: number, lengthField: number): number {
  return lengthField === LENGTH_IN_EIGHT ? readEightBytes(bytes, at) : ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/** The same bytes. */
function asBuffer({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}

/** Codes that may travel (RFC 6455, section 7.4, and IANA's registry: 1012 to 1014). */
function isCloseCode(code: number): boolean {
  if (code >= 3_000) return code <= 4_999;
  return code >= 1_000 && code <= 1_014 && code !== 1_004 && code !== 1_005 && code !== 1_006;
}

function isValidText(data: Uint8Array): boolean {
  if (data.length >= LONG_TEXT_BYTES) return isUtf8(data);
  for (let at = 0; at < data.length; at++) if ((data[at] ?? 0) >= 0x80) return isUtf8(data);
  return true;
}
