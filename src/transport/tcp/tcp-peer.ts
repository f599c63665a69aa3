/**
 * What one client over TCP says, and which open room it is in (P7): at most one at a time. The handler of its connection from its arrival to its end; what the
 * room wants to know of the connection goes on to the seat.
 */
import { randomUUID } from "node:crypto";
import { hashOfUser } from "../../admission/authorize.ts";
import { rejected, type AdmissionOutcome, type Rejection } from "../../admission/connect-request.ts";
import { joinByCode } from "../../admission/join-by-code.ts";
import type { MemberRequest, MemberRooms } from "../../admission/member-rooms.ts";
import { LineToken } from "../../admission/line-token.ts";
import { NO_TOKENS, type TokenGate } from "../../admission/token-gate.ts";
import { isForRoom, isWatcher, OTHER_ROOM, refusalOfRole, type NamedRoom } from "../../admission/token-roles.ts";
import { hashSecret } from "../../hub/hash-secret.ts";
import type { Hub, LookUp } from "../../hub/hub.ts";
import { networkOf } from "../../hub/ip-prefix.ts";
import { CLOSE_CODES, type CloseName } from "../../protocol/close-codes.ts";
import { parseDisplayName } from "../../protocol/display-name.ts";
import { isLater, whenAnswered, type Eventually } from "../../protocol/eventually.ts";
import { decodeClientMessage, encodeServerMessage, type ClientMessage } from "../../protocol/ghost-sync/messages.ts";
import { parseMemberQuery } from "../../protocol/peer-query.ts";
import { failure, success, type Result } from "../../protocol/result.ts";
import { isDrawnCode } from "../../protocol/room-code.ts";
import { PlayerRateLimiter, type PlayerRateLimits } from "../../room/player-rate-limiter.ts";
import type { ConnectionHandler, DepartureReason, PeerIds } from "../../room/ports.ts";
import type { MemberEncoder } from "../../session/member-encoder.ts";
import type { OtherRooms } from "./other-rooms.ts";
import { readRoomAddress, type RoomAddress } from "./room-address.ts";
import type { TcpConnection } from "./tcp-connection.ts";
import type { TcpEncoders } from "./tcp-encoder.ts";

export interface TcpPeerOptions extends PlayerRateLimits {
  readonly rooms: MemberRooms;
  /** Finds the rooms that are asked for by their code, and limits how many wrong ones a network may try. */
  readonly hub: Pick<Hub, "find" | "lookUp" | "mayTryPin" | "countWrongPin" | "banFor">;
  readonly encoders: TcpEncoders;
  /** Rooms at other nodes. @default there are no other nodes */
  readonly otherRooms?: OtherRooms | undefined;
  /** Judges tokens. `undefined`: no token counts here. */
  readonly tokenGate: TokenGate | undefined;
  /** A client is let into rooms with a token alone, and says so first. */
  readonly isTokenRequired: boolean;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

/** A room that the client is in. */
interface Visit {
  readonly room: string;
  readonly handler: ConnectionHandler;
}

/** What a client shows that asks for a place. */
interface Identity extends Pick<
  MemberRequest,
  "tokenSessionHash" | "id" | "name" | "role" | "data" | "session" | "visitor" | "user" | "mayOpen"
> {
  /** With which its line ends. */
  readonly token: LineToken | undefined;
  /** The room for which the token has to be. */
  readonly asked: AskedRoom | undefined;
}

/** What becomes of a `JoinRoom`. */
interface Answer {
  readonly outcome: AdmissionOutcome;
  readonly token: LineToken | undefined;
}

/** The name of a room that is asked for by its code is known once the room is found. */
interface AskedRoom extends NamedRoom {
  name: string | undefined;
}

/** Why a client is not even asked about at the room. */
interface Unidentified extends Rejection {
  /** The connection ends with it: a token that does not count is no mistake of the moment. */
  readonly isFinal: boolean;
}

/** A client that has been in no room for so long gives way where no place is left. */
const ROOMLESS_MS = 15_000;
/** A room's name may have fewer bytes. What a client asked for is not repeated to it at any length. */
const MAX_SHOWN = 256;
const NO_SESSION = {
  sessionHash: undefined,
  isReliable: false,
  received: undefined,
  epoch: undefined,
  attempt: undefined,
};
const TOKEN_FIRST = "A token is needed here: the first frame is JoinRoom with room?token=JWT.";
/** How long a client may take to show a token where one is needed. */
const TOKEN_TIMEOUT_MS = 10_000;
const TOO_MANY_GUESSES = "Too many wrong codes. Come back in a minute.";

export class TcpPeer implements ConnectionHandler {
  readonly #connection: TcpConnection;
  readonly #address: string;
  readonly #options: TcpPeerOptions;
  readonly #id = randomUUID();
  /** Limits what reaches no room: joining, leaving, and messages outside a room. */
  readonly #limiter: PlayerRateLimiter;
  #visit: Visit | undefined;
  #isGone = false;
  /** The client has shown no token, where one is needed. */
  #isUnknown: boolean;
  readonly #tokenTimer: NodeJS.Timeout | undefined;

