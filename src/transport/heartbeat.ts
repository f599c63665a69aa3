/**
 * Finds the silent peers (P4 `timeout`) by two independent checks: nothing at all came for too long, or no pong came by the next ping. Browsers
 * answer pings by themselves, even for a page in the background.
 *
 * A pong comes behind what its peer was already sending, and an upload over a slow network takes minutes. So a peer that has sent much since the
 * ping may answer it later, and bytes count as they come, not when their frame is whole.
 */
import type { CloseName } from "../protocol/close-codes.ts";

/** What the heartbeat needs of a connection. The counts and times are plain fields: there is one heartbeat for thousands of connections. */
export interface HeartbeatTarget {
  /** The connection is being closed, which has a deadline of its own. */
  readonly isClosing: boolean;
  /** The socket is at another node, whose heartbeat it is among. */
  readonly isLink?: boolean;
  /** The server does not read from this peer, so the peer's silence says nothing about it. */
  readonly isPaused: boolean;
  /** Bytes that wait for the peer. */
  readonly queued: number;
  /** Bytes that have come since the last ping of the heartbeat. */
  readonly bytesHeard: number;
  /** The last ping of the heartbeat had to wait, since the socket did not take it. */
  readonly isPingStuck: boolean;
  /** Something has come since the heartbeat last looked. The connection sets it, the heartbeat clears it. */
  wasHeard: boolean;
  /** Pings of the heartbeat that are out while no pong has come. The connection counts, and sets it to 0 when a pong comes. */
  unanswered: number;
  /** When something was heard last, in milliseconds. The heartbeat's own. */
  heardAt: number;
  /** When the next ping is due. A ping that leaves puts it off. */
  pingAt: number;
  /** Pings now, and puts the next ping off by so many milliseconds. A connection whose wire has no ping only puts it off: then the idle time alone finds it silent. */
  ping(intervalMs: number): void;
  /** As `ping`, but with what is sent next, if something is sent before the ping is due. May do nothing. */
  pingWithNext(intervalMs: number): void;
  /** Ends the connection at once. */
  end(name: CloseName): void;
}

export interface HeartbeatOptions {
  /**
   * Milliseconds between two pings to one peer. The first is due after half of that at the earliest. A ping may leave an eighth of that early, with something
   * else that is sent; the next one is due no sooner for that. A pong has to come before the next ping, unless it may wait behind an upload.
   */
  readonly pingMs: number;
  /** Milliseconds a peer may be silent; a pong breaks its silence as any byte does. */
  readonly idleMs: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

/** How often each connection is looked at in one ping interval: a silent peer is found at most one round late. */
const ROUNDS_PER_INTERVAL = 8;
/** Steps that a round is divided into, so that the pings of a full server leave in small groups and hold up no frames. */
const STEPS_PER_ROUND = 16;
/** The fractional parts of its multiples are spread evenly, however many there are (Weyl). They spread the first pings of peers that came at once. */
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;
/** Rounds that the process itself may be late. After a longer pause of its own it does not take a peer for silent. */
const MAX_ROUNDS_LATE = 3;
/** A peer that sends so many bytes between two pings is uploading: at the default interval that is 10 kbit/s or more. */
const UPLOAD_BYTES = 16_384;
/** Pings that may wait for their pong behind an upload: at the default interval, until 40 kbit/s have carried the largest frame. */
const MOST_UNANSWERED = 16;
/** The shortest step, in milliseconds. */
const LEAST_STEP_MS = 5;

export interface Heartbeat {
  /** This connection is among the watched from now on. */
  begin(connection: HeartbeatTarget): void;
  close(): void;
}

/** Connections that come and go, also during a walk over them: one that stays is met, one that has gone is not. */
export interface HeartbeatTargets extends Iterable<HeartbeatTarget> {
  readonly size: number;
}

/** One timer for all of these connections. A connection whose peer fails a check is ended. */
export function createHeartbeat(connections: HeartbeatTargets, { pingMs, idleMs, now }: HeartbeatOptions): Heartbeat {
  const roundMs = Math.max(1, Math.floor(Math.min(pingMs, idleMs) / ROUNDS_PER_INTERVAL));
  const stepMs = Math.min(roundMs, Math.max(LEAST_STEP_MS, Math.floor(roundMs / STEPS_PER_ROUND)));
  let lastStepAt = now();
  /** Where the round is: the iterator goes on without those who have gone. */
  let round = connections[Symbol.iterator]();
  /** Of the newest connection: where in the second half of an interval its first ping is due, from 0 to 1. */
  let phase = 0;

  const look = (target: HeartbeatTarget, time: number, isTrustworthy: boolean): void => {
    if (target.isClosing || target.isLink === true) return; // closing has a deadline of its own
    if (target.wasHeard || target.isPaused || !isTrustworthy) {
      target.wasHeard = false;
      target.heardAt = time;
    }
    if (target.isPaused || !isTrustworthy) target.unanswered = 0;
    const isPingDue = time >= target.pingAt;
    if (time - target.heardAt > idleMs || (isPingDue && isPongOverdue(target))) {
      target.end("timeout");
    } else if (isPingDue) {
      target.ping(pingMs);
    } else if (time >= target.pingAt - roundMs && target.unanswered === 0) {
      target.pingWithNext(pingMs);
    }
  };

  const step = (): void => {
    const time = Math.round(now());
    // After the process itself was held up (a laptop's lid, a stopped container) the pongs are still in the kernel.
    const isTrustworthy = time - lastStepAt <= roundMs * MAX_ROUNDS_LATE;
    lastStepAt = time;
    if (!isTrustworthy) {
      for (const connection of connections) look(connection, time, false);
      return;
    }
    for (let left = Math.ceil((connections.size * stepMs) / roundMs); left > 0; left--) {
      let next = round.next();
      if (next.done === true) {
        round = connections[Symbol.iterator]();
        next = round.next();
      }
      if (next.done !== true) look(next.value, time, true);
    }
  };

  const timer = setInterval(step, stepMs);
  timer.unref();

  return {
    begin(target) {
      target.heardAt = Math.round(now()); // small whole numbers take no memory of their own
      phase = (phase + GOLDEN_RATIO) % 1;
      target.pingAt = target.heardAt + Math.round((pingMs * (1 + phase)) / 2);
    },
    close() {
      clearInterval(timer);
    },
  };
}

/** Whether a ping has waited too long for its pong, now that the next one is due. A ping that the server could not even send excuses no peer. */
function isPongOverdue({ unanswered, bytesHeard, isPingStuck, queued }: HeartbeatTarget): boolean {
  if (unanswered === 0) return false;
  const mayWait = bytesHeard >= UPLOAD_BYTES && !(isPingStuck && queued > 0);
  return !mayWait || unanswered >= MOST_UNANSWERED;
}
