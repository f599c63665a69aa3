/** The handler of a WebSocket on `/ws` that shows no token: its first frame says what it wants (P6.0). */
import type { Cancel, Clock, ConnectionHandler, Line, PeerIds } from "../room/ports.ts";

/** How long a peer may take until it says what it wants, in milliseconds. */
const FIRST_FRAME_MS = 10_000;
/** A connection that is older gives way where no place is left. */
const IDLE_MS = 1_000;

const SILENT = "Nothing was asked for within 10 seconds. A room is joined with a token.";
const NO_CHANNELS = "A room is joined with a token in the address; this server has no channels yet.";

export class FirstFrame implements ConnectionHandler {
  readonly ids: PeerIds = {};
  readonly #line: Line;
  readonly #stopWaiting: Cancel;

  constructor(line: Line, clock: Clock) {
    this.#line = line;
    this.#stopWaiting = clock.after(FIRST_FRAME_MS, () => line.close("unauthorized", SILENT));
  }

  message(): void {
    this.#stopWaiting();
    this.#line.close("unauthorized", NO_CHANNELS);
  }

  gone(): void {
    this.#stopWaiting();
  }

  idleRank(ageMs: number): number | undefined {
    return ageMs >= IDLE_MS ? 0 : undefined;
  }

  part(): void {}

  drained(): void {}

  confirmed(): void {}

  ban(): undefined {}
}
