/** Checks that bytes are UTF-8 (RFC 3629), in place: a decoder would make a string of all that it checks. */

const FIRST_BEYOND_ASCII = 0x80;
const FIRST_OF_TWO = 0xc2;
const FIRST_OF_THREE = 0xe0;
const FIRST_OF_FOUR = 0xf0;
const LAST_OF_FOUR = 0xf4;
const CONTINUATION = 0x80;
const CONTINUATION_BITS = 0xc0;

/** Whether this part of the bytes is valid UTF-8. */
export function isUtf8(bytes: Uint8Array, from: number, to: number): boolean {
  let at = from;
  while (at < to) {
    const first = bytes[at] ?? 0;
    if (first < FIRST_BEYOND_ASCII) {
      at += 1;
      continue;
    }
    if (first < FIRST_OF_TWO || first > LAST_OF_FOUR) return false;
    const end = at + (first < FIRST_OF_THREE ? 2 : first < FIRST_OF_FOUR ? 3 : 4);
    if (end > to || !isSecond(first, bytes[at + 1] ?? 0)) return false;
    for (at += 2; at < end; at++) if (((bytes[at] ?? 0) & CONTINUATION_BITS) !== CONTINUATION) return false;
  }
  return true;
}

/** Overlong forms, surrogates, and what lies beyond U+10FFFF show in the second byte. */
function isSecond(first: number, second: number): boolean {
  const lowest = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const highest = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  return second >= lowest && second <= highest;
}
