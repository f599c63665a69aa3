/**
 * Finds the silent peers (P4 `timeout`): two independent checks, nothing at all for too long, and no pong by the
 * next ping. Browsers answer pings by themselves, so a page has nothing to do for it, even in the background.
 *
 * A pong comes in order, behind what its peer was already sending: a drawing on a poor line is minutes of it. So a peer
 * that has sent a good deal since the ping has not failed to answer it yet, and a frame counts as it comes, not when it is whole.
 */
import type { CloseName } from "../protocol/close-codes.ts";

/** What the heartbeat needs of a connection. The counts and times are plain fields: there is one heartbeat for thousands of connections. */
export interface HeartbeatTarget {
  /** The connection is being closed, which has a deadline of its own. */
  readonly isClosing: boolean;
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
   * Milliseconds between two pings to one peer, of which the first is due after half of that at the earliest. A ping may leave an eighth of that before it is
   * due, with something else that is sent; the next one is due no sooner for it. A pong has to come before the next one, unless it may wait behind an upload.
   */
  readonly pingMs: number;
  /** Milliseconds a peer may be silent; a pong breaks its silence as any byte does. */
  readonly idleMs: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

/** Every connection is looked at so often in one ping interval: verdicts are at most that much late. */
const ROUNDS_PER_INTERVAL = 8;
/** In so many steps, so that the pings of a full house go out in small groups and hold up no frames; those that leave with a broadcast do not, but cost little then. */
const STEPS_PER_ROUND = 16;
/** Multiples of it, without their whole part, are spread evenly however many there are (Weyl): the pings of a full house that came at once are, too. */
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;
/** How many rounds late the process itself may be before it mistrusts what it sees. */
const MAX_ROUNDS_LATE = 3;
/** A peer that sends so many bytes from one ping to the next is uploading something: at the default interval, on a line of 10 kbit/s or more. */
const UPLOAD_BYTES = 16_384;
/** So many pings may wait for their pong behind an upload: at the default interval, until a line of 40 kbit/s has carried the largest frame. */
const MOST_UNANSWERED = 16;
/** The shortest step, in milliseconds. */
const LEAST_STEP_MS = 5;

export interface Heartbeat {
  /** This connection is among the watched from now on. */
  begin(connection: HeartbeatTarget): void;
  close(): void;
}

/** One timer for all connections in this set. A connection whose peer fails a check is ended. */
export function createHeartbeat(
  connections: ReadonlySet<HeartbeatTarget>,
  { pingMs, idleMs, now }: HeartbeatOptions,
): Heartbeat {
  const roundMs = Math.max(1, Math.floor(Math.min(pingMs, idleMs) / ROUNDS_PER_INTERVAL));
  const stepMs = Math.min(roundMs, Math.max(LEAST_STEP_MS, Math.floor(roundMs / STEPS_PER_ROUND)));
  let lastStepAt = now();
  /** Where the round is: a set's iterator goes on with those who have come, and without those who have gone. */
  let round = connections.values();
  /** Of the newest connection: where in the second half of an interval its first ping is due, from 0 to 1. */
  let phase = 0;

  const look = (target: HeartbeatTarget, time: number, isTrustworthy: boolean): void => {
    if (target.isClosing) return; // that has a deadline of its own
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
        round = connections.values();
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
