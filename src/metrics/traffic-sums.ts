/** Sums of the frames and bytes of all rooms, those that are over included. Rooms count for themselves, so a frame costs nothing here. */
import type { Traffic } from "../room/traffic.ts";

export class TrafficSums {
  /** Of the rooms that are open. */
  readonly #open = new Set<Traffic>();
  readonly #closed = { framesIn: 0, bytesIn: 0, framesOut: 0, bytesOut: 0 };

  open(traffic: Traffic): void {
    this.#open.add(traffic);
  }

  close(traffic: Traffic): void {
    if (this.#open.delete(traffic)) add(this.#closed, traffic);
  }

  /** All that has passed so far. */
  read(): Traffic {
    const sums = { ...this.#closed };
    for (const traffic of this.#open) add(sums, traffic);
    return sums;
  }
}

function add(sums: { -readonly [Name in keyof Traffic]: Traffic[Name] }, traffic: Traffic): void {
  sums.framesIn += traffic.framesIn;
  sums.bytesIn += traffic.bytesIn;
  sums.framesOut += traffic.framesOut;
  sums.bytesOut += traffic.bytesOut;
}
