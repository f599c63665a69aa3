/** What a host saves: the game's value, and who was in the room when it was saved. */
import { parseJson } from "./payload.ts";

export interface Checkpoint {
  readonly players: readonly number[];
  /** The game's own; absent where it saved `undefined`. */
  readonly value?: unknown;
}

export function parseCheckpoint(data: string | Uint8Array): Checkpoint | undefined {
  const parsed = typeof data === "string" ? parseJson(data)?.value : undefined;
  if (typeof parsed !== "object" || parsed === null) return undefined;
  const players: unknown = Reflect.get(parsed, "players");
  if (!Array.isArray(players)) return undefined; // saved by something else than this SDK
  return { players: players.filter((player) => typeof player === "number"), value: Reflect.get(parsed, "value") };
}
