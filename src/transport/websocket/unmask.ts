/** Takes a client's mask off its payload (RFC 6455, section 5.3), in place. */

/** From so many bytes on, going by words pays for finding them (row `drawing`). */
const WORDS_FROM_BYTES = 64;
const WORD_BYTES = 4;

/** Unmasks `bytes` from `start` to `end`; the mask's four bytes stand at `maskAt`. */
export function unmask(bytes: Uint8Array, start: number, end: number, maskAt: number): void {
  const at = end - start < WORDS_FROM_BYTES ? start : unmaskWords(bytes, start, end, maskAt);
  unmaskBytes(bytes, start, at, end, maskAt);
}

/** Byte by byte from `from` on. */
function unmaskBytes(bytes: Uint8Array, start: number, from: number, end: number, maskAt: number): void {
  for (let at = from; at < end; at++) {
    bytes[at] = (bytes[at] ?? 0) ^ (bytes[maskAt + ((at - start) & 3)] ?? 0);
  }
}

/** All whole words between the first word's border and the end, and what is before them. Returns where they end. */
function unmaskWords(bytes: Uint8Array, start: number, end: number, maskAt: number): number {
  const { buffer, byteOffset } = bytes;
  const border = start + (-(byteOffset + start) & (WORD_BYTES - 1));
  unmaskBytes(bytes, start, start, border, maskAt);
  const mask = new Uint8Array(WORD_BYTES);
  for (let index = 0; index < WORD_BYTES; index++) mask[index] = bytes[maskAt + ((border - start + index) & 3)] ?? 0;
  const [word = 0] = new Int32Array(mask.buffer);
  const words = new Int32Array(buffer, byteOffset + border, Math.floor((end - border) / WORD_BYTES));
  for (let index = 0; index < words.length; index++) words[index] = (words[index] ?? 0) ^ word;
  return border + words.length * WORD_BYTES;
}
