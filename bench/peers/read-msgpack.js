/** Finds its way through MessagePack without decoding it, for peers whose messages have the payload somewhere inside. */

/** What `readHead` found; module state, because an object a head would be garbage a frame. */
export const msgpackHead = {
  /** @type {"number" | "string" | "bytes" | "array" | "map" | "other"} */
  type: "other",
  /** The number itself, or how many bytes or entries follow. */
  value: 0,
};

/** Formats from 0xc0 on: how they are read, and over how many bytes their number stands. @type {Record<number, [typeof msgpackHead.type, number]>} */
const FORMATS = {
  0xc0: ["other", 0],
  0xc2: ["other", 0],
  0xc3: ["other", 0],
  0xc4: ["bytes", 1],
  0xc5: ["bytes", 2],
  0xc6: ["bytes", 4],
  0xcc: ["number", 1],
  0xcd: ["number", 2],
  0xce: ["number", 4],
  0xd9: ["string", 1],
  0xda: ["string", 2],
  0xdb: ["string", 4],
  0xdc: ["array", 2],
  0xdd: ["array", 4],
  0xde: ["map", 2],
};

/** @param {Buffer} bytes @param {number} at @returns {number} where the head ends */
export function readHead(bytes, at) {
  const first = bytes[at];
  if (first < 0x80) return found("number", first, at + 1);
  if (first < 0x90) return found("map", first & 0x0f, at + 1);
  if (first < 0xa0) return found("array", first & 0x0f, at + 1);
  if (first < 0xc0) return found("string", first & 0x1f, at + 1);
  if (FORMATS[first] === undefined) throw new Error("A server's MessagePack has a head that is not known here.");
  const [type, width] = FORMATS[first];
  return found(type, width === 0 ? 0 : bytes.readUIntBE(at + 1, width), at + 1 + width);
}

function found(type, value, end) {
  msgpackHead.type = type;
  msgpackHead.value = value;
  return end;
}

/** @param {Buffer} bytes @param {number} at @returns {number} where the item that begins here ends */
export function skipItem(bytes, at) {
  let next = readHead(bytes, at);
  const { type, value } = msgpackHead;
  if (type === "string" || type === "bytes") return next + value;
  if (type !== "array" && type !== "map") return next;
  for (let left = type === "map" ? value * 2 : value; left > 0; left -= 1) next = skipItem(bytes, next);
  return next;
}
