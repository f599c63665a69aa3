/** Escapes in JSON strings (RFC 8259, section 7). */

const BACKSLASH = 0x5c;
const LOWER_U = 0x75;
/** Hexadecimal digits after `\u`. */
export const HEX_DIGITS_OF_ESCAPE = 4;

/** What `\b`, `\f`, `\n`, `\r` and `\t` stand for; the other short escapes stand for themselves. */
const SHORT: Readonly<Record<number, number>> = { 0x62: 8, 0x66: 12, 0x6e: 10, 0x72: 13, 0x74: 9 };
const REPLACEMENT = 0xfffd;

/**
 * The text of a JSON string as UTF-8, without a string in between, which would take up to twice the memory.
 *
 * `content`: what is between the quotes of a sound string; it is returned as it is where nothing in it is escaped. Half a
 * surrogate pair, which UTF-8 has no form for, becomes U+FFFD.
 */
export function unescapeJson(content: Uint8Array): Uint8Array {
  const first = content.indexOf(BACKSLASH);
  if (first === -1) return content;
  const text = new Uint8Array(content.length); // an escape takes more bytes than what it stands for
  text.set(content.subarray(0, first));
  let length = first;
  for (let at = first; at < content.length;) {
    const byte = content[at] ?? 0;
    const escaped = content[at + 1] ?? 0;
    if (byte !== BACKSLASH) {
      text[length++] = byte;
      at += 1;
    } else if (escaped !== LOWER_U) {
      text[length++] = SHORT[escaped] ?? escaped;
      at += 2;
    } else {
      const unit = unitAt(content, at);
      const low = isHigh(unit) ? unitAt(content, at + 2 + HEX_DIGITS_OF_ESCAPE) : undefined;
      const isPair = low !== undefined && isLow(low);
      const character = isPair ? 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00) : isHalf(unit) ? REPLACEMENT : unit;
      length = write(text, length, character);
      at += (isPair ? 2 : 1) * (2 + HEX_DIGITS_OF_ESCAPE);
    }
  }
  return text.subarray(0, length);
}

/** The UTF-16 unit that the escape at this place stands for; 0 where there is no such escape. */
function unitAt(content: Uint8Array, at: number): number {
  if (content[at] !== BACKSLASH || content[at + 1] !== LOWER_U) return 0;
  let unit = 0;
  for (let index = at + 2; index < at + 2 + HEX_DIGITS_OF_ESCAPE; index++)
    unit = unit * 16 + hexDigit(content[index] ?? 0);
  return unit;
}

function hexDigit(byte: number): number {
  return byte <= 0x39 ? byte - 0x30 : (byte | 0x20) - 0x57;
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

function isHalf(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

/** Writes one character as UTF-8 and returns where the next one goes. */
function write(text: Uint8Array, at: number, character: number): number {
  let end = at;
  if (character < 0x80) {
    text[end++] = character;
    return end;
  }
  if (character < 0x800) text[end++] = 0xc0 | (character >> 6);
  else if (character < 0x10000) {
    text[end++] = 0xe0 | (character >> 12);
    text[end++] = 0x80 | ((character >> 6) & 0x3f);
  } else {
    text[end++] = 0xf0 | (character >> 18);
    text[end++] = 0x80 | ((character >> 12) & 0x3f);
    text[end++] = 0x80 | ((character >> 6) & 0x3f);
  }
  text[end++] = 0x80 | (character & 0x3f);
  return end;
}
