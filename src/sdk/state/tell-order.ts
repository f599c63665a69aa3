/**
 * In which order phones are told what has changed: the room's state, and those of players. What was set before the room's state goes before it,
 * so that a listener on a phone finds in the one state what was set before the other.
 */

/** The state of the player with this id; `undefined`: the room's. */
export type StateOwner = number | undefined;

export class TellOrder {
  #before = new Set<number>();
  #after = new Set<number>();
  #isShared = false;

  /** What has changed already has to be told before this state changes: no order would be right for both of its changes. */
  isDueBefore(owner: StateOwner): boolean {
    return this.#isShared && (owner === undefined ? this.#after.size > 0 : this.#before.has(owner));
  }

  /** This state has something to tell. */
  note(owner: StateOwner): void {
    if (owner === undefined) this.#isShared = true;
    else if (!this.#isShared) this.#before.add(owner);
    else if (!this.#before.has(owner)) this.#after.add(owner);
  }

  /** Both states have something to tell this player, that of the room first. */
  noteBoth(player: number): void {
    this.drop(player);
    this.note(undefined);
    this.note(player);
  }

  /** This player's state is told no more. */
  drop(player: number): void {
    this.#before.delete(player);
    this.#after.delete(player);
  }

  /** Players whose state has something to tell: before the room's state is told, and after. They count as told from now on. */
  take(): { readonly before: readonly number[]; readonly after: readonly number[] } {
    const taken = { before: [...this.#before], after: [...this.#after] };
    this.clear();
    return taken;
  }

  clear(): void {
    this.#before = new Set();
    this.#after = new Set();
    this.#isShared = false;
  }
}
