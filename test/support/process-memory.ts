/** How much this process really holds: measured after its garbage was collected. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

/** Bytes of objects and buffers that something still refers to. */
export function memoryInUse(): number {
  collectGarbage();
  collectGarbage(); // buffers are freed beside the program, and counted as freed by the next collection
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
