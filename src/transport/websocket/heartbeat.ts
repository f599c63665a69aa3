/**
 * Finds the silent peers (P4 `timeout`): two independent checks, no frame at all for too long, and no pong by the
 * next ping. Browsers answer pings by themselves, so a page has nothing to do for it, even in the background.
 */
import type { Connection } from "./connection.ts";

export interface HeartbeatOptions {
  /** Milliseconds between two pings to one peer; a pong has to come before the next one. */
  readonly pingMs: number;
  /** Milliseconds a peer may be silent; pongs count as frames. */
  readonly idleMs: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

/** Sweeps in one ping interval: pings go out in as many small groups, and verdicts are at most a sweep late. */
const SWEEPS_PER_INTERVAL = 8;
/** How many sweeps late the process itself may be before it mistrusts what it sees. */
const MAX_SWEEPS_LATE = 3;

export interface Heartbeat {
  /** This connection is among the watched from now on. */
  begin(connection: Connection): void;
  close(): void;
}

/** One timer for all peers of a transport, which are those in this set. Whose peer fails a check is ended. */
export function createHeartbeat(
  connections: ReadonlySet<Connection>,
  { pingMs, idleMs, now }: HeartbeatOptions,
): Heartbeat {
  const sweepMs = Math.max(1, Math.floor(Math.min(pingMs, idleMs) / SWEEPS_PER_INTERVAL));
  let lastSweepAt = now();

  const sweep = (): void => {
    const time = now();
    // After the process itself was held up (a laptop's lid, a stopped container) the pongs are still in the kernel.
    const isTrustworthy = time - lastSweepAt <= sweepMs * MAX_SWEEPS_LATE;
    lastSweepAt = time;
    const wholeTime = Math.round(time);
    for (const connection of connections) {
      const { port } = connection;
      if (port.isClosing) continue; // that has a deadline of its own
      if (port.wasHeard || port.isPaused || !isTrustworthy) {
        port.wasHeard = false;
        port.heardAt = wholeTime;
      }
      if (port.isPaused || !isTrustworthy) port.awaitsPong = false;
      const isPingDue = wholeTime >= port.pingAt;
      if (wholeTime - port.heardAt > idleMs || (isPingDue && port.awaitsPong)) {
        connection.end("timeout");
      } else if (isPingDue) {
        port.pingAt = wholeTime + pingMs;
        port.awaitsPong = true;
        port.probe();
      }
    }
  };

  const timer = setInterval(sweep, sweepMs);
  timer.unref();

  return {
    begin({ port }) {
      port.heardAt = Math.round(now()); // whole numbers take no memory of their own
      port.pingAt = port.heardAt + pingMs;
    },
    close() {
      clearInterval(timer);
    },
  };
}
