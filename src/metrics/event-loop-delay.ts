/** How late the event loop is: each frame of each room waits for it. */
import { monitorEventLoopDelay, type IntervalHistogram } from "node:perf_hooks";
import type { Instruments } from "./instruments.ts";

/** How often the delay is measured, in milliseconds. */
const RESOLUTION_MS = 20;
const NANOSECONDS = 1e9;
/** Node measures the time from one look to the next, so what is over the interval is the delay. Bun measures the delay. */
const INTERVAL_SECONDS = "bun" in process.versions ? 0 : RESOLUTION_MS / 1_000;
const QUANTILES = ["0.5", "0.9", "0.99", "1"] as const;

/** Begins to measure. Returns what ends that. Does nothing on a runtime that cannot measure it. */
export function measureEventLoopDelay(instruments: Instruments): () => void {
  const histogram = startHistogram();
  if (histogram === undefined) return () => {};
  const delay = instruments.gauge(
    "couchwire_event_loop_delay_seconds",
    "How late the event loop was since the metrics were last read, by quantile; quantile 1 is the longest delay.",
    ["quantile"],
    "max",
  );
  instruments.beforeRead(() => {
    for (const quantile of QUANTILES) delay.set({ quantile }, delayAt(histogram, Number(quantile)));
    histogram.reset();
  });
  return () => void histogram.disable();
}

function delayAt(histogram: IntervalHistogram, quantile: number): number {
  if (histogram.count === 0) return 0;
  const nanoseconds = quantile === 1 ? histogram.max : histogram.percentile(quantile * 100);
  return Math.max(0, nanoseconds / NANOSECONDS - INTERVAL_SECONDS);
}

/** A runtime that cannot measure it throws. */
function startHistogram(): IntervalHistogram | undefined {
  try {
    const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    histogram.enable();
    return histogram;
  } catch {
    return undefined;
  }
}
