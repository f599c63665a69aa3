/**
 * What members say: read, judged, handled and passed on, in the order in which each of them said it, however long the functions of the kind take. What is
 * refused is answered to its sender alone (P6.5).
 */
import { readEnvelope, type Envelope } from "../protocol/envelope.ts";
import { isLater, whenAnswered, type Eventually } from "../protocol/eventually.ts";
import { success, type Result } from "../protocol/result.ts";
import { toOwned } from "../room/borrowed-buffer.ts";
import type { FrameMemory } from "../room/frame-memory.ts";
import type { RoomKind } from "./define-room.ts";
import type { GameMember } from "./game-member.ts";
import type { GameRoom } from "./game-room.ts";
import type { HandlerCalls } from "./handler-calls.ts";
import type { RoomInfo } from "./hooks.ts";
import type { MemberHooks } from "./member-hooks.ts";
import type { Verdict } from "./message-answer.ts";
import { checkMessage } from "./message-schema.ts";

/** Frames of one member that wait before it is not read from, and how few have to be left before it is read from again. */
const MOST_WAITING = 64;
const FEW_WAITING = 16;
/** Frames refused in a row before the line ends. */
const MAX_STRIKES = 10;
const TOO_MANY_STRIKES = "Ten frames in a row were refused.";

/** What the messages need of their room. */
export interface MessageRoom extends GameRoom {
  readonly definition: RoomKind;
  readonly calls: HandlerCalls;
  /** What waits here counts there. */
  readonly memory: FrameMemory;
  /** What the program says about all rooms. */
  readonly hooks: MemberHooks | undefined;
  readonly info: RoomInfo;
  relay(from: GameMember, json: Uint8Array, to: readonly string[] | undefined): void;
  relayBytes(from: GameMember, data: Uint8Array): void;
  /** Answers a frame of this member. */
  answer(member: GameMember, code: string, message: string): void;
  /** Ends the line of a member that goes on sending what is refused. */
  strikeOut(member: GameMember, reason: string): void;
  /** Judges a token that the member has shown. */
  renew(member: GameMember, token: string): Eventually<void>;
  setPaused(member: GameMember, isPaused: boolean): void;
}

/** A text message: the JSON of its data, and whom it is for. */
interface TextMessage {
  readonly json: Uint8Array;
  readonly to: readonly string[] | undefined;
}

const NO_TEXT = "This room takes no text.";
const NO_BYTES = "This room takes no binary frames.";
const PASSED: Result<Verdict, unknown> = success({ is: "pass" });

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder("utf-8", { ignoreBOM: true });

export class IncomingMessages {
  readonly #room: MessageRoom;
  /** No function of the kind wants to see text: what relays it need not decode it. */
  readonly #isBlind: boolean;

  constructor(room: MessageRoom) {
    this.#room = room;
    const { relays = false, onMessage, message } = room.definition;
    const isWatched = room.hooks?.judgesMessages === true;
    this.#isBlind = relays && onMessage === undefined && message === undefined && !isWatched;
  }

