/** How docs/vectors.json writes frames and values: bytes as hexadecimal digits, everything else as JSON has it. */

/** @typedef {{ text: string } | { hex: string }} VectorFrame */

const fromUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @param {Uint8Array} bytes */
export function hexOf(bytes) {
  return Buffer.from(bytes).toString("hex");
}

/** @param {Uint8Array | string} data @param {boolean} [isText] @returns {VectorFrame} */
export function frameOf(data, isText = typeof data === "string") {
  if (typeof data === "string") return { text: data };
  return isText ? { text: fromUtf8.decode(data) } : { hex: hexOf(data) };
}

/** A value with its bytes as `{"hex"}`, and without what is undefined. @param {unknown} value @returns {unknown} */
export function plainOf(value) {
  if (value instanceof Uint8Array) return { hex: hexOf(value) };
  if (Array.isArray(value)) return value.map(plainOf);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, plainOf(member)]));
}

/** @param {unknown} value */
export function jsonWithLists(value) {
  return JSON.stringify(value, (_, member) => (member instanceof Uint8Array ? [...member] : member));
}
