/**
 * Tells the members of a room. Each member hears everything in the order in which it was said, whether it was for all or for a few: what is said while
 * something else is being told waits until that is over.
 */
import type { PlayerId } from "../protocol/commands.ts";
import { toOwned } from "../room/borrowed-buffer.ts";
import type { HostedPlayers } from "../room/room.ts";
import type { MemberEncoder, MemberNews } from "../session/member-encoder.ts";
import type { GameMember } from "./game-member.ts";

/** All members with a seat, or these. */
export type Audience = "all" | readonly GameMember[];

/** Is told what members are told, for those that are away. */
export interface NewsListener {
  overhear(news: MemberNews, to: Audience, except: GameMember | undefined): void;
}

export class Announcer {
  readonly #players: () => HostedPlayers | undefined;
  /** Players by what they speak: for each encoder the news is encoded once. */
  readonly #groups = new Map<MemberEncoder, Set<PlayerId>>();
  readonly #remember: (from: string, json: Uint8Array) => void;
  readonly #listener: NewsListener;
  /** What waits until what is under way is over. */
  #held: (() => void)[] | undefined;

  /** `players`: of the room, while it is open. `remember` keeps what was said to all; the bytes may be a view. */
  constructor(
    players: () => HostedPlayers | undefined,
    remember: (from: string, json: Uint8Array) => void,
    listener: NewsListener,
  ) {
    this.#players = players;
    this.#remember = remember;
    this.#listener = listener;
  }

  /** From now on the player gets what is for all, in the words of this encoder. */
  add(player: PlayerId, encoder: MemberEncoder): void {
    const group = this.#groups.get(encoder) ?? new Set();
    this.#groups.set(encoder, group.add(player));
  }

  remove(player: PlayerId, encoder: MemberEncoder): void {
    const group = this.#groups.get(encoder);
    if (group?.delete(player) === true && group.size === 0) this.#groups.delete(encoder);
  }

  /** Tells some, or all but one. A newcomer without a seat hears it once it has one. */
  say(news: MemberNews, to: Audience, except?: GameMember, retain?: string): void {
    if (this.#held === undefined) {
      this.#held = [];
      try {
        this.#tell(news, to, except, retain);
      } finally {
        this.#release();
      }
    } else {
      const kept = owned(news);
      this.#held.push(() => this.#tell(kept, to, except, retain));
    }
  }

  /** As `say`, before what is held: what a newcomer hears first, and what others hear of it. */
  sayFirst(news: MemberNews, to: Audience, except?: GameMember, retain?: string): void {
    this.#tell(news, to, except, retain);
  }

  /** Does something; what it says to members waits until it is done. */
  hold<T>(action: () => T): T {
    if (this.#held !== undefined) return action();
    this.#held = [];
    try {
      return action();
    } finally {
      this.#release();
    }
  }

  /** Does something now, or once what is under way is over. */
  do(action: () => void): void {
    if (this.#held === undefined) this.hold(action);
    else this.#held.push(action);
  }

  #release(): void {
    const held = this.#held ?? [];
    try {
      // What is said meanwhile is appended, so this goes on until nothing waits.
      for (let next = held.shift(); next !== undefined; next = held.shift()) next();
      this.#held = undefined;
    } finally {
      if (this.#held !== undefined) this.#release(); // one has thrown: the others are said all the same
    }
  }

  #tell(news: MemberNews, to: Audience, except: GameMember | undefined, retain: string | undefined): void {
    const players = this.#players();
    if (players === undefined) return;
    this.#listener.overhear(news, to, except);
    if (to !== "all") return this.#tellSome(players, news, to, retain);
    if (news.news === "text") this.#remember(news.from, news.json);
    for (const [encoder, group] of this.#groups) {
      const message = encoder.encode(news);
      if (message !== undefined) players.deliver(group, message, except?.player, retain);
    }
  }

  #tellSome(players: HostedPlayers, news: MemberNews, to: readonly GameMember[], retain: string | undefined): void {
    const groups = new Map<MemberEncoder, PlayerId[]>();
    for (const member of to) {
      if (member.player === undefined) {
        member.hearEarly({ news: owned(news), retain });
        continue;
      }
      const group = groups.get(member.encoder);
      if (group === undefined) groups.set(member.encoder, [member.player]);
      else group.push(member.player);
    }
    for (const [encoder, group] of groups) {
      const message = encoder.encode(news);
      if (message !== undefined) players.deliver(group, message, undefined, retain);
    }
  }
}

/** The same news, fit to be kept. */
function owned(news: MemberNews): MemberNews {
  if (news.news === "text") return { ...news, json: toOwned(news.json) };
  if (news.news === "bytes") return { ...news, data: toOwned(news.data) };
  return news;
}
