/** Memory that need not wait for the garbage collector. */
import { isArrayBuffer } from "node:util/types";
import { MessageChannel } from "node:worker_threads";
import { LARGE_BYTES } from "./frame.ts";

/** A port whose other end is closed: what is transferred to it belongs to nobody, and is gone. */
const { port1: nowhere } = new MessageChannel();
nowhere.close();

/**
 * Gives a large buffer's memory back; all views of it are empty from then on. One that is a part of a larger buffer is left alone, and small ones
 * are. V8 counts such memory, and looks through its whole heap for every 16 MiB of it, which took longer than all the rest (rows `drawing`, `slow`). From the first time on V8
 * asks of every typed array whether it is still there (a tenth in `flood-batching`), so this is for large ones only: who never has any does not pay.
 */
export function freeNow(bytes: Uint8Array): void {
  if (bytes.length < LARGE_BYTES) return;
  const { buffer } = bytes;
  if (bytes.length === buffer.byteLength && isArrayBuffer(buffer)) nowhere.postMessage(undefined, [buffer]);
}
