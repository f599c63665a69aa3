/**
 * Counts what passes through one room: payloads alone, without the room's own events and what a wire adds. Costs a few additions a frame. What a host in this
 * process says and hears crosses no connection, so only what its members send and are sent is counted.
 */

export interface Traffic {
  /** Frames that players sent to the host, and a host page to players: one each, however many players get it. */
  readonly framesIn: number;
  readonly bytesIn: number;
  /** Frames that were sent to a host page, and to each player, or kept for one that is away. */
  readonly framesOut: number;
  readonly bytesOut: number;
}

export class TrafficCounter implements Traffic {
  framesIn = 0;
  bytesIn = 0;
  framesOut = 0;
  bytesOut = 0;

  countIn(bytes: number): void {
    this.framesIn += 1;
    this.bytesIn += bytes;
  }

  countOut(bytes: number): void {
    this.framesOut += 1;
    this.bytesOut += bytes;
  }
}
