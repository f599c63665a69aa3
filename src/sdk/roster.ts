/** The players of a room in joining order, and what is known of each: its name, its colour, whether it is away. */
import type { PlayerRef } from "./addressing.ts";
import type { GameShape } from "./game-types.ts";
import { colorOf } from "./player-colors.ts";
import type { PlayerProfile } from "./player-profile.ts";
import type { Player, PlayerFacts } from "./player.ts";
import { isNoted, readNotes, writeNotes, type NotedPlayer, type RosterNotes } from "./roster-notes.ts";

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
  /** Players that left, in the order in which they went, also where this page never heard that they came. */
  readonly #absent = new Map<number, Entry<Game>>();
  readonly #away = new AwayPlayers<Game>((player) => this.find(player));
  /** What the page noted before it was loaded again, of players who are not in yet. */
  readonly #noted: Map<number, NotedPlayer>;
  /** By colour, the players who are in and have it. */
  readonly #wearers = new Map<string, number>();
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
    this.#noted = readNotes(notes);
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
  join(id: number, name?: string, user?: string): { readonly player: Player<Game>; readonly isNew: boolean } {
    const known = this.#present.get(id);
    const { player, facts } = known ?? this.#letIn(id);
    if (name !== undefined) facts.name = name;
    if (user !== undefined) facts.user = user;
    if (name !== undefined || user !== undefined || (known === undefined && isNoted(id, facts))) this.#save();
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
    const wasNoted = isNoted(id, facts);
    this.#wearers.set(facts.color, (this.#wearers.get(facts.color) ?? 1) - 1);
    facts.isAway = false;
    facts.isGone = true;
    this.#away.delete(player);
    if (wasNoted) this.#save();
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

  /** Its phone says what it is; `false` where that is no news. */
  setProfile(player: Player<Game>, { name, meta }: PlayerProfile): boolean {
    const facts = this.#factsOf(player);
    if (facts === undefined) return false;
    const isNews = (name !== undefined && name !== facts.name) || JSON.stringify(meta) !== JSON.stringify(facts.meta);
    if (name !== undefined) facts.name = name;
    facts.meta = meta;
    if (isNews) this.#save();
    return isNews;
  }

  /** Its phone said something of the SDK's; `false` where that is no news. */
  setSdk(player: Player<Game>): boolean {
    const facts = this.#factsOf(player);
    if (facts === undefined || facts.isSdk) return false;
    facts.isSdk = true;
    this.#save();
    return true;
  }

  /** Whether the player's phone says frames of the SDK's. */
  isSdk(player: Player<Game>): boolean {
    return this.#factsOf(player)?.isSdk === true;
  }

  /** The room is another one, where the ids begin anew: those of before are strangers there. Call when all have left. */
  forgetAll(): void {
    this.#absent.clear();
    this.#noted.clear();
    this.#save();
  }

  #factsOf({ id }: Player<Game>): PlayerFacts | undefined {
    return (this.#present.get(id) ?? this.#absent.get(id))?.facts;
  }

  #create(id: number): Entry<Game> {
    const { name, user, meta = {}, color = "", isSdk = false, isAway = false } = this.#noted.get(id) ?? {};
    const facts: PlayerFacts = {
      name,
      user,
      meta,
      color: color || colorOf(id, (other) => (this.#wearers.get(other) ?? 0) > 0),
      isSdk,
      isAway,
      isGone: false,
    };
    return { player: this.#playerOf(id, facts), facts };
  }

  #letIn(id: number): Entry<Game> {
    const entry = this.#absent.get(id) ?? this.#create(id);
    const { color } = entry.facts;
    this.#wearers.set(color, (this.#wearers.get(color) ?? 0) + 1);
    this.#absent.delete(id);
    this.#present.set(id, entry);
    if (entry.facts.isAway) this.#away.add(entry.player);
    this.#noted.delete(id);
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

  #save(): void {
    const present = [...this.#present].map(([id, { facts }]) => [id, facts] as const);
    this.#note(writeNotes([...this.#noted, ...present]));
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
