/** Events to frames for one host, in the format it asked for when it connected (P5.1). */
import { Encoder } from "cbor-x";
import { headLength, MAJOR, writeHead } from "./cbor-cursor.ts";
import type { PlayerId } from "./commands.ts";
import type { RoomEvent } from "./events.ts";

/** CBOR in binary frames, or JSON in text frames. */
export type HostFormat = "cbor" | "json";
/** How `from.data` is written in CBOR: an array of integers, as WMBP does, or a byte string. */
export type HostBytes = "array" | "string";

/** What one player says, as frames for the host. One of these is made a seat, so that its frames' constant part is too. */
export interface SeatEncoder {
  /** The player's binary frame as `from` (P2.11). `data` is copied, and nothing else is allocated. */
  binary(data: Uint8Array): Uint8Array;
  /** The player's text frame as `from_str` (P2.12); `data` is valid UTF-8. */
  text(data: Uint8Array): Uint8Array;
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
    seat: (player) => {
      const fromHead = messageHead("from", player);
      const fromStrHead = messageHead("from_str", player);
      return {
        binary:
          bytes === "array"
            ? (data) => withIntegers(fromHead, data)
            : (data) => withString(fromHead, MAJOR.bytes, data),
        text: (data) => withString(fromStrHead, MAJOR.text, data),
      };
    },
  };
}

function bytesAsIntegers(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? [...value] : value;
}

const jsonEncoder: HostEncoder = {
  name: "json",
  isText: true,
  event: (event) => utf8.encode(JSON.stringify(event, bytesAsIntegers)),
  seat: (player) => ({
    binary: (data) => utf8.encode(`{"cmd":"from","from":${player},"data":[${data.join(",")}]}`),
    text: (data) => utf8.encode(`{"cmd":"from_str","from":${player},"data":${JSON.stringify(fromUtf8.decode(data))}}`),
  }),
};

/** `{cmd, from: player, data:` — everything of a message's frame that does not depend on the message. */
function messageHead(cmd: "from" | "from_str", player: PlayerId): Uint8Array {
  const withNull: Uint8Array = cbor.encode({ cmd, from: player, data: null });
  return withNull.slice(0, -1);
}

function withString(head: Uint8Array, major: number, data: Uint8Array): Uint8Array {
  const frame = new Uint8Array(head.length + headLength(data.length) + data.length);
  frame.set(head);
  frame.set(data, writeHead(frame, head.length, major, data.length));
  return frame;
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
