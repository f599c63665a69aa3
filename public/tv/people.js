/** Who is here this evening, and whose phone is the remote. Kept in the tab, so that it outlives the games. */

const KEY = "couchwire:tv";

export class People {
  /** The order in which phones get the remote: the first of them that is in the room has it. */
  #order = [];
  #code;

  /** `code` is that of the room; what was kept for another room is forgotten. */
  constructor(code) {
    this.#code = code;
    const kept = read();
    if (kept !== undefined && kept.code === code) this.#order = kept.order;
  }

  get order() {
    return this.#order;
  }

  /** Adds a newcomer at the end. */
  add(id) {
    if (!this.#order.includes(id)) this.keep([...this.#order, id]);
  }

  remove(id) {
    this.keep(this.#order.filter((other) => other !== id));
  }

  /** Gives the remote to this player. */
  passTo(id) {
    this.keep([id, ...this.#order.filter((other) => other !== id)]);
  }

  /** Who has the remote, of those in the room. */
  remoteOf(players) {
    return this.#order.find((id) => players.includes(id));
  }

  keep(order) {
    this.#order = order;
    try {
      sessionStorage.setItem(KEY, JSON.stringify({ code: this.#code, order }));
    } catch {
      // The storage is full or forbidden: the order lasts as long as the page.
    }
  }
}

function read() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
    return kept !== null && Array.isArray(kept.order) ? kept : undefined;
  } catch {
    return undefined; // Another program wrote it.
  }
}
