/** The bytes in what a program gives to be said; `undefined` where it is to be said as JSON. A copy: the program may go on writing into its buffer. */
export function bytesIn(data: unknown): Uint8Array | undefined {
  if (data instanceof ArrayBuffer) return new Uint8Array(data.slice(0));
  if (!ArrayBuffer.isView(data)) return undefined;
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
}
