/** Everything that is wrong with a frame, one way each: what a client may not send, and what is over a limit. */
import { makeFrame, OPCODE, type FrameOptions } from "../raw-client.ts";
import type { SeededRandom } from "../seeded-random.ts";

/** Not UTF-8 wherever it stands, but for a text that goes on behind it: one reason each. */
export const NO_UTF8: readonly (readonly [string, readonly number[]])[] = [
  ["a continuation byte alone", [0x80]],
  ["a head of two without its second byte", [0xc3, 0x28]],
  ["a head of four that ends", [0xf0, 0x9f, 0x98]],
  ["a longer form than needed, of two", [0xc0, 0xa0]],
  ["a longer form than needed, of two, the last one", [0xc1, 0xbf]],
  ["a longer form than needed, of three", [0xe0, 0x80, 0xa0]],
  ["a longer form than needed, of three, the last one", [0xe0, 0x9f, 0xbf]],
  ["a longer form than needed, of four", [0xf0, 0x80, 0x80, 0xa0]],
  ["a longer form than needed, of four, the last one", [0xf0, 0x8f, 0xbf, 0xbf]],
  ["the first half of a surrogate pair", [0xed, 0xa0, 0x80]],
  ["the second half of a surrogate pair", [0xed, 0xbf, 0xbf]],
  ["a surrogate pair in six bytes", [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80]],
  ["a character after the last one there is", [0xf4, 0x90, 0x80, 0x80]],
  ["a head of four that is none", [0xf5, 0x80, 0x80, 0x80]],
  ["a head of five", [0xf8, 0x88, 0x80, 0x80, 0x80]],
  ["a byte that no UTF-8 has", [0xff]],
];

/** Codes that may not travel in a Close. */
export const NO_CLOSE_CODES = [
  0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 1999, 2000, 2999, 5000, 5001, 32_768, 65_535,
];
/** Codes that may. */
export const CLOSE_CODES_THAT_TRAVEL = [
  1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4503, 4999,
];

export const UNKNOWN_OPCODES = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15];
export const CONTROL_OPCODES = [OPCODE.close, OPCODE.ping, OPCODE.pong];
/** Lengths that a head can claim and no peer can send. */
export const HUGE_LENGTHS = [
  2n ** 31n,
  2n ** 32n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 53n + 1n,
  2n ** 63n,
  2n ** 64n - 1n,
];

/** The payload of a Close. */
export function closing(code: number, reason: Uint8Array | string = ""): Buffer {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(code);
  return Buffer.concat([head, Buffer.from(reason)]);
}

interface Place {
  /** A message has begun in fragments, and is not over. */
  readonly isInMessage: boolean;
  readonly maxPayload: number;
  readonly options: FrameOptions;
}

type Breaker = (random: SeededRandom, place: Place) => readonly Buffer[];

/** An opcode that a data frame may have here. */
function dataOpcode({ isInMessage }: Place): number {
  return isInMessage ? OPCODE.continuation : OPCODE.text;
}

/** What would end a message that has begun, so that a new one may begin. */
function ending({ isInMessage }: Place): Buffer[] {
  return isInMessage ? [makeFrame(OPCODE.continuation, "")] : [];
}

/** Each breaks the frame that it adds, wherever it stands. */
export const BREAKERS: Readonly<Record<string, Breaker>> = {
  "a reserved bit": (random, place) => [
    makeFrame(random.chance(0.5) ? dataOpcode(place) : OPCODE.ping, "hi", {
      ...place.options,
      reserved: 1 + random.below(7),
    }),
  ],
  "an unknown opcode": (random, { options }) => [makeFrame(random.pick(UNKNOWN_OPCODES) ?? 3, "hi", options)],
  "no mask": (random, place) => [
    makeFrame(random.chance(0.5) ? dataOpcode(place) : OPCODE.pong, "x".repeat(random.below(4)), {
      ...place.options,
      isMasked: false,
    }),
  ],
  "a control frame that is too long": (random, { options }) => [
    makeFrame(random.pick(CONTROL_OPCODES) ?? 9, Buffer.alloc(126 + random.below(2) * 66_000, 3), options),
  ],
  "a control frame whose length is short but written long": (random, { options }) => [
    makeFrame(random.pick(CONTROL_OPCODES) ?? 9, closing(1000), {
      ...options,
      lengthBytes: random.chance(0.5) ? 2 : 8,
    }),
  ],
  "a control frame in fragments": (random, { options }) => [
    makeFrame(random.pick(CONTROL_OPCODES) ?? 9, closing(1000), { ...options, isFinal: false }),
  ],
  "a frame out of its place": (random, { isInMessage, options }) => [
    makeFrame(isInMessage ? 1 + random.below(2) : OPCODE.continuation, "hi", {
      ...options,
      isFinal: random.chance(0.5),
    }),
  ],
  "a Close of one byte": (_dice, { options }) => [makeFrame(OPCODE.close, Buffer.of(3), options)],
  "a Close with a code that may not travel": (random, { options }) => [
    makeFrame(OPCODE.close, closing(random.pick(NO_CLOSE_CODES) ?? 0, random.chance(0.5) ? "why" : ""), options),
  ],
  "a Close whose reason is no text": (random, { options }) => [
    makeFrame(OPCODE.close, closing(1000, Buffer.from(random.pick(NO_UTF8)?.[1] ?? [0xff])), options),
  ],
  "text that is none": (random, place) => [...ending(place), makeFrame(OPCODE.text, noText(random), place.options)],
  "text that is none, in fragments": (random, place) => {
    const text = noText(random);
    const cut = random.below(text.length + 1);
    return [
      ...ending(place),
      makeFrame(OPCODE.text, text.subarray(0, cut), { ...place.options, isFinal: false }),
      ...(random.chance(0.5) ? [makeFrame(OPCODE.ping, "in between", place.options)] : []),
      makeFrame(OPCODE.continuation, text.subarray(cut), place.options),
    ];
  },
  "a length over the limit": (random, place) => [
    makeFrame(dataOpcode(place), "the beginning", {
      ...place.options,
      claimedLength: random.chance(0.3) ? place.maxPayload + 1 : (random.pick(HUGE_LENGTHS) ?? 0),
    }),
  ],
  "fragments that are together over the limit": (random, place) => {
    const { options, maxPayload } = place;
    const first = 1 + random.below(Math.min(maxPayload, 500));
    return [
      ...ending(place),
      makeFrame(OPCODE.binary, Buffer.alloc(first), { ...options, isFinal: false }),
      makeFrame(OPCODE.continuation, "the beginning", { ...options, claimedLength: maxPayload + 1 - first }),
    ];
  },
  "two random bytes for a head": (random) => [Buffer.from(Array.from({ length: 20 }, () => random.below(256)))],
};

function noText(random: SeededRandom): Buffer {
  const around = (): string => "é".repeat(random.below(random.chance(0.5) ? 5 : 60));
  const behind = around();
  // What lacks its end is none only if nothing that could be the end follows, and "é" never is.
  return Buffer.concat([Buffer.from(around()), Buffer.from(random.pick(NO_UTF8)?.[1] ?? [0xff]), Buffer.from(behind)]);
}
