/** The bots of a room: those with seats of their own, and those that play for members that are away. */
import type { AdmissionOutcome } from "../admission/connect-request.ts";
import type { MemberPort, MemberRequest } from "../admission/member-rooms.ts";
import { CLOSE_CODES } from "../protocol/close-codes.ts";
import { isLater, whenAnswered, type Eventually } from "../protocol/eventually.ts";
import type { FrameMemory } from "../room/frame-memory.ts";
import type { Cancel, Clock, Message } from "../room/ports.ts";
import { eventsEncoder, type MemberNews } from "../session/member-encoder.ts";
import type { Audience } from "./announcer.ts";
import { sayForBot, tellBot } from "./bot-frames.ts";
import { BotPlayer } from "./bot-player.ts";
import { BotPort } from "./bot-port.ts";
import type { Bot, StandIn } from "./bot.ts";
import type { GameMember } from "./game-member.ts";
import type { Json, Member } from "./game-room.ts";
import type { HandlerCalls } from "./handler-calls.ts";

/** What the bots need of their room. */
export interface BotRoom {
  readonly isClosed: boolean;
  readonly calls: HandlerCalls;
  /** What bots were told and have not reacted to counts here. */
  readonly memory: FrameMemory;
  readonly members: readonly GameMember[];
  member(id: string): GameMember | undefined;
  /** Lets a bot in, as any other member. */
  admit(port: MemberPort, request: MemberRequest): Eventually<AdmissionOutcome>;
  /** The member of this id, also while the kind is asked whether it may come in. */
  memberOrNewcomer(id: string): GameMember | undefined;
  /** Takes a frame as if this member had said it. */
  receive(member: GameMember, frame: Uint8Array, isText: boolean): void;
  /** The newest frames that are kept by their names with this member's seat. */
  retainedFor(member: GameMember): readonly Message[];
}

export interface RoomBotsOptions {
  readonly room: BotRoom;
  readonly standIn: StandIn | undefined;
  readonly clock: Clock;
  /** From 0 up to 1, without 1. */
  readonly random: () => number;
}

/** Messages of a stand-in that wait until the room has handled those before. */
const MAX_UNHANDLED = 64;

export class RoomBots {
  readonly #options: RoomBotsOptions;
  readonly #standIns = new Map<GameMember, BotPlayer>();
  /** Members that a stand-in will play for. */
  readonly #waiting = new Map<GameMember, Cancel>();
  #lastBot = 0;

  constructor(options: RoomBotsOptions) {
    this.#options = options;
  }

