/** What the TV's SDK and the players' say to each other in frames of their own: events, requests, profiles, colours (P5.10). */
import { AGAIN, Conversation, eventText, isOwnRequest, PING, type SpeechOptions } from "./conversation.ts";
import { GAMES_REQUEST } from "./evening.ts";
import type { GameShape } from "./game-types.ts";
import type { ListenerOutcome } from "./listeners.ts";
import type { AskOptions } from "./open-asks.ts";
import { outgoingOf } from "./outgoing.ts";
import { usualColor } from "./player-colors.ts";
import { changeProfile, COLOR, PROFILE, readProfile, type ProfileChanges } from "./player-profile.ts";
import type { Player } from "./player.ts";
import type { FrameSendOptions } from "./reliable-connection.ts";
import type { Roster } from "./roster.ts";
import type { SdkFrame } from "./sdk-frames.ts";

/** What it needs of the room. */
export interface HostConversationPort<Game extends GameShape> {
  /** Sends a command; `false` after the end. */
  send(command: Uint8Array<ArrayBuffer>, options: FrameSendOptions): boolean;
  /** Calls the listeners of a game's event. */
  tell(name: string, player: Player<Game>, data: unknown): readonly ListenerOutcome[];
  /** A player's phone has said something else of it. */
  profileChanged(player: Player<Game>): void;
  /** A player's phone wants to go back to the games of the evening. */
  leadBack(player: Player<Game>): void;
  readonly random: () => number;
}

export class HostConversation<Game extends GameShape> {
  readonly #roster: Roster<Game>;
  readonly #port: HostConversationPort<Game>;
  readonly #conversation: Conversation<Player<Game>>;

  constructor(roster: Roster<Game>, port: HostConversationPort<Game>) {
    this.#roster = roster;
    this.#port = port;
    this.#conversation = new Conversation(
      {
        send: (player, text, options) => this.say(player, text, options),
        tell: (name, player, data) => port.tell(name, player, data),
        random: port.random,
      },
      new Map([
        [PING, () => null],
        [AGAIN, (player: Player<Game>) => this.askAgain(player)],
        [GAMES_REQUEST, (player: Player<Game>) => port.leadBack(player)],
        [PROFILE, (player: Player<Game>, data: unknown) => this.profileSaid(player, data)],
      ]),
    );
  }

  /** As `player.ask`. */
  ask<Data>(player: Player<Game>, name: string, data: unknown, options: AskOptions): Promise<Data> {
    return this.#conversation.ask(player, name, data, options);
  }

  /** Milliseconds to the player's phone and back. */
  async latency(player: Player<Game>): Promise<number> {
    const askedAt = performance.now();
    await this.#conversation.askOwn(player, PING);
    return performance.now() - askedAt;
  }

  /** A frame has arrived. What the SDK answers or waits for itself is dealt with at once; `false` for all else, which waits for its turn. */
  arrived(player: Player<Game>, frame: SdkFrame): boolean {
    if (this.#roster.setSdk(player)) this.tellColor(player);
    if (frame.cw === "reply") this.#conversation.answered(player, frame);
    else if (isOwnRequest(frame)) this.#conversation.happened(player, frame);
    else return false;
    return true;
  }

  /** An event or a request, in its turn. */
  happened(player: Player<Game>, frame: SdkFrame): void {
    this.#conversation.happened(player, frame);
  }

  /**
   * This page was loaded again: it has forgotten what the player's phone asked, and may be another game's than the one that told it its
   * colour.
   */
  meetAgain(player: Player<Game>): void {
    if (!this.#roster.isSdk(player)) return;
    this.tellColor(player);
    this.say(player, eventText(AGAIN, undefined), { isOwn: true });
  }

  /** As `player.setProfile`. A phone without the SDK is told nothing. */
  setProfile(player: Player<Game>, changes: ProfileChanges): void {
    const name = this.#roster.nameOf(player);
    const profile = changeProfile({ ...(name !== undefined && { name }), meta: player.meta }, changes);
    if (!this.#roster.setProfile(player, profile)) return;
    if (this.#roster.isSdk(player)) this.say(player, eventText(PROFILE, profile), { isOwn: true });
    this.#port.profileChanged(player);
  }

  /** The player's phone has forgotten what it was asked, or never heard it. */
  askAgain(player: Player<Game>): void {
    this.#conversation.askAgain(player);
  }

  /** The player has left, or the room is over. */
  end(player?: Player<Game>): void {
    this.#conversation.end(player);
  }

  private say(player: Player<Game>, text: string, { ttl, isOwn = false }: SpeechOptions): boolean {
    if (player.isGone) return false;
    const { frame, sending } = outgoingOf([player.id], text, ttl === undefined ? {} : { ttl });
    return this.#port.send(frame, { ...sending, isOwn });
  }

  private profileSaid(player: Player<Game>, data: unknown): void {
    const profile = readProfile(data);
    if (profile !== undefined && this.#roster.setProfile(player, profile)) this.#port.profileChanged(player);
  }

  /** A phone knows the usual colour of its id; of another one it is told, where it understands that. */
  private tellColor(player: Player<Game>): void {
    if (player.color === usualColor(player.id) || !this.#roster.isSdk(player)) return;
    const { frame } = outgoingOf([player.id], eventText(COLOR, player.color), { retain: COLOR });
    this.#port.send(frame, { isOwn: true });
  }
}
