/** The room as a phone sees it: `me.room`. */

/** What the phone's connection knows of the room. */
export interface RoomFacts {
  readonly name: () => string | undefined;
  readonly now: () => number;
}

/** The room that a phone has joined. */
export class JoinedRoom {
  /** The room code: four capitals. */
  readonly code: string;
  readonly #facts: RoomFacts;

  /** @internal It comes with the phone's connection. */
  constructor(code: string, facts: RoomFacts) {
    this.code = code;
    this.#facts = facts;
  }

  /** The name of the game that the room plays; `undefined` before the first `open`. */
  get name(): string | undefined {
    return this.#facts.name();
  }

  /** The room's clock; see `me.now`. */
  now(): number {
    return this.#facts.now();
  }
}
