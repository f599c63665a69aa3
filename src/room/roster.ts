/**
 * A set for what comes and goes by the thousand. V8 links the table of a `Set` or `Map` that was too full to the table that took its place, so once a table has
 * grown old, all that was ever in those after it survives each collection of young objects, and such a collection takes ten times as long. Here a place
 * that becomes free is taken by the next that comes, and nothing of those who left is kept.
 */

/** What may be in a roster, in one at a time. */
export interface RosterMember {
  /** Its place in its roster, from 0 up; `NO_PLACE` while it is in none. The roster's own. */
  rosterPlace: number;
}

export const NO_PLACE = -1;

/** Its members are in no order. A walk over it meets each member that stays, also while others come and go; it may meet those that come. */
export class Roster<Member extends RosterMember> implements Iterable<Member> {
  /** As long as it was at its fullest since it was empty. */
  #places: (Member | undefined)[] = [];
  #free: number[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** @throws {Error} where the member is in a roster already, which is a bug */
  add(member: Member): void {
    if (member.rosterPlace !== NO_PLACE) throw new Error("This member is in a roster already.");
    const place = this.#free.pop() ?? this.#places.length;
    this.#places[place] = member;
    member.rosterPlace = place;
    this.#size += 1;
  }

  has(member: Member): boolean {
    return member.rosterPlace !== NO_PLACE && this.#places[member.rosterPlace] === member;
  }

  /** Safe for one that is not in it. @returns whether it was */
  delete(member: Member): boolean {
    if (!this.has(member)) return false;
    this.#places[member.rosterPlace] = undefined;
    this.#free.push(member.rosterPlace);
    member.rosterPlace = NO_PLACE;
    this.#size -= 1;
    if (this.#size === 0) this.#forgetPlaces();
    return true;
  }

  clear(): void {
    for (const member of this) member.rosterPlace = NO_PLACE;
    this.#size = 0;
    this.#forgetPlaces();
  }

  *[Symbol.iterator](): IterableIterator<Member> {
    for (let place = 0; place < this.#places.length; place++) {
      const member = this.#places[place];
      if (member !== undefined) yield member;
    }
  }

  /** A walk that is under way goes on with those that come. */
  #forgetPlaces(): void {
    this.#places.length = 0;
    this.#free.length = 0;
  }
}
