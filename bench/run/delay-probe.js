/**
 * Loaded into a Node server before its own code: measures how late its event loop is, and answers when asked. A timer
 * of 50 turns a second in native code is all that it costs, and every Node peer pays it.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";

const RESOLUTION_MS = 20;

const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();
const ms = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
process.on("message", (message) => {
  if (message === "delay: begin") delay.reset();
  if (message === "delay: end")
    process.send?.({ p50: ms(delay.percentile(50)), p99: ms(delay.percentile(99)), max: ms(delay.max) });
});
process.channel?.unref(); // the server ends when it would without us