  /** Seats a bot, or lets it play the seat of an away member. Throws with a sentence where that cannot be. */
  add(bot: Bot, { for: absent, name = bot.name }: { readonly for?: Member; readonly name?: string }): Member {
    if (this.#options.room.isClosed) throw new Error("The room is closed.");
    if (absent === undefined) return this.#seat(bot, name);
    const member = this.#options.room.member(absent.id);
    if (member === undefined || member !== absent) throw new Error(`${absent.id} is no member of this room.`);
    if (member.role === "spectator") throw new Error(`${absent.id} is a spectator and has no seat.`);
    // It may be back already when the program hears that it is away.
    if (!member.isConnected) this.#play(bot, member);
    return member;
  }

  /** The others are told that this member is away. */
  away(member: GameMember): void {
    const { standIn, clock } = this.#options;
    if (standIn === undefined || member.isBot || member.role === "spectator" || this.#standIns.has(member)) return;
    this.#forget(member);
    const cancel = clock.after(standIn.afterMs, () => {
      this.#waiting.delete(member);
      if (!member.isConnected) this.#play(standIn.bot, member);
    });
    this.#waiting.set(member, cancel);
  }

  /** This member is back, or has left: its seat is its own again. */
  giveBack(member: GameMember): void {
    this.#forget(member);
    this.#standIns.get(member)?.end();
    this.#standIns.delete(member);
  }

  /** Tells stand-ins what the members that they play for are told. */
  overhear(news: MemberNews, to: Audience, except: GameMember | undefined): void {
    if (this.#standIns.size === 0) return;
    let frame: Message | undefined;
    for (const [member, player] of this.#standIns) {
      if (member === except || (to !== "all" && !to.includes(member))) continue;
      frame ??= eventsEncoder.encode(news);
      if (frame !== undefined) tellBot(player, frame.data, frame.isText);
    }
  }

  /** Tells the stand-in of this member that what it said was refused. `false` where none plays for the member. */
  refuse(member: GameMember, code: string, message: string): boolean {
    const player = this.#standIns.get(member);
    player?.refuse(code, message);
    return player !== undefined;
  }

  /** A stand-in plays this seat. */
  playsFor(member: GameMember): boolean {
    return this.#standIns.has(member);
  }

  /** The room is over. Bots with seats of their own hear that from their connections. */
  close(): void {
    for (const member of [...this.#waiting.keys(), ...this.#standIns.keys()]) this.giveBack(member);
  }

  #forget(member: GameMember): void {
    this.#waiting.get(member)?.();
    this.#waiting.delete(member);
  }

  #seat(bot: Bot, name: string): Member {
    const { room, clock, random } = this.#options;
    do this.#lastBot += 1;
    while (room.memberOrNewcomer(`bot-${this.#lastBot}`) !== undefined);
    const id = `bot-${this.#lastBot}`;
    const port = new BotPort(
      (data, isText) => tellBot(player, data, isText),
      () => player.end(),
    );
    const seat = {
      id,
      name,
      send: (data: Json, to: readonly string[] | undefined) =>
        sayForBot((frame, isText) => port.say(frame, isText), data, to),
      leave: () => port.leave(),
    };
    const player = new BotPlayer(bot, seat, {
      calls: room.calls,
      clock,
      random,
      count: (bytes) => room.memory.count(bytes),
    });
    let refusal: string | undefined;
    const outcome = room.admit(port, requestOf(id, name));
    const isAsked = isLater(outcome);
    void whenAnswered(outcome, (answer) => {
      if (answer.at !== "refused") {
        port.admitted(answer.handler);
        return;
      }
      port.close();
      refusal = answer.reason ?? CLOSE_CODES[answer.name].reason;
      if (isAsked) room.calls.report(`addBot(${name})`, new Error(refusal));
    });
    if (refusal !== undefined) throw new Error(refusal);
    const member = room.memberOrNewcomer(id);
    if (member === undefined) throw new Error("The bot did not get in."); // the kind has kicked it at once
    return member;
  }

  #play(bot: Bot, member: GameMember): void {
    const { room, clock, random } = this.#options;
    this.giveBack(member); // one stand-in at a time
    const seat = {
      id: member.id,
      name: member.name,
      send: (data: Json, to: readonly string[] | undefined) => {
        if (member.queue.length >= MAX_UNHANDLED)
          throw new RangeError(
            `${MAX_UNHANDLED} messages of ${member.id} wait already: the room takes no more for now.`,
          );
        sayForBot((frame, isText) => room.receive(member, frame, isText), data, to);
      },
      leave: () => this.giveBack(member),
    };
    const player = new BotPlayer(bot, seat, {
      calls: room.calls,
      clock,
      random,
      count: (bytes) => room.memory.count(bytes),
    });
    this.#standIns.set(member, player);
    player.join();
    for (const { data, isText } of room.retainedFor(member)) if (isText) tellBot(player, data, isText);
  }
}

function requestOf(id: string, name: string): MemberRequest {
  return {
    room: { by: "name", name: "" }, // the room is known
    mayOpen: false,
    id,
    role: "member",
    name,
    pin: undefined,
    data: undefined,
    session: { sessionHash: undefined, isReliable: false },
    encoder: eventsEncoder,
    transport: "local",
    address: id, // each is a network of its own
    visitor: id,
    user: undefined,
    renew: undefined,
  };
}
