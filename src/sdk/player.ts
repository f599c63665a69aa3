/** A player as the TV sees it: one object for each seat, the same for as long as the room lives. */
import type { KickOptions, SendOptions } from "./addressing.ts";
import type {
  EventAnswer,
  EventArguments,
  GameShape,
  PlainEventName,
  RequestName,
  PlayerStateOf,
} from "./game-types.ts";
import type { AskOptions } from "./open-asks.ts";
import type { Payload } from "./payload.ts";
import { SharedState, type StateSource } from "./state/shared-state.ts";
import type { PlayerMeta, ProfileChanges } from "./player-profile.ts";

/** What the room knows of a player, and changes. */
export interface PlayerFacts {
  /** What its phone gave as its name. */
  name: string | undefined;
  /** Who its token says that it is. */
  user: string | undefined;
  /** What its phone said beside the name. */
  meta: PlayerMeta;
  color: string;
  /** Its phone says frames of the SDK's: only then the SDK says some on its own behalf. */
  isSdk: boolean;
  isAway: boolean;
  isGone: boolean;
}

/** What a player leaves to its room. */
export interface PlayerActions<Game extends GameShape> {
  send(player: Player<Game>, data: Payload, options: PlayerDelivery): boolean;
  emit(player: Player<Game>, name: string, data: unknown, options: PlayerDelivery): boolean;
  ask<Answer>(player: Player<Game>, name: string, data: unknown, options: AskOptions): Promise<Answer>;
  kick(player: Player<Game>, options: string | KickOptions): void;
  setProfile(player: Player<Game>, changes: ProfileChanges): void;
  stateOf(id: number): StateSource;
}

/** How a frame for one player is delivered. */
export type PlayerDelivery = Omit<SendOptions, "except">;

/**
 * A player of the room. Its id stands for it wherever a number or a text is wanted: in JSON, in template strings, as the key of an
 * object, in comparisons by size.
 */
export class Player<Game extends GameShape = GameShape> {
  /** A small integer, from 1, never given out again in the same room. */
  readonly id: number;
  /**
   * What this player's phone and the TV see, as keys with JSON values: `player.state.set("score", 5)`. The phone has it in `me.state`, where
   * it may set keys as well.
   */
  readonly state: SharedState<PlayerStateOf<Game>>;
  readonly #facts: Readonly<PlayerFacts>;
  readonly #room: PlayerActions<Game>;

  /** @internal Rooms make them. */
  constructor(id: number, facts: Readonly<PlayerFacts>, room: PlayerActions<Game>) {
    this.id = id;
    this.state = new SharedState(room.stateOf(id));
    this.#facts = facts;
    this.#room = room;
  }

  /** The name that its phone gave; `Player 3` where it gave none. */
  get name(): string {
    return this.#facts.name ?? `Player ${this.id}`;
  }

  /** Who its token says that it is (`sub`); `undefined` for a phone that came without one. */
  get user(): string | undefined {
    return this.#facts.user;
  }

  /** What its phone said of it beside the name, by `joinRoom({ meta })` or `me.setProfile`: an avatar, a team. Empty where it said nothing. */
  get meta(): PlayerMeta {
    return this.#facts.meta;
  }

  /** Its colour, such as `#1c70ee`: one of twelve, on which white text can be read, and another one for each player while there are so many. */
  get color(): string {
    return this.#facts.color;
  }

  /** Whether its connection is down. The seat is kept, and frames wait. */
  get isAway(): boolean {
    return this.#facts.isAway;
  }

  /** Whether it left for good. What is sent to it then reaches no phone. */
  get isGone(): boolean {
    return this.#facts.isGone;
  }

  /**
   * Sends to this player alone, as `room.send` does. `false` after the end of the room.
   * @throws {CouchwireError} as `room.send`
   */
  send(data: Payload, options: PlayerDelivery = {}): boolean {
    return this.#room.send(this, data, options);
  }

  /**
   * Tells this player's phone of a named event: `me.on(name, …)` there hears it. Otherwise as `send`; `volatile: true` stands for the
   * event's own name.
   * @throws {CouchwireError} as `send`, and at a name that the SDK keeps for itself
   */
  emit<Name extends PlainEventName<Game>>(name: Name, ...rest: EventArguments<Game, Name, PlayerDelivery>): boolean {
    const [data, options = {}] = rest;
    return this.#room.emit(this, name, data, options);
  }

  /**
   * Asks this player's phone, where `me.on(name, …)` returns the answer, or a promise of it. Lost connections do no harm, on either side.
   * @throws {CouchwireError} (by rejecting) `timeout`; `not_answered` where nothing listens to it there; `answer_failed` where the listener
   * threw, with its message; `closed` where the player left or the room is over; and as `emit`
   */
  async ask<Name extends RequestName<Game>>(
    name: Name,
    ...rest: EventArguments<Game, Name, AskOptions>
  ): Promise<EventAnswer<Game, Name>> {
    const [data, options = {}] = rest;
    return await this.#room.ask<EventAnswer<Game, Name>>(this, name, data, options);
  }

  /**
   * Gives the player another `name`, or other fields of its `meta`; what is left out stays. The event `profile` tells of it, here and on the
   * phone, whose `me.name` and `me.meta` are the same from then on.
   * @throws {CouchwireError} `invalid_argument`
   */
  setProfile(changes: ProfileChanges): void {
    this.#room.setProfile(this, changes);
  }

  /** Removes the player for good: its phone gets close code 4503 with the reason. */
  kick(options: string | KickOptions = {}): void {
    this.#room.kick(this, options);
  }

  /** The id. */
  valueOf(): number {
    return this.id;
  }

  /** The id: a list of players is a list of ids in JSON. */
  toJSON(): number {
    return this.id;
  }

  /** The id as text. */
  toString(): string {
    return String(this.id);
  }
}
