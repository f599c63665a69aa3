/** What one game's page hands over to the next, beside the session and its notes. */

/** The name of the launcher's room, which `/tv` opens. */
export const LAUNCHER_GAME = "tv";

export interface EveningNotes {
  /** The page is the first of its game: to the game the room is a new one, in which the players already are. */
  readonly isNew: boolean;
  /** Players whose phones may lead back to the launcher: the first of them that is in the room does. */
  readonly remote: readonly number[];
}

/** `undefined` where nothing was handed over. */
export function parseEveningNotes(stored: unknown): EveningNotes | undefined {
  if (typeof stored !== "object" || stored === null) return undefined;
  const remote: unknown = Reflect.get(stored, "remote");
  return {
    isNew: Reflect.get(stored, "isNew") === true,
    remote: Array.isArray(remote) ? remote.filter((player) => typeof player === "number") : [],
  };
}
