/** One turn of the event loop: all that its sockets had to say, until we look at them again. */

/** Something that has gathered work until the end of the turn. */
export interface Gathering {
  onTurnEnd(): void;
}

export class EventLoopTurn {
  /** Counts up, so that whoever remembers it knows whether it is still the same turn. */
  number = 0;
  #gatherings: Gathering[] = [];
  #isEndDue = false;
  /** One function for all turns. */
  readonly #end = (): void => {
    const gatherings = this.#gatherings;
    this.number += 1;
    this.#isEndDue = false;
    if (gatherings.length === 0) return;
    this.#gatherings = [];
    for (const gathering of gatherings) gathering.onTurnEnd();
  };

  /** Something was done that is to be done once a turn: this one shall have an end. */
  begin(): void {
    if (this.#isEndDue) return;
    this.#isEndDue = true;
    setImmediate(this.#end);
  }

  /** Calls when this turn ends. */
  atEnd(gathering: Gathering): void {
    this.#gatherings.push(gathering);
    this.begin();
  }
}
