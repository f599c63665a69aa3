import { COLORS, colorOf, isFace, randomFace, withColor } from "../avatar.js";
import { createChance } from "../chance.js";
import { freeName, tidyName } from "../names.js";

/** A face for a phone that brings none: the same name has the same one each time. */
function faceOf(name) {
  const chance = createChance();
  chance.seed([name]);
  return randomFace(null, chance.random);
}

/**
 * The people at the party. A person is a player of the room and has its id. Name, face and crowns stay with the seat through
 * a reload, a lost network and another phone.
 */
export class People {
  #byId = new Map();
  #isAway;

  /**
   * @param {(id: number) => boolean} isAway whether the connection of this player is down
   * @param {{ id: number, name: string, face: string, crowns: number, isGone: boolean, bot: number | null }[]} [known] as `known` returned it
   */
  constructor(isAway, known = []) {
    this.#isAway = isAway;
    for (const person of known) this.#byId.set(person.id, person);
  }

  /** All people that ever came, also those that have left: the last game may still show them. */
  get known() {
    return [...this.#byId.values()];
  }

  /** The people that have a seat, in the order in which they came. */
  get seated() {
    return this.known.filter((person) => !person.isGone);
  }

  /** The people with a seat whose phone is in reach. */
  get here() {
    return this.seated.filter(({ id }) => !this.#isAway(id));
  }

  get away() {
    return this.seated.filter(({ id }) => this.#isAway(id));
  }

  /** The first person whose phone is in reach: this phone has the Start button. A bot is no such person. */
  get first() {
    return this.here.find(({ bot }) => bot === null) ?? null;
  }

  /** Whose Start counts: the first person's or, where there is none, the first bot's. */
  get starter() {
    return this.first ?? this.here[0] ?? null;
  }

  byId(id) {
    return this.#byId.get(id) ?? null;
  }

  isAway(person) {
    return this.#isAway(person.id);
  }

  /**
   * Takes the name and the face that a phone asks for.
   * @param {number} id
   * @param {{ name?: unknown, face?: unknown }} hello
   * @param {number | null} [bot] the number of the bot that it is
   */
  welcome(id, hello, bot = null) {
    const person = this.byId(id) ?? { id, crowns: 0, isGone: false };
    this.#byId.set(id, person);
    person.bot = bot;
    // What the phone brings to what is shuffled. A phone of another program brings its name and face alone.
    person.luck = `${String(hello.luck ?? "")} ${String(hello.name)} ${String(hello.face)}`;
    person.name = this.#freeName(tidyName(hello.name) || "Nobody", person);
    person.face = this.#freeColor(isFace(hello.face) ? hello.face : (person.face ?? faceOf(person.name)), person);
  }

  leave(id) {
    const person = this.byId(id);
    if (person) person.isGone = true;
    return person;
  }

  /** Forgets the people that have left, once the TV no longer shows them. */
  forgetGone() {
    for (const { id, isGone } of this.known) if (isGone) this.#byId.delete(id);
  }

  /** The room was lost, and a new one counts its players from 1 again. */
  clear() {
    this.#byId.clear();
  }

  /** No two people have the same colour while colours are left: on the TV a colour stands for a person. */
  #freeColor = (face, self) => {
    const taken = new Set(this.seated.filter((person) => person !== self).map((person) => colorOf(person.face)));
    const free = COLORS.findIndex((color) => !taken.has(color));
    return taken.has(colorOf(face)) && free >= 0 ? withColor(face, free) : face;
  };

  #freeName = (name, self) => {
    const taken = new Set(this.seated.filter((person) => person !== self).map((person) => person.name.toLowerCase()));
    return freeName(name, (wanted) => taken.has(wanted));
  };
}