  constructor(connection: TcpConnection, address: string, options: TcpPeerOptions) {
    this.#connection = connection;
    this.#address = address;
    this.#options = options;
    this.#limiter = new PlayerRateLimiter(options, options.now());
    this.#isUnknown = options.isTokenRequired;
    if (!this.#isUnknown) return;
    this.#tokenTimer = setTimeout(() => {
      if (this.#isUnknown && !this.#isGone) connection.end("unauthorized", TOKEN_FIRST);
    }, TOKEN_TIMEOUT_MS).unref();
  }

  get ids(): PeerIds {
    return this.#visit?.handler.ids ?? {};
  }

  message(payload: Uint8Array): void {
    const read = decodeClientMessage(payload);
    if (read.ok) this.#take(read.value, payload.length);
    else this.#connection.end("protocol_error", `That is no frame of this protocol: ${read.failure}.`);
  }

  part(): void {
    this.#visit?.handler.part();
  }

  drained(): void {
    this.#visit?.handler.drained();
  }

  confirmed(count: number): void {
    this.#visit?.handler.confirmed(count);
  }

  gone(why: DepartureReason): void {
    this.#isGone = true;
    clearTimeout(this.#tokenTimer);
    this.#leave(why);
  }

  ban(): string | undefined {
    return this.#visit?.handler.ban();
  }

  idleRank(ageMs: number): number | undefined {
    if (this.#visit !== undefined) return this.#visit.handler.idleRank(ageMs);
    return ageMs >= ROOMLESS_MS ? 0 : undefined;
  }

  #take(message: ClientMessage, bytes: number): void {
    switch (message.say) {
      case "ping":
        return this.#connection.answerPing();
      case "pong":
        return this.#connection.takePong();
      case "broadcast":
        if (this.#isUnknown) return this.#connection.end("unauthorized", TOKEN_FIRST);
        if (this.#visit !== undefined) return this.#visit.handler.message(message.data, false);
        if (this.#mayAsk(bytes)) this.#tell("not in a room");
        return;
      case "leave_room":
        if (this.#isUnknown) return this.#connection.end("unauthorized", TOKEN_FIRST);
        if (this.#mayAsk(bytes)) this.#leave("left");
        return;
      case "join_room":
        if (this.#mayAsk(bytes)) this.#join(message.room);
        return;
      default:
        message satisfies never;
    }
  }

  /** Ends the connection where the client asks too often. */
  #mayAsk(bytes: number): boolean {
    const mayAsk = this.#limiter.take(bytes, this.#options.now());
    if (!mayAsk) this.#connection.end("rate_limited", this.ban());
    return mayAsk;
  }

  /** Asks for a place in another room, and leaves this one only when it is certain. What the client says meanwhile waits. */
  #join(text: string): void {
    const address = readRoomAddress(text);
    const encoder = this.#options.encoders.take(address.room);
    const answer = whenAnswered(this.#identify(address), (identity): Eventually<Answer> => {
      if (!identity.ok) return { outcome: this.#turnAway(identity.failure), token: undefined };
      const { token } = identity.value;
      return whenAnswered(this.#enter(address, identity.value, encoder), (outcome) => ({ outcome, token }));
    });
    if (isLater(answer)) void this.#settleLater(answer, address.room);
    else this.#settle(answer, address.room);
  }

  async #settleLater(later: PromiseLike<Answer>, room: string): Promise<void> {
    this.#connection.wait();
    let answer: Answer;
    try {
      answer = await later;
    } catch (error) {
      this.#connection.noteBug(error);
      answer = { outcome: { at: "refused", name: "internal_error" }, token: undefined };
    }
    this.#settle(answer, room);
    if (!this.#isGone) this.#connection.goOn();
  }

  #settle({ outcome, token }: Answer, room: string): void {
    if (outcome.at === "refused") {
      this.#options.encoders.giveBack(room);
      if (!this.#isGone) this.#tell(inWords(outcome, room));
    } else if (outcome.handler === this.#visit?.handler) {
      this.#options.encoders.giveBack(room);
      this.#connection.send(encodeServerMessage({ say: "joined", client: this.#id, room }));
    } else {
      this.#leave("left");
      this.#visit = { room, handler: outcome.handler };
      this.#connection.token = token;
      if (this.#isGone) this.#leave("cut"); // it was let in too late
    }
  }

  #turnAway({ name, reason, isFinal }: Unidentified): AdmissionOutcome {
    if (isFinal && !this.#isGone) this.#connection.end(name, reason);
    return rejected(name, reason);
  }

  /** Who the client is: one UUID for as long as its connection lasts, with a token or without. */
  #identify({ room, query }: RoomAddress): Eventually<Result<Identity, Unidentified>> {
    const asked = parseMemberQuery(query);
    if (!asked.ok) return unidentified("bad_request", asked.failure);
    const name = parseDisplayName(query.get("name") ?? "");
    if (!name.ok) return unidentified("bad_request", `"name" ${name.failure}`);
    const { role, data } = asked.value;
    const anonymous: Identity = {
      id: this.#id,
      name: name.value,
      role,
      data,
      session: NO_SESSION,
      visitor: hashSecret(`${networkOf(this.#address)} tcp`),
      user: undefined,
      mayOpen: false,
      token: undefined,
      asked: undefined,
    };
    const token = query.get("token");
    if (token !== null) return this.#judge(token, room, anonymous);
    return this.#options.isTokenRequired
      ? unidentified("unauthorized", TOKEN_FIRST, true)
      : this.#unlessBanned(anonymous);
  }

  async #judge(token: string, room: string, anonymous: Identity): Promise<Result<Identity, Unidentified>> {
    const { tokenGate } = this.#options;
    if (tokenGate === undefined) return unidentified("unauthorized", NO_TOKENS, true);
    const judged = await tokenGate.judge(token, this.#address);
    if (!judged.ok) return unidentified(judged.failure.name, judged.failure.reason, true);
    const { sub, name, role, room: itsRoom } = judged.value;
    const refusal = refusalOfRole(role, "member");
    if (refusal !== undefined) return unidentified("unauthorized", refusal, true);
    const asked = this.#named(room);
    if (!this.#mayBeElsewhere(asked) && !isForRoom(itsRoom, asked))
      return unidentified("unauthorized", OTHER_ROOM, true);
    this.#isUnknown = false;
    const itsRole = isWatcher(judged.value)
      ? "spectator"
      : (anonymous.role ?? (role === undefined ? undefined : "member"));
    const line = new LineToken({
      token: judged.value,
      gate: tokenGate,
      address: this.#address,
      isHere: (named) => isForRoom(named, asked),
    });
    return this.#unlessBanned({
      ...anonymous,
      ...line.banKeys,
      name: name ?? anonymous.name ?? nameOfSubject(sub),
      role: itsRole,
      visitor: hashOfUser(judged.value),
      mayOpen: itsRole !== "spectator",
      token: line,
      asked,
    });
  }

  /** Whether the room of this code may be at another node, so that its name is not known yet. */
  #mayBeElsewhere({ code }: NamedRoom): boolean {
    const { otherRooms, hub } = this.#options;
    return code !== undefined && otherRooms !== undefined && hub.find(code) === undefined;
  }

  /** How a token may name the room that is asked for. */
  #named(room: string): AskedRoom {
    const code = room.toUpperCase();
    return isDrawnCode(code) ? { code, name: this.#options.rooms.nameOf(code) } : { code: undefined, name: room };
  }

  #unlessBanned(identity: Identity): Result<Identity, Unidentified> {
    const ban = this.#options.hub.banFor(identity.visitor);
    return ban === undefined ? success(identity) : unidentified("rate_limited", ban);
  }

  /** By the room's name, or by its code: no name looks like one. */
  #enter(
    { room, query }: RoomAddress,
    { token, asked, ...identity }: Identity,
    encoder: MemberEncoder,
  ): Eventually<AdmissionOutcome> {
    if (this.#isGone) return rejected("normal"); // it has hung up while its token was judged
    const here = this.#visit?.room === room ? this.#visit : undefined;
    if (here !== undefined && token !== undefined && this.#renew(token))
      return { at: "admitted", handler: here.handler };
    const request: Omit<MemberRequest, "room"> = {
      ...identity,
      pin: query.get("pin") ?? undefined,
      encoder,
      transport: "tcp",
      address: this.#address,
      renew: undefined,
      onAdmitted: () => this.#leave("left"),
    };
    // It cannot be in one room twice: it is left, and joined again.
    if (this.#visit?.room === room) this.#leave("left");
    const code = room.toUpperCase();
    const wanted: MemberRequest["room"] = isDrawnCode(code) ? { by: "code", code } : { by: "name", name: room };
    const { otherRooms } = this.#options;
    if (otherRooms === undefined) return this.#enterHere(wanted, request);
    return whenAnswered(otherRooms.whereIs(wanted, request.mayOpen), (where) => {
      if (this.#isGone) return rejected("normal");
      if (asked?.code !== undefined && (where === "here" || !("at" in where))) {
        asked.name = where === "here" ? this.#options.rooms.nameOf(asked.code) : where.name;
        if (!isForRoom(token?.value.room, asked))
          return this.#turnAway({ name: "unauthorized", reason: OTHER_ROOM, isFinal: true });
      }
      if (where === "here") return this.#enterHere(wanted, request);
      if ("at" in where) return where;
      return otherRooms.join(this.#connection, { ...request, room: wanted }, room, where.home);
    });
  }

  #enterHere(room: MemberRequest["room"], request: Omit<MemberRequest, "room">): Eventually<AdmissionOutcome> {
    if (room.by === "code") return this.#enterByCode(room.code, request);
    return this.#options.rooms.join(this.#connection, { ...request, room });
  }

  /** For the room that the client is in, a newer token of the same user renews the one of the line. */
  #renew({ value }: LineToken): boolean {
    const { token } = this.#connection;
    return token !== undefined && token.take(value) === undefined;
  }

  #enterByCode(code: string, request: Omit<MemberRequest, "room">): Eventually<AdmissionOutcome> {
    const { hub, rooms } = this.#options;
    const found: Eventually<LookUp> = hub.lookUp(code, this.#address, {
      sessionHash: request.session.sessionHash,
      seatTransferProof: undefined,
    });
    return whenAnswered(found, (lookUp) => {
      if (lookUp === "not_found") return { at: "refused", name: "room_not_found" };
      if (lookUp === "too_many_guesses") return { at: "refused", name: "rate_limited", reason: TOO_MANY_GUESSES };
      return joinByCode({ port: this.#connection, request, code, found: lookUp }, hub, rooms);
    });
  }

  /** Safe where the client is in no room. */
  #leave(why: DepartureReason): void {
    const visit = this.#visit;
    if (visit === undefined) return;
    this.#visit = undefined;
    this.#connection.token = undefined;
    visit.handler.gone(why);
    this.#options.encoders.giveBack(visit.room);
    this.#connection.resume(); // where the room that it leaves had paused it
  }

  #tell(text: string): void {
    this.#connection.send(encodeServerMessage({ say: "error", text }));
  }
}

function unidentified(name: CloseName, reason: string, isFinal = false): Result<never, Unidentified> {
  return failure({ name, reason, isFinal });
}

/** A user without a name is called by its id, where that can be one. */
function nameOfSubject(sub: string): string | undefined {
  const name = parseDisplayName(sub);
  return name.ok ? name.value : undefined;
}

/** Why a client was not let in, in ghost-sync's words where it has some. */
function inWords({ name, reason }: Rejection, room: string): string {
  if (name !== "room_not_found") return reason ?? CLOSE_CODES[name].reason;
  return `room not found: ${room.length > MAX_SHOWN ? `${room.slice(0, MAX_SHOWN)}…` : room}`;
}
