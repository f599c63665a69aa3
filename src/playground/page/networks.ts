/** The networks that a phone can be put on. */
import { NO_DELAY, type NetworkDelay } from "../messages.ts";

export interface NamedNetwork extends NetworkDelay {
  readonly name: string;
}

/** The delays count in each direction. */
export const NETWORKS: readonly NamedNetwork[] = [
  { name: "No delay", ...NO_DELAY },
  { name: "Good Wi-Fi: 10 ms", delayMs: 5, jitterMs: 5, bytesPerSecond: 0 },
  { name: "Mobile: 80 ms, 500 kB/s", delayMs: 40, jitterMs: 20, bytesPerSecond: 500_000 },
  { name: "Crowded Wi-Fi: 100–400 ms", delayMs: 50, jitterMs: 150, bytesPerSecond: 100_000 },
  { name: "Edge of the garden: 600 ms, 10 kB/s", delayMs: 300, jitterMs: 200, bytesPerSecond: 10_000 },
];
