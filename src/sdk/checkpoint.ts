/** A host's checkpoint: the game's value, and the players at the time. */
import { parseJson } from "./payload.ts";

export interface Checkpoint {
  readonly players: readonly number[];
  /** The game's value; absent if it saved `undefined`. */
  readonly value?: unknown;
}

/** A version of a game, as `createRoom` takes it. */
export type GameVersion = string | number | undefined;

/** The keyed checkpoint that holds the version of the others, as JSON. */
export const VERSION_KEY = "cw:version";

/** What is kept of a game: its players, its value, and its version where it has one. */
export function checkpointOf(players: readonly unknown[], value: unknown, version: GameVersion): string {
  return JSON.stringify({ players, value, version });
}

/** Whether keyed checkpoints are of this version of the game. A game without a version takes what there is. */
export function areOfVersion(keys: ReadonlyMap<string, string>, version: GameVersion): boolean {
  return version === undefined || keys.get(VERSION_KEY) === JSON.stringify(version);
}

/** `undefined` also for a checkpoint of another version. */
export function parseCheckpoint(data: string | undefined, version?: GameVersion): Checkpoint | undefined {
  const parsed = data === undefined ? undefined : parseJson(data)?.value;
  if (typeof parsed !== "object" || parsed === null) return undefined;
  const players: unknown = Reflect.get(parsed, "players");
  if (!Array.isArray(players)) return undefined; // Another program saved this checkpoint.
  if (version !== undefined && Reflect.get(parsed, "version") !== version) return undefined;
  return { players: players.filter((player) => typeof player === "number"), value: Reflect.get(parsed, "value") };
}
