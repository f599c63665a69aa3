/** What phones are told that have no seat yet (P5.7): those that speak `couchwire.v1` hear where they are in the line. A plain phone hears nothing. */
import { decodeControl, encodeControl, isControl, unescapeText } from "../protocol/reliable/control-frames.ts";
import { TokenBucket } from "../protocol/token-bucket.ts";
import type { Clock, ReceivedFrame, SeatlessLine, WaitingPeer, WaitingPeerFactory } from "../room/ports.ts";
import { TIME_QUESTIONS } from "./counted-acks.ts";

export function createWaitingPeers(clock: Pick<Clock, "now" | "time">): WaitingPeerFactory {
  return (line, isReliable) => (isReliable ? new ReliableWaitingPeer(line, clock) : PLAIN_PEER);
}

const PLAIN_PEER: WaitingPeer = {
  tellPosition() {},
  tellWatching() {},
  read: (data) => data,
};

class ReliableWaitingPeer implements WaitingPeer {
  readonly #line: SeatlessLine;
  readonly #clock: Pick<Clock, "now" | "time">;
  readonly #timeQuestions: TokenBucket;
  /** Data frames that were read. */
  #received = 0;

  constructor(line: SeatlessLine, clock: Pick<Clock, "now" | "time">) {
    this.#line = line;
    this.#clock = clock;
    this.#timeQuestions = new TokenBucket(TIME_QUESTIONS, clock.now());
  }

  tellPosition(position: number): void {
    this.#line.send(encodeControl({ word: "queue", position }), true);
  }

  tellWatching(): void {
    this.#line.send(encodeControl({ word: "role", role: "audience" }), true);
  }

  read(data: Uint8Array, isText: boolean): ReceivedFrame {
    if (isText && isControl(data)) return this.#follow(data) ? "control" : "nonsense";
    this.#received += 1;
    return isText ? unescapeText(data) : data;
  }

  /** Answers what a client asks to see whether its line works. It was sent nothing that counts, so it has nothing to acknowledge. */
  #follow(frame: Uint8Array): boolean {
    const control = decodeControl(frame);
    const isQuiet = this.#line.queued === 0; // one that does not read is not answered, so that nothing piles up
    switch (control?.word) {
      case "ping":
        if (isQuiet) this.#line.send(encodeControl({ word: "ack", count: this.#received }), true);
        return true;
      case "time":
        if (control.now !== undefined) return false;
        if (isQuiet && this.#timeQuestions.take(1, this.#clock.now())) {
          this.#line.send(encodeControl({ word: "time", now: this.#clock.time() }), true);
        }
        return true;
      case "ack":
        return control.count === 0;
      default:
        return false;
    }
  }
}
