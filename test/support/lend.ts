/** Bytes as a transport brings them to a room: lent, and overwritten when the call is over where nobody has said that they are kept. */
import { keepCount } from "../../src/room/lent-bytes.ts";

const OVERWRITTEN = 0xee;

export function lend(bytes: Uint8Array, use: (lent: Uint8Array) => void): void {
  const lent = Uint8Array.from(bytes);
  const before = keepCount();
  use(lent);
  if (keepCount() === before) lent.fill(OVERWRITTEN);
}
