/** The numbers of CBOR (RFC 8949) that the reader and the writer share. */

/** Major types, RFC 8949 section 3.1. */
export const MAJOR = {
  unsigned: 0,
  negative: 1,
  bytes: 2,
  text: 3,
  array: 4,
  map: 5,
  tag: 6,
  simple: 7,
} as const;

/** What the low five bits of a simple item's first byte say, RFC 8949 section 3.3. */
export const SIMPLE = { false: 20, true: 21, null: 22, undefined: 23, float16: 25, float32: 26, float64: 27 } as const;

/** The low five bits of a first byte hold the argument itself below this number, and the width of the argument from it on. */
export const ONE_BYTE_FOLLOWS = 24;
/** The widest argument, in the low five bits of a first byte. */
export const EIGHT_BYTES_FOLLOW = 27;
/** The low five bits of a first byte: chunks, items or entries follow until a break. */
export const INDEFINITE_LENGTH = 31;

/** The "break" stop code that ends an item of indefinite length. */
export const BREAK_BYTE = 0xff;
