/** The room as a phone sees it: `me.room`. */
import type { GameShape, StateOf } from "./game-types.ts";
import type { ReadableState } from "./state/shared-state.ts";

/** What the phone's connection knows of the room. */
export interface RoomFacts<Game extends GameShape> {
  readonly name: () => string | undefined;
  readonly now: () => number;
  readonly state: ReadableState<StateOf<Game>>;
}

/** The room that a phone has joined. */
export class JoinedRoom<Game extends GameShape = GameShape> {
  /** The room code: four capitals. */
  readonly code: string;
  /** What all phones and the TV see, as keys with JSON values. Only the TV sets it. */
  readonly state: ReadableState<StateOf<Game>>;
  readonly #facts: RoomFacts<Game>;

  /** @internal It comes with the phone's connection. */
  constructor(code: string, facts: RoomFacts<Game>) {
    this.code = code;
    this.state = facts.state;
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
