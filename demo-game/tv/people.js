import { COLORS, colorOf, isFace, randomFace, withColor } from "../avatar.js";

/**
 * Who is at the party. A person is known by the secret key their phone made up; the connection it speaks through may
 * change (a reload, a lost network) and the person stays: name, face, crowns.
 */
const NAME_LENGTH = 12;

/** What a name may be: no control characters, no heaps of accents, at most twelve characters. */
export function tidyName(value) {
  const text = String(value ?? "")
    .normalize("NFC")
    .replace(/\p{C}+/gu, "")
    .replace(/\s+/g, " ")
    .trim();
  const characters = [...new Intl.Segmenter().segment(text)].map(({ segment }) =>
    Array.from(segment).slice(0, 8).join(""),
  );
  return characters.slice(0, NAME_LENGTH).join("").trim();
}

export class People {
  #byKey = new Map();
  #byConnection = new Map();
  #lastId = 0;

  /** Everybody with a phone in the room, in the order in which they came. */
  get here() {
    return [...this.#byKey.values()].filter((person) => person.connection !== null);
  }

  /** Who decides on the phone: the first who is still here. */
  get first() {
    return this.here[0] ?? null;
  }

  byId(id) {
    return [...this.#byKey.values()].find((person) => person.id === id) ?? null;
  }

  byConnection(connection) {
    return this.#byConnection.get(connection) ?? null;
  }

  /**
   * A phone says who it is. Returns the person, and the connection it replaces if the same key is here already.
   * @param {{ key?: unknown, name?: unknown, face?: unknown }} hello
   */
  welcome(connection, hello) {
    if (typeof hello.key !== "string" || hello.key.length < 16 || hello.key.length > 64) return null;
    const isNew = !this.#byKey.has(hello.key);
    const person = this.#byKey.get(hello.key) ?? { id: ++this.#lastId, key: hello.key, connection: null, crowns: 0 };
    const replaced = person.connection !== null && person.connection !== connection ? person.connection : null;
    if (replaced !== null) this.#byConnection.delete(replaced);
    person.connection = connection;
    this.#byKey.set(hello.key, person);
    this.#byConnection.set(connection, person);
    person.name = this.#freeName(tidyName(hello.name) || "Nobody", person);
    person.face = this.#freeColor(isFace(hello.face) ? hello.face : randomFace(), person);
    return { person, replaced, isNew };
  }

  leave(connection) {
    const person = this.byConnection(connection);
    this.#byConnection.delete(connection);
    if (person) person.connection = null;
    return person;
  }

  /** All phones are gone at once (the room was lost); the people may come back. */
  leaveAll() {
    for (const connection of this.#byConnection.keys()) this.leave(connection);
  }

  /** As long as there are colours left, no two people have the same: on the TV a colour is a person. */
  #freeColor(face, self) {
    const taken = new Set(this.here.filter((person) => person !== self).map((person) => colorOf(person.face)));
    const free = COLORS.findIndex((color) => !taken.has(color));
    return taken.has(colorOf(face)) && free >= 0 ? withColor(face, free) : face;
  }

  /** Two Adas become "Ada" and "Ada 2". */
  #freeName(name, self) {
    const taken = new Set(this.here.filter((person) => person !== self).map((person) => person.name.toLowerCase()));
    if (!taken.has(name.toLowerCase())) return name;
    for (let number = 2; ; number++) {
      const numbered = `${[...name]
        .slice(0, NAME_LENGTH - 2)
        .join("")
        .trim()} ${number}`;
      if (!taken.has(numbered.toLowerCase())) return numbered;
    }
  }
}
