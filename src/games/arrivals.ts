/**
 * How members come into an open room: a place is kept free, the kind is asked (`onJoin`), the newcomer takes its seat and hears `joined` and the past, and
 * then the others hear of it (P6.6, P6.7). A newcomer that is refused was never there.
 */
import { rejected, type AdmissionOutcome } from "../admission/connect-request.ts";
import type { MemberPort, MemberRequest } from "../admission/member-rooms.ts";
import { siteOf } from "../hub/ip-prefix.ts";
import type { CloseName } from "../protocol/close-codes.ts";
import { isLater, whenAnswered, type Eventually } from "../protocol/eventually.ts";
import { success, type Result } from "../protocol/result.ts";
import type { JoinRequest } from "../room/player-manager.ts";
import type { Room } from "../room/room.ts";
import type { SeatConnection } from "../room/seat.ts";
import type { RoomKind } from "./define-room.ts";
import type { GameMember } from "./game-member.ts";
import type { GameRoom, JoinAnswer, Role } from "./game-room.ts";
import type { HandlerCalls } from "./handler-calls.ts";
import type { RoomInfo } from "./hooks.ts";
import type { MemberHooks } from "./member-hooks.ts";

/** A member that wants in. */
export interface ArrivalRequest extends MemberRequest {
  /** It has opened the room. */
  readonly isOpener?: boolean;
}

/** What the arrivals need of their room. */
export interface ArrivalRoom extends GameRoom {
  readonly definition: RoomKind;
  readonly calls: HandlerCalls;
  readonly room: Room;
  /** What the program says about all rooms. */
  readonly hooks: MemberHooks | undefined;
  readonly info: RoomInfo;
  /** A new member that has no seat yet. */
  newMember(id: string, role: Role, request: ArrivalRequest): GameMember;
  /** The member whose session this is. */
  memberOf(sessionHash: string | undefined): GameMember | undefined;
  /** Does something, and holds back what it says meanwhile. */
  hold<T>(action: () => T): T;
  /** The newcomer has its seat: it is told so, and the others of it. */
  seated(member: GameMember, connection: SeatConnection, request: ArrivalRequest): void;
  /** A member has a new line. */
  returned(member: GameMember, request: ArrivalRequest): void;
  /** Whether the newcomer is let in without the PIN. */
  needsNoPin(request: MemberRequest): boolean;
  /** Why a program has banned the peer, which may have happened while the kind was asked; `undefined` where it has not. */
  banOf(request: MemberRequest): AdmissionOutcome | undefined;
  /** An arrival is over; the room may be empty. */
  arrivalsChanged(): void;
}

/** A newcomer about which the kind is asked. */
interface Asked {
  readonly member: GameMember;
  readonly request: ArrivalRequest;
  /** Why the room does not want it any more. */
  refusal: AdmissionOutcome | undefined;
  /** Ends the wait for the answer. */
  goOn: (() => void) | undefined;
}

const OPENER = "p0";
const NOT_ALLOWED = "You may not come in here.";
const ANYONE: Result<JoinAnswer, unknown> = success(undefined);
const TOO_MANY_JOINS = "Too many came here at once. Come back in a few seconds.";
const TOO_MANY_RETURNS = "You came back too often. Come back in a few seconds.";

export class Arrivals {
  readonly #room: ArrivalRoom;
  /** Newcomers that the kind has not answered yet, by id. */
  readonly #asked = new Map<string, Asked>();
  /** Arrivals under way, by session: one that shows the same session waits for it. */
  readonly #underWay = new Map<string, PromiseLike<unknown>>();
  /** Newcomers that find no seat while others might not take theirs. */
  #waiting: (() => void)[] = [];
  #reservedSeats = 0;
  #count = 0;
  #lastGuest = 0;

  /** `lastGuest`: the number of the last guest that had one before. */
  constructor(room: ArrivalRoom, lastGuest = 0) {
    this.#room = room;
    this.#lastGuest = lastGuest;
  }

  /** The number of the last guest. */
  get lastGuest(): number {
    return this.#lastGuest;
  }

  /** Arrivals under way. */
  get count(): number {
    return this.#count;
  }

  /** A newcomer of this id, until it is in the room or refused. */
  get(id: string): GameMember | undefined {
    return this.#asked.get(id)?.member;
  }

  /** Kicks a newcomer: it is refused, whatever the kind answers. */
  kick({ id }: GameMember, reason: string | undefined, ban: boolean): void {
    const asked = this.#asked.get(id);
    if (asked === undefined) return;
    if (ban) this.#room.room.players?.banNewcomer(this.#joinRequestOf(asked.request, asked.member.role));
    turnAway(asked, rejected("kicked", reason));
  }

