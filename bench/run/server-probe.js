/**
 * Loaded into a Node server before its own code: measures how late its event loop is, and answers when asked. A timer
 * of 50 turns a second in native code is all that it costs, while it is the server's sample, and every Node peer pays it.
 */
import { createHistogram, monitorEventLoopDelay } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const RESOLUTION_MS = 20;

const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
/** Of all samples: `delay` itself would take the time between two of them for a delay, unless it is reset. */
const allDelays = createHistogram();
const ms = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);

const ANSWERS = {
  "begin delay"() {
    delay.reset();
    delay.enable();
  },
  "end delay"() {
    delay.disable();
    for (let rank = 1; rank <= delay.count; rank += 1) allDelays.record(delay.percentile((100 * rank) / delay.count));
  },
  delay: () => ({ p50: ms(allDelays.percentile(50)), p99: ms(allDelays.percentile(99)), max: ms(allDelays.max) }),
  /** What is in use, without what only waits to be collected. */
  "collect garbage"() {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc");
    collect();
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return { heapUsed, external };
  },
};

process.on("message", (question) => process.send?.({ question, answer: ANSWERS[question]?.() }));
process.on("disconnect", () => process.exit()); // the benchmark has ended, so the server ends too
process.channel?.unref(); // the server ends when it would without us
