/** Takes a client's mask off its payload (RFC 6455, section 5.3), in place. */

/** From so many bytes on, going by words is faster than going by bytes. */
const WORDS_FROM_BYTES = 96;
const MASK_BYTES = 4;
/** Words in a round: with one, the loop would cost twice what its work does. */
const ROUND_WORDS = 8;

/** Unmasks `bytes` from `start` to `end`; the mask's four bytes stand at `maskAt`. */
export function unmask(bytes: Uint8Array, start: number, end: number, maskAt: number): void {
  const at = end - start < WORDS_FROM_BYTES ? start : unmaskWords(bytes, start, end, maskAt);
  unmaskBytes(bytes, start, at, end, maskAt);
}

/** Four by four from `from` on, and the rest one by one. */
function unmaskBytes(bytes: Uint8Array, start: number, from: number, end: number, maskAt: number): void {
  const first = from - start;
  const mask0 = bytes[maskAt + (first & 3)] ?? 0;
  const mask1 = bytes[maskAt + ((first + 1) & 3)] ?? 0;
  const mask2 = bytes[maskAt + ((first + 2) & 3)] ?? 0;
  const mask3 = bytes[maskAt + ((first + 3) & 3)] ?? 0;
  let at = from;
  for (; at + 3 < end; at += MASK_BYTES) {
    bytes[at] = (bytes[at] ?? 0) ^ mask0;
    bytes[at + 1] = (bytes[at + 1] ?? 0) ^ mask1;
    bytes[at + 2] = (bytes[at + 2] ?? 0) ^ mask2;
    bytes[at + 3] = (bytes[at + 3] ?? 0) ^ mask3;
  }
  if (at < end) bytes[at] = (bytes[at] ?? 0) ^ mask0;
  if (at + 1 < end) bytes[at + 1] = (bytes[at + 1] ?? 0) ^ mask1;
  if (at + 2 < end) bytes[at + 2] = (bytes[at + 2] ?? 0) ^ mask2;
}

/** Whole rounds of words from the first word's border on, and what is before it. Returns where they end. */
function unmaskWords(bytes: Uint8Array, start: number, end: number, maskAt: number): number {
  const { buffer, byteOffset } = bytes;
  const border = start + (-(byteOffset + start) & (MASK_BYTES - 1));
  unmaskBytes(bytes, start, start, border, maskAt);
  const mask = new Uint8Array(MASK_BYTES);
  for (let index = 0; index < MASK_BYTES; index++) mask[index] = bytes[maskAt + ((border - start + index) & 3)] ?? 0;
  const word = new Int32Array(mask.buffer)[0] ?? 0;
  const rounds = Math.floor((end - border) / (MASK_BYTES * ROUND_WORDS));
  const words = new Int32Array(buffer, byteOffset + border, rounds * ROUND_WORDS);
  for (let at = 0; at < words.length; at += ROUND_WORDS) {
    words[at] = (words[at] ?? 0) ^ word;
    words[at + 1] = (words[at + 1] ?? 0) ^ word;
    words[at + 2] = (words[at + 2] ?? 0) ^ word;
    words[at + 3] = (words[at + 3] ?? 0) ^ word;
    words[at + 4] = (words[at + 4] ?? 0) ^ word;
    words[at + 5] = (words[at + 5] ?? 0) ^ word;
    words[at + 6] = (words[at + 6] ?? 0) ^ word;
    words[at + 7] = (words[at + 7] ?? 0) ^ word;
  }
  return border + words.length * MASK_BYTES;
}
