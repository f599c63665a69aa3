/** Events to frames for one host, in the format it asked for when it connected (P5.1). */
import { MAJOR } from "../protocol/cbor-format.ts";
import { encodeCbor, headLength, writeHead } from "../protocol/cbor-writer.ts";
import type { PlayerId } from "../protocol/commands.ts";
import { encodeEvent, mapStart } from "./encode-event.ts";
import type { RoomEvent } from "../protocol/events.ts";
import type { HostBytes, HostFormat } from "../protocol/peer-query.ts";

/**
 * Encodes one player's messages for the host: `from` (P2.11) for binary frames, `from_str` (P2.12) for text, which is valid UTF-8.
 * Each player has its own, which caches the constant part of the frames.
 */
export interface SeatEncoder {
  /** The part of the frame before the data; `undefined` if the data is not sent unchanged. */
  head(dataLength: number, isText: boolean): Uint8Array | undefined;
  /** The whole frame. */
  frame(data: Uint8Array, isText: boolean): Uint8Array;
}

/** The names of the formats. */
export const HOST_ENCODERS = ["json", "cbor/array", "cbor/string"] as const;
export type HostEncoderName = (typeof HOST_ENCODERS)[number];

/** Writes the frames for hosts of one format. */
export interface HostEncoder {
  /** The name of the format. Encoders of one name write the same frames. */
  readonly name: HostEncoderName;
  /** Whether this host's frames are text frames. */
  readonly isText: boolean;
  /** Encodes an event. The bytes never change, but may be a view of a larger buffer: copy them to retain them (`toOwned`). */
  event(event: RoomEvent): Uint8Array;
  /** Creates the encoder of one player. */
  seat(player: PlayerId): SeatEncoder;
}

/** The encoder for what a host asked for in its query. */
export function createHostEncoder(format: HostFormat, bytes: HostBytes): HostEncoder {
  return format === "json" ? jsonEncoder : cborEncoder(bytes);
}

/** The encoder of this name. */
export function hostEncoderOf(name: HostEncoderName): HostEncoder {
  switch (name) {
    case "json":
      return jsonEncoder;
    case "cbor/array":
      return cborEncoder("array");
    case "cbor/string":
      return cborEncoder("string");
    default:
      return name satisfies never;
  }
}

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder("utf-8", { ignoreBOM: true });

const NOTHING = new Uint8Array(0);

function cborEncoder(bytes: HostBytes): HostEncoder {
  return {
    name: `cbor/${bytes}`,
    isText: false,
    event: encodeEvent,
    seat: (player) => new CborSeatEncoder(player, bytes),
  };
}

/** Creates nothing before the first frame and shares what is the same for all players, since idle seats cost memory too. */
class CborSeatEncoder implements SeatEncoder {
  readonly #player: PlayerId;
  readonly #bytes: HostBytes;
  /** The last heads, since most of a game's frames are as long as the one before. */
  #fromHead: Uint8Array = NOTHING;
  #fromLength = -1;
  #fromStrHead: Uint8Array = NOTHING;
  #fromStrLength = -1;

  constructor(player: PlayerId, bytes: HostBytes) {
    this.#player = player;
    this.#bytes = bytes;
  }

  head(dataLength: number, isText: boolean): Uint8Array | undefined {
    if (isText) {
      if (dataLength !== this.#fromStrLength)
        this.#fromStrHead = dataHead(FROM_STR, this.#player, MAJOR.text, dataLength);
      this.#fromStrLength = dataLength;
      return this.#fromStrHead;
    }
    if (this.#bytes === "array") return undefined;
    if (dataLength !== this.#fromLength) this.#fromHead = dataHead(FROM, this.#player, MAJOR.bytes, dataLength);
    this.#fromLength = dataLength;
    return this.#fromHead;
  }

  frame(data: Uint8Array, isText: boolean): Uint8Array {
    const head = this.head(data.length, isText);
    if (head !== undefined) return joined(head, data);
    if (data.length !== this.#fromLength) this.#fromHead = dataHead(FROM, this.#player, MAJOR.array, data.length);
    this.#fromLength = data.length;
    return withIntegers(this.#fromHead, data);
  }
}

/** Joins the two parts of a frame. */
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

/** `{cmd: "from", from: ` and `{cmd: "from_str", from: `; what follows is the player, `data: `, and the data. */
const FROM = mapStart(3, "from", "from");
const FROM_STR = mapStart(3, "from_str", "from");
const DATA_KEY = encodeCbor("data");

/** The part of a message's frame before the content of its data. */
function dataHead(start: Uint8Array, player: PlayerId, major: number, dataLength: number): Uint8Array {
  const playerAt = start.length;
  const keyAt = playerAt + headLength(player);
  const dataAt = keyAt + DATA_KEY.length;
  const head = new Uint8Array(dataAt + headLength(dataLength));
  head.set(start);
  writeHead(head, playerAt, MAJOR.unsigned, player);
  head.set(DATA_KEY, keyAt);
  writeHead(head, dataAt, major, dataLength);
  return head;
}

function withIntegers(head: Uint8Array, data: Uint8Array): Uint8Array {
  let length = data.length;
  for (let index = 0; index < data.length; index++) if ((data[index] ?? 0) > 23) length += 1;
  const frame = new Uint8Array(head.length + length);
  frame.set(head);
  let at = head.length;
  for (let index = 0; index < data.length; index++) {
    const byte = data[index] ?? 0;
    if (byte > 23) frame[at++] = 0x18;
    frame[at++] = byte;
  }
  return frame;
}
