/**
 * Finds the payload in a `from` event without decoding it: CBOR maps are read where they lie, whatever the order of their
 * fields and the width of their heads, so that no server is measured by how its encoder happens to write.
 */

const MAJOR = { unsigned: 0, bytes: 2, text: 3, array: 4, map: 5 };
const WIDTH_OF_INFO = { 24: 1, 25: 2, 26: 4 };

/** What `readHead` found; module state, because an object a head would be garbage a frame. */
let major = 0;
let value = 0;

/** An array of integers is put together here; it is used up before the next one is read. */
let scratch = Buffer.alloc(1024);

/** @param {Buffer} bytes @param {number} at @returns {number} where the head ends */
function readHead(bytes, at) {
  major = bytes[at] >>> 5;
  const info = bytes[at] & 31;
  if (info < 24) {
    value = info;
    return at + 1;
  }
  const width = WIDTH_OF_INFO[info];
  if (width === undefined) throw new Error("A server's CBOR has a head that no server here writes.");
  value = width === 1 ? bytes[at + 1] : width === 2 ? bytes.readUInt16BE(at + 1) : bytes.readUInt32BE(at + 1);
  return at + 1 + width;
}

/** @param {Buffer} bytes @param {number} start @param {number} end @param {string} word */
function isWord(bytes, start, end, word) {
  if (end - start !== word.length) return false;
  for (let index = 0; index < word.length; index += 1)
    if (bytes[start + index] !== word.charCodeAt(index)) return false;
  return true;
}

/**
 * Calls `take(bytes, start, end, from)` if this is a `from` event; it ignores other events.
 * @param {Buffer} bytes @param {number} start @param {number} end
 * @param {(bytes: Buffer, start: number, end: number, from: number) => void} take
 */
export function readFrom(bytes, start, end, take) {
  let at = readHead(bytes, start);
  if (major !== MAJOR.map) throw new Error("A server's event is not a CBOR map.");
  let isFrom = false;
  let from = -1;
  let dataAt = -1;
  let dataEnd = -1;
  let isArray = false;
  for (let fields = value; fields > 0; fields -= 1) {
    const keyAt = readHead(bytes, at);
    const keyEnd = keyAt + value;
    at = readHead(bytes, keyEnd);
    if (isWord(bytes, keyAt, keyEnd, "cmd")) {
      isFrom = isWord(bytes, at, at + value, "from");
      if (!isFrom) return;
      at += value;
    } else if (isWord(bytes, keyAt, keyEnd, "from")) {
      from = value;
    } else if (isWord(bytes, keyAt, keyEnd, "data")) {
      isArray = major === MAJOR.array;
      dataAt = isArray ? 0 : at;
      dataEnd = isArray ? value : at + value;
      at = isArray ? readIntegers(bytes, at, value) : dataEnd;
    } else {
      throw new Error("A from event has a field that is not known here.");
    }
  }
  if (!isFrom || from === -1 || dataAt === -1 || at !== end) throw new Error("A server's from event is not whole.");
  take(isArray ? scratch : bytes, dataAt, dataEnd, from);
}

/** @param {Buffer} bytes @param {number} start @param {number} count @returns {number} where the last one ends */
function readIntegers(bytes, start, count) {
  if (scratch.length < count) scratch = Buffer.alloc(count * 2);
  let at = start;
  for (let index = 0; index < count; index += 1) {
    at = readHead(bytes, at);
    scratch[index] = value;
  }
  return at;
}
