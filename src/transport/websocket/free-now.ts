/** Memory that need not wait for the garbage collector. */
import { isArrayBuffer } from "node:util/types";
import { MessageChannel } from "node:worker_threads";
import { LARGE_BYTES } from "./frame.ts";

/** A closed port: what is transferred to it belongs to nobody, and is gone. */
const { port1: nowhere } = new MessageChannel();
nowhere.close();

/**
 * Gives the memory of a large buffer back; all views of it are empty from then on. A view of a part of one is left alone. V8 counts such
 * memory, and looks through its whole heap for every 16 MiB of it, which took longer than all the rest (rows `drawing` and `slow`). From the
 * first time on it asks of every typed array whether it is still there (a tenth in `flood-batching`), so servers pay for it once so much comes in one piece.
 */
export function freeNow(bytes: Uint8Array): void {
  if (bytes.length < LARGE_BYTES) return;
  const { buffer } = bytes;
  if (bytes.length === buffer.byteLength && isArrayBuffer(buffer)) nowhere.postMessage(undefined, [buffer]);
}
