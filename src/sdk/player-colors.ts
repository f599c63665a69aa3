/** The colours of players. */

/**
 * Twelve, of which white text can be read on each, told apart by people with any kind of colour vision, and seen on dark and on light
 * ground. The first six are of six names.
 */
export const PLAYER_COLORS: readonly string[] =
  "#e01c00 #1c70ee #007e00 #c42ac4 #005446 #a86262 #5400c4 #b60070 #62629a #8c0e00 #0000fc #7e008c".split(" ");

/** The colour that a player of this id has unless another one in the room has it already; a phone knows it without being told. */
export function usualColor(id: number): string {
  const count = PLAYER_COLORS.length;
  return PLAYER_COLORS[(((id - 1) % count) + count) % count] ?? "";
}

/** The colour of a newcomer: the usual one, or the first that no player in the room has. */
export function colorOf(id: number, isTaken: (color: string) => boolean): string {
  const usual = usualColor(id);
  return isTaken(usual) ? (PLAYER_COLORS.find((color) => !isTaken(color)) ?? usual) : usual;
}