  /** The room is over: no newcomer waits for the kind. */
  close(name: CloseName): void {
    for (const asked of this.#asked.values()) turnAway(asked, rejected(name));
  }

  /** A member wants in: a newcomer, or one that comes back to its seat. */
  join(port: MemberPort, request: ArrivalRequest): Eventually<AdmissionOutcome> {
    if (this.#room.isClosed) return rejected("room_not_found");
    const { sessionHash } = request.session;
    const own = this.#room.memberOf(sessionHash);
    if (own !== undefined) return this.#comeBack(own, port, request);
    const underWay = sessionHash === undefined ? undefined : this.#underWay.get(sessionHash);
    if (underWay !== undefined) return underWay.then(() => this.join(port, request));
    const outcome = this.#arrive(port, request);
    if (!isLater(outcome) || sessionHash === undefined) return outcome;
    const forget = (): void => void this.#underWay.delete(sessionHash);
    this.#underWay.set(sessionHash, outcome.then(forget, forget));
    return outcome;
  }

  #comeBack(member: GameMember, port: MemberPort, request: ArrivalRequest): AdmissionOutcome {
    const before = member.encoder;
    member.encoder = request.encoder; // what it is told first is in the words of its new line
    const joined = this.#room.room.join(port, this.#joinRequestOf(request, member.role));
    if (!joined.ok) {
      member.encoder = before;
      return rejected(joined.failure, joined.failure === "rate_limited" ? TOO_MANY_RETURNS : undefined);
    }
    member.encoder = before;
    this.#room.returned(member, request);
    return { at: "admitted", handler: joined.value };
  }

  #arrive(port: MemberPort, request: ArrivalRequest): Eventually<AdmissionOutcome> {
    const { definition, room, maxPlayers } = this.#room;
    const wanted = request.role ?? "member";
    const mayWait = request.transport !== "local"; // who adds a bot is told at once whether it has a seat
    const mayBeFull = wanted === "member" && room.playerCount + this.#reservedSeats >= maxPlayers;
    if (mayBeFull && mayWait && this.#reservedSeats > 0) {
      // Some that have a place kept may be refused: then it is this one's turn.
      this.#count += 1;
      return new Promise<void>((resolve) => this.#waiting.push(resolve)).then(() => {
        this.#count -= 1;
        const outcome = this.#room.isClosed ? rejected("room_closed") : this.#arrive(port, request);
        this.#room.arrivalsChanged();
        return outcome;
      });
    }
    if (request.id !== undefined && this.#isTaken(request.id))
      return rejected("bad_request", "Another member of this room has that id.");

    const first = this.#reserve(request, wanted);
    const hasNoSeat = first === "room_full" || first === "room_locked";
    const isWatching = hasNoSeat && wanted === "member" && definition.overflow === "spectator";
    const refusal = isWatching ? this.#reserve(request, "spectator") : first;
    if (refusal !== undefined) return refused(refusal);
    return this.#ask(port, request, isWatching ? "spectator" : wanted);
  }

