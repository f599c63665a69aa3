/** The players of a room in joining order, which of them are away, and their names. */

/** What is kept when the host's page is loaded again: the server does not say it a second time. */
interface RosterNotes {
  readonly names: Readonly<Record<string, string>>;
  readonly away: readonly number[];
}

export class Roster {
  readonly #away = new Set<number>();
  readonly #names = new Map<number, string>();
  readonly #note: (notes: RosterNotes) => void;
  #players = new Set<number>();
  /** The list of players, made when it is asked for. */
  #list: readonly number[] | undefined;

  /** `notes`: what was noted down last, unchecked. */
  constructor(notes: unknown, note: (notes: RosterNotes) => void) {
    this.#note = note;
    if (typeof notes !== "object" || notes === null) return;
    const names: unknown = Reflect.get(notes, "names");
    const away: unknown = Reflect.get(notes, "away");
    for (const [player, name] of Object.entries(names ?? {})) this.#names.set(Number(player), String(name));
    if (Array.isArray(away)) for (const player of away) this.#away.add(Number(player));
  }

  get players(): readonly number[] {
    return (this.#list ??= [...this.#players]);
  }

  get away(): ReadonlySet<number> {
    return this.#away;
  }

  nameOf(player: number): string | undefined {
    return this.#names.get(player);
  }

  /** Begins with the players that the host last saved. */
  restore(players: readonly number[]): void {
    this.#players = new Set(players);
    this.#list = undefined;
  }

  /** `false` where the player is in already. */
  join(player: number, name?: string): boolean {
    if (name !== undefined) this.#names.set(player, name);
    const isNew = !this.#players.has(player);
    this.#players.add(player);
    if (isNew) this.#list = undefined;
    if (name !== undefined) this.save();
    return isNew;
  }

  /** `false` where there was no such player. */
  leave(player: number): boolean {
    if (!this.#players.delete(player)) return false;
    this.#list = undefined;
    if (this.#away.delete(player) || this.#names.has(player)) this.save();
    return true;
  }

  setAway(player: number, isAway: boolean): void {
    if (isAway) this.#away.add(player);
    else this.#away.delete(player);
    this.save();
  }

  /** Notes the players' names and absences. Names of players who have left stay in memory, since a game may still show them. */
  private save(): void {
    const names: Record<string, string> = {};
    for (const player of this.#players) {
      const name = this.#names.get(player);
      if (name !== undefined) names[player] = name;
    }
    this.#note({ names, away: [...this.#away] });
  }
}
