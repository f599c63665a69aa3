import { charactersOf, tidyText } from "./characters.js";

/** The names of players. */
export const NAME_LENGTH = 12;

/** A name without control characters and heaps of accents, of at most twelve characters. */
export const tidyName = (value) => tidyText(value, NAME_LENGTH);

/** Two Adas become "Ada" and "Ada 2". `isTaken` is asked for names in lower case. */
export function freeName(name, isTaken) {
  if (!isTaken(name.toLowerCase())) return name;
  for (let number = 2; ; number++) {
    const ending = ` ${number}`;
    const start = charactersOf(name)
      .slice(0, NAME_LENGTH - ending.length)
      .join("")
      .trim();
    if (!isTaken(`${start}${ending}`.toLowerCase())) return `${start}${ending}`;
  }
}

/** A name of this length and longer is set smaller. */
const LONG_NAME = 8;

export const isLongName = (name) => charactersOf(name).length > LONG_NAME;
