/** Bytes written as hexadecimal digits, with spaces where they help the eye. */
export function fromHex(digits: string): Buffer {
  return Buffer.from(digits.replaceAll(" ", ""), "hex");
}
