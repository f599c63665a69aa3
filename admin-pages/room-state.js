/** What a room is, and what it is doing, in words. */

/** `[tone, words]` of its state. */
export function stateOf({ hostAway, isLocked, isOpen }) {
  if (hostAway) return ["bad", "TV away"];
  if (isLocked) return ["warn", "Locked"];
  return isOpen ? ["good", "Open"] : ["", "Full"];
}

/** What is played in it: the game of a TV, or the kind of an open room, with its name where its code stands beside. */
export function gameOf({ kind, name, code }) {
  if (kind === "host") return name === null || name === "" ? "Unnamed game" : name;
  return code === null || name === null ? `Open room, ${kind}` : `${name}, ${kind}`;
}
