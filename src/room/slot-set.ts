/**
 * A set for what comes and goes by the thousand. V8 links the table of a `Set` or `Map` that has become full to the table that takes its place, so once a table has
 * grown old, all that was ever in those after it survives each collection of young objects, which then takes several times as long. Here a slot that becomes
 * free is taken by the next that comes, and nothing of those who left is kept.
 */

/** What may be in such a set, in one at a time. */
export interface SlotSetMember {
  /** Where it stands in its set, from 0 up; `NO_SLOT` while it is in none. The set's own. */
  slot: number;
}

export const NO_SLOT = -1;

/** Its members are in no order. A walk over it meets each member that stays, also while others come and go; it may meet those that come. */
export class SlotSet<Member extends SlotSetMember> implements Iterable<Member> {
  /** As long as it was at its fullest since it was empty. */
  #slots: (Member | undefined)[] = [];
  #free: number[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** @throws {Error} where the member is in one already, which is a bug */
  add(member: Member): void {
    if (member.slot !== NO_SLOT) throw new Error("This member is in a slot set already.");
    const slot = this.#free.pop() ?? this.#slots.length;
    this.#slots[slot] = member;
    member.slot = slot;
    this.#size += 1;
  }

  has(member: Member): boolean {
    return member.slot !== NO_SLOT && this.#slots[member.slot] === member;
  }

  /** Safe for one that is not in it. @returns whether it was */
  delete(member: Member): boolean {
    if (!this.has(member)) return false;
    this.#slots[member.slot] = undefined;
    this.#free.push(member.slot);
    member.slot = NO_SLOT;
    this.#size -= 1;
    if (this.#size === 0) this.#forgetSlots();
    return true;
  }

  clear(): void {
    for (const member of this) member.slot = NO_SLOT;
    this.#size = 0;
    this.#forgetSlots();
  }

  *[Symbol.iterator](): IterableIterator<Member> {
    for (let slot = 0; slot < this.#slots.length; slot++) {
      const member = this.#slots[slot];
      if (member !== undefined) yield member;
    }
  }

  /** A walk that is under way may go on with those that come. */
  #forgetSlots(): void {
    this.#slots.length = 0;
    this.#free.length = 0;
  }
}
