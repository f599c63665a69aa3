/** What a listener of a room is told, with each player as its id. */
import { Player } from "../../src/sdk/player.ts";

export function withPlayerIds(values: readonly unknown[]): unknown[] {
  return values.map((value) => {
    if (value instanceof Player) return value.id;
    if (typeof value !== "object" || value === null || !("player" in value)) return value;
    return value.player instanceof Player ? { ...value, player: value.player.id } : value;
  });
}
