/** The players of a room in joining order, which of them are away, and their names. */
import type { PlayerRef } from "./addressing.ts";
import type { GameShape } from "./game-types.ts";
import type { Player, PlayerFacts } from "./player.ts";

/** What is kept when the host's page is loaded again: the server does not say it a second time. */
interface RosterNotes {
  readonly names: Readonly<Record<string, string>>;
  readonly away: readonly number[];
}

/** A set of players that may be asked by a player's id as well. */
export interface PlayerSet<Game extends GameShape = GameShape> extends ReadonlySet<Player<Game>> {
  has(player: PlayerRef): boolean;
}

interface Entry<Game extends GameShape> {
  readonly player: Player<Game>;
  readonly facts: PlayerFacts;
}

/** Players who have left and are still found by their ids, since a game may still show them. The oldest are forgotten first. */
const MAX_ABSENT = 10_000;

export class Roster<Game extends GameShape> {
  readonly #playerOf: (id: number, facts: Readonly<PlayerFacts>) => Player<Game>;
  readonly #note: (notes: RosterNotes) => void;
  /** Those who are in, by id and in joining order. */
  readonly #present = new Map<number, Entry<Game>>();
  /** Those who were in, in the order of their going, and those of whom the page has not heard that they came. */
  readonly #absent = new Map<number, Entry<Game>>();
  readonly #away = new AwayPlayers<Game>((player) => this.find(player));
  /** What the page noted before it was loaded again, of players who are not in yet. */
  #notedNames = new Map<number, string>();
  #notedAway = new Set<number>();
  /** The list of players, made when it is asked for. */
  #list: readonly Player<Game>[] | undefined;

  /** `notes`: what was noted down last, unchecked. */
  constructor(
    notes: unknown,
    note: (notes: RosterNotes) => void,
    playerOf: (id: number, facts: Readonly<PlayerFacts>) => Player<Game>,
  ) {
    this.#note = note;
    this.#playerOf = playerOf;
    if (typeof notes !== "object" || notes === null) return;
    const names: unknown = Reflect.get(notes, "names");
    const away: unknown = Reflect.get(notes, "away");
    for (const [id, name] of Object.entries(names ?? {})) this.#notedNames.set(Number(id), String(name));
    if (Array.isArray(away)) this.#notedAway = new Set(away.map(Number));
  }

  get players(): readonly Player<Game>[] {
    return (this.#list ??= [...this.#present.values()].map(({ player }) => player));
  }

  get away(): PlayerSet<Game> {
    return this.#away;
  }

  /** The player who is in, or was; `undefined` for all others. */
  find(player: PlayerRef): Player<Game> | undefined {
    const id = typeof player === "number" ? player : player.id;
    return (this.#present.get(id) ?? this.#absent.get(id))?.player;
  }

  /** The name that the player's phone gave. */
  nameOf(player: PlayerRef): string | undefined {
    const id = typeof player === "number" ? player : player.id;
    return (this.#present.get(id) ?? this.#absent.get(id))?.facts.name;
  }

  /** Whose id stands on a frame; also of one who is not in. */
  of(id: number): Player<Game> {
    const known = this.find(id);
    if (known !== undefined) return known;
    const entry = this.#create(id);
    this.#keepAbsent(id, entry);
    return entry.player;
  }

  /** Begins with the players that the host last saved. */
  restore(ids: readonly number[]): void {
    for (const id of ids) this.join(id);
  }

  /** The player of this id; one who is not in comes in, and `isNew` says so. */
  join(id: number, name?: string): { readonly player: Player<Game>; readonly isNew: boolean } {
    const known = this.#present.get(id);
    const { player, facts } = known ?? this.#letIn(id);
    if (name !== undefined) {
      facts.name = name;
      this.#save();
    }
    return { player, isNew: known === undefined };
  }

  /** The player who has left just now; `undefined` where there was none. */
  leave(id: number): Player<Game> | undefined {
    const entry = this.#present.get(id);
    if (entry === undefined) return undefined;
    const { player, facts } = entry;
    this.#present.delete(id);
    this.#keepAbsent(id, entry);
    this.#list = undefined;
    facts.isAway = false;
    facts.isGone = true;
    if (this.#away.delete(player) || facts.name !== undefined) this.#save();
    return player;
  }

  setAway(id: number, isAway: boolean): Player<Game> {
    const entry = this.#present.get(id);
    if (entry === undefined) return this.of(id);
    entry.facts.isAway = isAway;
    if (isAway) this.#away.add(entry.player);
    else this.#away.delete(entry.player);
    this.#save();
    return entry.player;
  }

  /** The room is another one, where the ids begin anew: those of before are strangers there. Call when all have left. */
  forgetAll(): void {
    this.#absent.clear();
    this.#notedNames.clear();
    this.#notedAway.clear();
    this.#save();
  }

  #create(id: number): Entry<Game> {
    const facts: PlayerFacts = { name: this.#notedNames.get(id), isAway: this.#notedAway.has(id), isGone: false };
    return { player: this.#playerOf(id, facts), facts };
  }

  #letIn(id: number): Entry<Game> {
    const entry = this.#absent.get(id) ?? this.#create(id);
    this.#absent.delete(id);
    this.#present.set(id, entry);
    if (entry.facts.isAway) this.#away.add(entry.player);
    this.#notedNames.delete(id);
    this.#notedAway.delete(id);
    this.#list = undefined;
    return entry;
  }

  #keepAbsent(id: number, entry: Entry<Game>): void {
    this.#absent.set(id, entry);
    for (const oldest of this.#absent.keys()) {
      if (this.#absent.size <= MAX_ABSENT) break;
      this.#absent.delete(oldest);
    }
  }

  /** Notes the players' names and absences. */
  #save(): void {
    const names: Record<string, string> = {};
    for (const [id, name] of this.#notedNames) names[id] = name;
    for (const [id, { facts }] of this.#present) if (facts.name !== undefined) names[id] = facts.name;
    this.#note({ names, away: [...this.#notedAway, ...[...this.#away].map(({ id }) => id)] });
  }
}

/** Its `has` takes ids as well. */
class AwayPlayers<Game extends GameShape> extends Set<Player<Game>> implements PlayerSet<Game> {
  readonly #find: (player: PlayerRef) => Player<Game> | undefined;

  constructor(find: (player: PlayerRef) => Player<Game> | undefined) {
    super();
    this.#find = find;
  }

  override has(ref: PlayerRef): boolean {
    const player = this.#find(ref);
    return player !== undefined && super.has(player);
  }
}
