/**
 * The types of a game: one interface, shared by the TV's page and the phone's, says which events there are, what they carry, and what
 * the state holds.
 */
import type { ReservedName } from "./event-names.ts";

/**
 * What a game says of itself. What it leaves out may be anything.
 *
 * ```ts
 * interface Game {
 *   events: { answer: number; buzz: void; question: (data: { n: number }) => string };
 *   state: { round: number };
 *   playerState: { score: number };
 * }
 * ```
 */
export interface GameShape {
  /** What each event carries, by its name: `void` for nothing. A function is a request: from what it carries to its answer. */
  readonly events?: object;
  /** The values that all see, by key. */
  readonly state?: object;
  /** The values that one player and the TV see, by key. */
  readonly playerState?: object;
}

/** The events of a game that does not say which it has: every name is one, and a request too. */
interface AnyEvents {
  readonly [name: string]: (data?: unknown) => unknown;
}

type RequestType = (...data: never[]) => unknown;

type EventsOf<Game extends GameShape> = Game extends { readonly events: infer Events extends object }
  ? Events
  : AnyEvents;

/** The names of the game's events, requests with them. */
export type EventName<Game extends GameShape> = Exclude<keyof EventsOf<Game> & string, ReservedName>;

/** The names of the game's requests. */
export type RequestName<Game extends GameShape> = {
  [Name in EventName<Game>]: EventsOf<Game>[Name] extends RequestType ? Name : never;
}[EventName<Game>];

/** The names of the events that are no requests. */
export type PlainEventName<Game extends GameShape> =
  string extends EventName<Game> ? string : Exclude<EventName<Game>, RequestName<Game>>;

type DataIn<Event> = Event extends (...data: infer Data) => unknown ? (Data extends [] ? void : Data[0]) : Event;

/** What the event or the request of this name carries. */
export type EventData<Game extends GameShape, Name extends EventName<Game>> = DataIn<EventsOf<Game>[Name]>;

/** What the request of this name is answered with. */
export type EventAnswer<Game extends GameShape, Name extends EventName<Game>> = EventsOf<Game>[Name] extends (
  ...data: never[]
) => infer Answer
  ? Awaited<Answer>
  : never;

/** What follows the name in `emit` and `ask`: data may be left out where there may be none. */
export type EventArguments<Game extends GameShape, Name extends EventName<Game>, Options> =
  undefined extends EventData<Game, Name>
    ? [data?: EventData<Game, Name>, options?: Options]
    : [data: EventData<Game, Name>, options?: Options];

/** What a listener of this name may return: the answer to a request, now or later. */
type ListenerResult<Game extends GameShape, Name extends EventName<Game>> = EventsOf<Game>[Name] extends RequestType
  ? EventAnswer<Game, Name> | PromiseLike<EventAnswer<Game, Name> | undefined | void> | undefined | void
  : void;

/** The listeners of the game's events, by name; `From` comes before the data. */
export type GameListeners<Game extends GameShape, From extends unknown[]> = {
  [Name in EventName<Game>]: (...values: [...From, data: EventData<Game, Name>]) => ListenerResult<Game, Name>;
};

/** The values that all see. */
export type StateOf<Game extends GameShape> = Game extends { readonly state: infer State extends object }
  ? State
  : Record<string, unknown>;

/** The values that one player and the TV see. */
export type PlayerStateOf<Game extends GameShape> = Game extends { readonly playerState: infer State extends object }
  ? State
  : Record<string, unknown>;
