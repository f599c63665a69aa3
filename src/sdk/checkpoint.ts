/** A host's checkpoint: the game's value, and the players at the time. */
import { parseJson } from "./payload.ts";

export interface Checkpoint {
  readonly players: readonly number[];
  /** The game's value; absent if it saved `undefined`. */
  readonly value?: unknown;
}

export function parseCheckpoint(data: string | undefined): Checkpoint | undefined {
  const parsed = data === undefined ? undefined : parseJson(data)?.value;
  if (typeof parsed !== "object" || parsed === null) return undefined;
  const players: unknown = Reflect.get(parsed, "players");
  if (!Array.isArray(players)) return undefined; // Another program saved this checkpoint.
  return { players: players.filter((player) => typeof player === "number"), value: Reflect.get(parsed, "value") };
}
