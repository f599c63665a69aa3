/** The members of an open room that have a seat, by their seats and by their ids. */
import type { PlayerId } from "../protocol/commands.ts";
import type { GameMember } from "./game-member.ts";

export class MemberRoster {
  readonly #byPlayer = new Map<PlayerId, GameMember>();
  readonly #byId = new Map<string, GameMember>();

  /** In the order in which they came. */
  get all(): readonly GameMember[] {
    return [...this.#byPlayer.values()];
  }

  /** The same, without a list of its own. */
  [Symbol.iterator](): Iterator<GameMember> {
    return this.#byPlayer.values();
  }

  at(player: PlayerId): GameMember | undefined {
    return this.#byPlayer.get(player);
  }

  of(id: string): GameMember | undefined {
    return this.#byId.get(id);
  }

  /** The member has this seat from now on. */
  add(player: PlayerId, member: GameMember): void {
    member.player = player;
    this.#byPlayer.set(player, member);
    this.#byId.set(member.id, member);
  }

  /** Takes out the member that has this seat. */
  remove(player: PlayerId): void {
    const member = this.#byPlayer.get(player);
    if (member === undefined) return;
    this.#byPlayer.delete(player);
    this.#byId.delete(member.id);
  }
}