  /** One frame of a member. The bytes may be a view. */
  receive(member: GameMember, frame: Uint8Array, isText: boolean): void {
    const { queue } = member;
    if (queue.isIdle && isText && this.#isBlind) return this.#readBlindly(member, frame);
    if (queue.isIdle) return queue.add(() => this.#read(member, frame, isText));
    const kept = { data: toOwned(frame) };
    this.#room.memory.take(kept);
    queue.add(() => {
      this.#room.memory.giveBack(kept);
      // What was not heard before the room ended, or its sender was kicked, is dropped.
      if (this.#isDropped(member)) return undefined;
      return this.#read(member, kept.data, isText);
    });
    if (queue.length > MOST_WAITING && !member.isPaused) this.#room.setPaused(member, true);
  }

  /** Messages of this member that others waited for are done. */
  caughtUp(member: GameMember): void {
    if (member.isPaused && member.queue.length <= FEW_WAITING) this.#room.setPaused(member, false);
  }

  #readBlindly(member: GameMember, frame: Uint8Array): void {
    const envelope = this.#open(member, frame);
    if (envelope?.data !== undefined) this.#passOn(member, envelope.data, envelope.to);
    else if (envelope?.token !== undefined) this.#renew(member, envelope.token);
  }

  #read(member: GameMember, frame: Uint8Array, isText: boolean): Eventually<void> {
    if (!isText) return this.#readBytes(member, frame);
    const envelope = this.#open(member, frame);
    if (envelope?.token !== undefined) return this.#room.renew(member, envelope.token);
    if (envelope?.data === undefined) return undefined;
    if (this.#isBlind) return this.#passOn(member, envelope.data, envelope.to);
    return this.#readText(member, envelope.data, envelope.to);
  }

  #readText(member: GameMember, view: Uint8Array, to: readonly string[] | undefined): Eventually<void> {
    const { onMessage, relays = false } = this.#room.definition;
    if (onMessage === undefined && !relays) return this.refuse(member, "invalid_message", NO_TEXT);
    const json = relays ? toOwned(view) : view;
    const data: unknown = JSON.parse(fromUtf8.decode(json));
    if (this.#room.hooks?.judgesMessages === true) return this.#judge(member, data, { json, to });
    return this.#handleText(member, data, json, to);
  }

  /** Asks the program about a message; what it makes of it goes on. */
  #judge(member: GameMember, data: unknown, text: TextMessage | undefined): Eventually<void> {
    const { hooks, info } = this.#room;
    const answer = hooks?.judge(info, member.info, data, text === undefined) ?? PASSED;
    return whenAnswered(answer, (judged) => {
      if (this.#isDropped(member)) return undefined;
      if (!judged.ok) return this.#tellOfMistake(member);
      const verdict = judged.value;
      switch (verdict.is) {
        case "pass":
          if (text !== undefined) return this.#handleText(member, data, text.json, text.to);
          return data instanceof Uint8Array ? this.#handleBytes(member, data) : undefined;
        case "replace":
          if (verdict.data instanceof Uint8Array) return this.#handleBytes(member, verdict.data);
          return this.#handleText(member, verdict.data, utf8.encode(verdict.json), text?.to);
        case "drop":
          member.strikes = 0;
          return undefined;
        case "refuse":
          return this.refuse(member, "refused", verdict.reason);
        default:
          return verdict satisfies never;
      }
    });
  }

  #handleText(
    member: GameMember,
    data: unknown,
    json: Uint8Array,
    to: readonly string[] | undefined,
  ): Eventually<void> {
    const { definition, calls } = this.#room;
    const { onMessage, relays = false, message: schema } = definition;
    if (onMessage === undefined && !relays) return this.refuse(member, "invalid_message", NO_TEXT);
    const checked = schema === undefined ? { ok: true as const, value: data } : checkMessage(schema, data, calls);
    return whenAnswered(checked, (result) => {
      if (this.#isDropped(member)) return undefined;
      if (!result.ok) {
        if (result.failure === undefined) return this.#tellOfMistake(member);
        return this.refuse(member, "invalid_message", result.failure);
      }
      member.strikes = 0;
      if (onMessage === undefined) return this.#passOn(member, json, to);
      return whenAnswered(
        calls.call("onMessage", () => definition.onMessage?.(this.#room, member, result.value)),
        (handled) => {
          if (!handled.ok) this.#tellOfMistake(member);
          else if (relays && !this.#isDropped(member)) this.#passOn(member, json, to);
        },
      );
    });
  }

  /** What a member says goes no further once the room is over, or has kicked it: with this message, or while it was thought about. */
  #isDropped({ endedBy }: GameMember): boolean {
    return this.#room.isClosed || endedBy === "kicked";
  }

  #readBytes(member: GameMember, view: Uint8Array): Eventually<void> {
    if (!this.#maySpeak(member)) return undefined;
    if (this.#room.hooks?.judgesMessages === true) return this.#judge(member, new Uint8Array(view), undefined);
    return this.#handleBytes(member, view);
  }

  #handleBytes(member: GameMember, view: Uint8Array): Eventually<void> {
    const { definition, calls } = this.#room;
    const { onBinary, relays = false } = definition;
    if (onBinary === undefined && !relays) return this.refuse(member, "invalid_message", NO_BYTES);
    member.strikes = 0;
    if (onBinary === undefined) return this.#room.relayBytes(member, view);
    const bytes = new Uint8Array(view);
    return whenAnswered(
      calls.call("onBinary", () => definition.onBinary?.(this.#room, member, bytes)),
      (handled) => {
        if (!handled.ok) this.#tellOfMistake(member);
        else if (relays && !this.#isDropped(member)) this.#room.relayBytes(member, bytes);
      },
    );
  }

  #open(member: GameMember, frame: Uint8Array): Envelope | undefined {
    const envelope = readEnvelope(frame);
    if (!envelope.ok) {
      this.refuse(member, "invalid_message", envelope.failure);
      return undefined;
    }
    return envelope.value.token !== undefined || this.#maySpeak(member) ? envelope.value : undefined;
  }

  #maySpeak(member: GameMember): boolean {
    if (member.role === "member" || this.#room.definition.spectatorsSpeak === true) return true;
    this.refuse(member, "unauthorized", "Spectators of this room may only listen.");
    return false;
  }

  #passOn(member: GameMember, json: Uint8Array, to: readonly string[] | undefined): void {
    member.strikes = 0;
    this.#room.relay(member, json, to);
  }

  /** Waits in the member's queue for the answer. */
  #renew(member: GameMember, token: string): void {
    const renewed = this.#room.renew(member, token);
    if (isLater(renewed)) member.queue.add(() => renewed);
  }

  /** Answers a frame that was refused; too many in a row end the line. */
  refuse(member: GameMember, code: string, message: string): void {
    this.#room.answer(member, code, message);
    member.strikes += 1;
    if (member.strikes >= MAX_STRIKES) this.#room.strikeOut(member, TOO_MANY_STRIKES);
  }

  #tellOfMistake(member: GameMember): void {
    this.#room.answer(member, "internal_error", "The room made a mistake with that.");
  }
}
