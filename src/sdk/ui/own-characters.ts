/** No two players of a room have the same character while others are free. */
import { avatarOf, AVATARS, avatarPlace } from "./avatars.ts";
import type { ShownPlayer } from "./ports.ts";

/**
 * Gives the player the next free character where another one of these players has the same, as `<cw-lobby>` does at the event `profile`. No
 * two then have the same one while others are free.
 */
export function ownCharacter(player: ShownPlayer, players: readonly ShownPlayer[]): void {
  const others = players.filter(({ id }) => id !== player.id);
  const taken = new Set(others.map((other) => avatarPlace(avatarOf(other))));
  const place = avatarPlace(avatarOf(player));
  if (!taken.has(place)) return;
  const next = AVATARS.map((_, step) => avatarPlace(place + step)).find((avatar) => !taken.has(avatar));
  if (next !== undefined) player.setProfile?.({ avatar: next });
}