  /** Asks the kind. The newcomer has a place that is kept free. */
  #ask(port: MemberPort, request: ArrivalRequest, role: Role): Eventually<AdmissionOutcome> {
    const id = request.id ?? this.#nextGuest(request.isOpener === true);
    const member = this.#room.newMember(id, role, request);
    this.#count += 1;
    const asked: Asked = { member, request, refusal: undefined, goOn: undefined };
    this.#asked.set(id, asked);
    // What the kind says in the same breath is said when the newcomer is in, so that it hears it too.
    return this.#room.hold(() => {
      const answer = this.#answerOf(member, request);
      if (asked.refusal !== undefined) return this.#end(member, request, asked.refusal);
      if (!isLater(answer)) return this.#settle(member, port, request, answer);
      const turnedAway = new Promise<undefined>((resolve) => (asked.goOn = () => resolve(undefined)));
      return Promise.race([answer, turnedAway]).then((late) => {
        if (late === undefined) return this.#end(member, request, asked.refusal ?? rejected("room_closed"));
        return whenAnswered(port.isStillThere?.() ?? true, (isStillThere) => {
          if (!isStillThere) return this.#end(member, request, rejected("normal"));
          if (asked.refusal !== undefined) return this.#end(member, request, asked.refusal);
          return this.#room.hold(() => this.#settle(member, port, request, late));
        });
      });
    });
  }

  /** The program is asked first, and then the kind; the kind's word about the role counts. Bots are the program's own. */
  #answerOf(member: GameMember, { data, transport }: MemberRequest): Eventually<Result<JoinAnswer, unknown>> {
    const { definition, calls, hooks, info } = this.#room;
    const ofHook = transport === "local" ? undefined : hooks?.mayJoin(info, member.info, data);
    return whenAnswered(ofHook ?? ANYONE, (hooked) => {
      if (!hooked.ok || typeof hooked.value === "string") return hooked;
      return whenAnswered(
        calls.call("onJoin", () => whenAnswered(definition.onJoin?.(this.#room, member, { data }), readAnswer)),
        (answer) => (answer.ok && answer.value === undefined ? hooked : answer),
      );
    });
  }

  /** The kind has answered: the newcomer takes its seat, or is refused. */
  #settle(
    member: GameMember,
    port: MemberPort,
    request: ArrivalRequest,
    answer: Result<JoinAnswer, unknown>,
  ): AdmissionOutcome {
    if (!answer.ok) return this.#end(member, request, rejected("internal_error"));
    if (typeof answer.value === "string")
      return this.#end(member, request, rejected("unauthorized", answer.value || NOT_ALLOWED));
    if (this.#room.isClosed) return this.#end(member, request, rejected("room_closed"));
    const ban = this.#room.banOf(request);
    if (ban !== undefined) return this.#end(member, request, ban);
    const role = answer.value?.role ?? member.role;
    if (role !== member.role) {
      this.#release(request, member.role);
      member.role = role;
      const noPlace = this.#reserve(request, role);
      if (noPlace !== undefined) return this.#end(member, request, refused(noPlace), false);
    }
    this.#count -= 1;
    this.#asked.delete(member.id);
    if (role === "member") this.#reservedSeats -= 1;
    request.onAdmitted?.();
    const seated = this.#room.room.seat(port, this.#joinRequestOf(request, role));
    if (seated.ok) this.#room.seated(member, seated.value, request);
    this.#callNext();
    if (!seated.ok) return rejected(seated.failure);
    return { at: "admitted", handler: seated.value };
  }

  /** The newcomer is refused. */
  #end(member: GameMember, request: ArrivalRequest, outcome: AdmissionOutcome, hasPlace = true): AdmissionOutcome {
    this.#count -= 1;
    this.#asked.delete(member.id);
    if (hasPlace) this.#release(request, member.role);
    if (member.id === `p${this.#lastGuest}`) this.#lastGuest -= 1; // the next guest gets the number
    this.#callNext();
    this.#room.arrivalsChanged();
    return outcome;
  }

  #reserve(request: ArrivalRequest, role: Role): CloseName | undefined {
    const refusal = this.#room.room.reserve(this.#joinRequestOf(request, role));
    if (refusal === undefined && role === "member") this.#reservedSeats += 1;
    return refusal;
  }

  #release(request: ArrivalRequest, role: Role): void {
    this.#room.room.release(this.#joinRequestOf(request, role));
    if (role === "member") this.#reservedSeats -= 1;
  }

  /** A place may be free, or none will be: those that wait for one look again. */
  #callNext(): void {
    const { room, maxPlayers } = this.#room;
    if (this.#reservedSeats > 0 && room.playerCount + this.#reservedSeats >= maxPlayers) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const goOn of waiting) goOn();
  }

  #joinRequestOf(request: MemberRequest, role: Role): JoinRequest {
    const { session, user, tokenSessionHash, shownSessionHash, name, visitor, address } = request;
    const { sessionHash, isReliable, received, epoch, attempt } = session;
    return {
      sessionHash,
      isReliable,
      received,
      epoch,
      attempt,
      user,
      tokenSessionHash,
      shownSessionHash,
      name,
      pin: request.pin,
      needsNoPin: this.#room.needsNoPin(request),
      visitor,
      network: siteOf(address),
      isSpectator: role === "spectator",
    };
  }

  #isTaken(id: string): boolean {
    return this.#room.member(id) !== undefined || this.#asked.has(id);
  }

  /** `p1`, `p2`, …: ids that no member has. What opens the room is `p0`, so that the first to join is `p1`. */
  #nextGuest(isOpener: boolean): string {
    if (isOpener && !this.#isTaken(OPENER)) return OPENER;
    do this.#lastGuest += 1;
    while (this.#isTaken(`p${this.#lastGuest}`));
    return `p${this.#lastGuest}`;
  }
}

/** What `onJoin` has answered. Plain JavaScript may give `true` and `false` as well. Throws where it is nothing of that. */
function readAnswer(answer: unknown): JoinAnswer {
  if (answer === undefined || answer === null || answer === true) return undefined;
  if (answer === false) return NOT_ALLOWED;
  if (typeof answer === "string") return answer;
  const role: unknown = typeof answer === "object" && "role" in answer ? answer.role : undefined;
  if (role === "member" || role === "spectator") return { role };
  throw new TypeError('onJoin returns nothing, a sentence that refuses, or { role: "member" | "spectator" }.');
}

function turnAway(asked: Asked, refusal: AdmissionOutcome): void {
  asked.refusal ??= refusal;
  asked.goOn?.();
}

function refused(name: CloseName): AdmissionOutcome {
  return rejected(name, name === "rate_limited" ? TOO_MANY_JOINS : undefined);
}
