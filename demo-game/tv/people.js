import { COLORS, colorOf, isFace, randomFace, withColor } from "../avatar.js";
import { freeName, tidyName } from "../names.js";

/**
 * Who is at the party. A person is a player of the room, by the same id: whatever becomes of their line (a reload, a
 * lost network, another phone) the seat stays theirs, and with it name, face and crowns.
 */
export class People {
  #byId = new Map();
  #isAway;

  /**
   * @param {(id: number) => boolean} isAway whether the line of this player is down
   * @param {{ id: number, name: string, face: string, crowns: number, isGone: boolean }[]} [known] as `known` once told
   */
  constructor(isAway, known = []) {
    this.#isAway = isAway;
    for (const person of known) this.#byId.set(person.id, person);
  }

  /** Everybody who ever came, those who have left too: the last game may still tell of them. */
  get known() {
    return [...this.#byId.values()];
  }

  /** Everybody who has a seat, in the order in which they came. */
  get seated() {
    return this.known.filter((person) => !person.isGone);
  }

  /** Those of them whose phone is in reach. */
  get here() {
    return this.seated.filter(({ id }) => !this.#isAway(id));
  }

  get away() {
    return this.seated.filter(({ id }) => this.#isAway(id));
  }

  /** Who decides on the phone: the first who is here. */
  get first() {
    return this.here[0] ?? null;
  }

  byId(id) {
    return this.#byId.get(id) ?? null;
  }

  isAway(person) {
    return this.#isAway(person.id);
  }

  /**
   * A phone says who it is, or who it wants to be from now on.
   * @param {number} id
   * @param {{ name?: unknown, face?: unknown }} hello
   */
  welcome(id, hello) {
    const person = this.byId(id) ?? { id, crowns: 0, isGone: false };
    this.#byId.set(id, person);
    person.name = this.#freeName(tidyName(hello.name) || "Nobody", person);
    person.face = this.#freeColor(isFace(hello.face) ? hello.face : randomFace(), person);
  }

  leave(id) {
    const person = this.byId(id);
    if (person) person.isGone = true;
    return person;
  }

  /** Nothing on the TV tells of those any more who have left. */
  forgetGone() {
    for (const { id, isGone } of this.known) if (isGone) this.#byId.delete(id);
  }

  /** The room was lost, and a new one counts its players from 1 again. */
  clear() {
    this.#byId.clear();
  }

  /** As long as there are colours left, no two people have the same: on the TV a colour is a person. */
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
