/** Events to frames for one host, in the format it asked for when it connected (P5.1). */
import { Encoder } from "cbor-x";
import { headLength, MAJOR, writeHead } from "./cbor-cursor.ts";
import type { PlayerId } from "./commands.ts";
import type { RoomEvent } from "./events.ts";

/** CBOR in binary frames, or JSON in text frames. */
export type HostFormat = "cbor" | "json";
/** How `from.data` is written in CBOR: an array of integers, as WMBP does, or a byte string. */
export type HostBytes = "array" | "string";

/**
 * What one player says, as frames for the host: `from` (P2.11) for its binary frames, `from_str` (P2.12) for its text, which is
 * valid UTF-8. One of these is made a seat, so that its frames' constant part is too.
 */
export interface SeatEncoder {
  /** What stands before the data, where that goes into the frame as it is; `undefined` where it has to be written otherwise. */
  head(dataLength: number, isText: boolean): Uint8Array | undefined;
  /** The whole frame. */
  frame(data: Uint8Array, isText: boolean): Uint8Array;
}

export interface HostEncoder {
  /** What the host asked for: frames of one name can stand in for each other. */
  readonly name: string;
  /** Whether this host's frames are text frames. */
  readonly isText: boolean;
  event(event: RoomEvent): Uint8Array;
  seat(player: PlayerId): SeatEncoder;
}

export function createHostEncoder(format: HostFormat, bytes: HostBytes): HostEncoder {
  return format === "json" ? jsonEncoder : cborEncoder(bytes);
}

// No records, no tags, the shortest map heads: any CBOR reader understands it, and just-party's strict one too (WMBP K5).
const cbor = new Encoder({ useRecords: false, tagUint8Array: false, variableMapSize: true });
const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder("utf-8", { ignoreBOM: true });

function cborEncoder(bytes: HostBytes): HostEncoder {
  return {
    name: `cbor/${bytes}`,
    isText: false,
    event: (event) => cbor.encode(event),
    seat: (player) => new CborSeatEncoder(player, bytes),
  };
}

class CborSeatEncoder implements SeatEncoder {
  readonly #bytes: HostBytes;
  readonly #from: StringHead;
  readonly #fromStr: StringHead;

  constructor(player: PlayerId, bytes: HostBytes) {
    this.#bytes = bytes;
    this.#from = new StringHead(messageHead("from", player), MAJOR.bytes);
    this.#fromStr = new StringHead(messageHead("from_str", player), MAJOR.text);
  }

  head(dataLength: number, isText: boolean): Uint8Array | undefined {
    if (isText) return this.#fromStr.before(dataLength);
    return this.#bytes === "array" ? undefined : this.#from.before(dataLength);
  }

  frame(data: Uint8Array, isText: boolean): Uint8Array {
    const head = this.head(data.length, isText);
    return head === undefined ? withIntegers(this.#from.constant, data) : joined(head, data);
  }
}

/** The head of a message's frame down to its string's length, made anew only when that is another than last time. */
class StringHead {
  readonly constant: Uint8Array;
  readonly #major: number;
  #length = -1;
  #head: Uint8Array = NOTHING;

  constructor(constant: Uint8Array, major: number) {
    this.constant = constant;
    this.#major = major;
  }

  before(length: number): Uint8Array {
    if (length !== this.#length) {
      this.#length = length;
      this.#head = new Uint8Array(this.constant.length + headLength(length));
      this.#head.set(this.constant);
      writeHead(this.#head, this.constant.length, this.#major, length);
    }
    return this.#head;
  }
}

const NOTHING = new Uint8Array(0);

/** Both, one behind the other. */
export function joined(head: Uint8Array, data: Uint8Array): Uint8Array {
  const frame = new Uint8Array(head.length + data.length);
  frame.set(head);
  frame.set(data, head.length);
  return frame;
}

function bytesAsIntegers(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? [...value] : value;
}

const jsonEncoder: HostEncoder = {
  name: "json",
  isText: true,
  event: (event) => utf8.encode(JSON.stringify(event, bytesAsIntegers)),
  seat: (player) => ({
    head: () => undefined,
    frame: (data, isText) =>
      utf8.encode(
        isText
          ? `{"cmd":"from_str","from":${player},"data":${JSON.stringify(fromUtf8.decode(data))}}`
          : `{"cmd":"from","from":${player},"data":[${data.join(",")}]}`,
      ),
  }),
};

/** `{cmd, from: player, data:` — everything of a message's frame that does not depend on the message. */
function messageHead(cmd: "from" | "from_str", player: PlayerId): Uint8Array {
  const withNull: Uint8Array = cbor.encode({ cmd, from: player, data: null });
  return withNull.slice(0, -1);
}

function withIntegers(head: Uint8Array, data: Uint8Array): Uint8Array {
  let length = data.length;
  for (let index = 0; index < data.length; index++) if ((data[index] ?? 0) > 23) length += 1;
  const frame = new Uint8Array(head.length + headLength(data.length) + length);
  frame.set(head);
  let at = writeHead(frame, head.length, MAJOR.array, data.length);
  for (let index = 0; index < data.length; index++) {
    const byte = data[index] ?? 0;
    if (byte > 23) frame[at++] = 0x18;
    frame[at++] = byte;
  }
  return frame;
}
