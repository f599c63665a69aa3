/**
 * Those in a room that have no seat: the audience (P5.6), and the phones that wait for one (P5.7). Decides what becomes of a phone that finds the room full,
 * and seats those that wait, first come first served. A room whose `prepare` asks for neither has no crowd.
 */
import type { CloseName } from "../protocol/close-codes.ts";
import type { PollId } from "../protocol/commands.ts";
import type { AudienceEvent, RoomEvent } from "../protocol/events.ts";
import { NOT_UNDERSTOOD } from "../protocol/reliable/control-frames.ts";
import { failure, success, type Result } from "../protocol/result.ts";
import type { CrowdPlan } from "./crowd-plan.ts";
import type { JoinPolicy } from "./join-policy.ts";
import type { MemoryBudget } from "./memory-budget.ts";
import type { JoinRequest, PlayerManager, SeatLimits } from "./player-manager.ts";
import type { Clock, ConnectionHandler, HostPeer, RoomDirectory, SeatlessLine, WaitingPeerFactory } from "./ports.ts";
import { RoomAudience } from "./room-audience.ts";
import type { RoomObserver } from "./room-observer.ts";
import type { TrafficCounter } from "./traffic.ts";
import { WaitingLine } from "./waiting-line.ts";
import { MAX_WAITING_BYTES, WaitingPhone, type WaitingOwner } from "./waiting-phone.ts";

/** Where a phone has got. */
export interface Entrance {
  /** Whether it has a place, or waits for one. */
  readonly at: "admitted" | "queued";
  readonly handler: ConnectionHandler;
}

/** Those without a seat, as a state tells of them. */
export interface CrowdCounts {
  readonly audience?: number;
  readonly waiting?: number;
}

export interface CrowdOptions {
  readonly plan: CrowdPlan;
  /** The room's code. */
  readonly room: string;
  readonly joinPolicy: JoinPolicy;
  readonly playerManager: PlayerManager;
  readonly host: HostPeer;
  readonly directory: Pick<RoomDirectory, "ban">;
  readonly observer: Pick<RoomObserver, "joinRefused">;
  readonly traffic: TrafficCounter;
  readonly limits: SeatLimits;
  readonly clock: Clock;
  readonly budget: MemoryBudget;
  readonly openWaiting: WaitingPeerFactory;
  /** Whether the host takes nothing now: it is away, or behind. */
  readonly isHostHeld: () => boolean;
  /** Gives a phone a seat, its own or a free one; or says why there is none. */
  readonly join: (line: SeatlessLine, request: JoinRequest) => Result<ConnectionHandler, CloseName>;
}

const SAID_TOO_MUCH = `While you wait, ${MAX_WAITING_BYTES} bytes are kept of what you say; that was more.`;

export class Crowd implements WaitingOwner {
  readonly plan: CrowdPlan;
  readonly #options: CrowdOptions;
  readonly #audience: RoomAudience;
  readonly #line = new WaitingLine();
  #isSeating = false;

  constructor(options: CrowdOptions) {
    const { plan, room, limits, clock, directory, traffic, host, isHostHeld } = options;
    this.plan = plan;
    this.#options = options;
    this.#audience = new RoomAudience({
      room,
      limits,
      clock,
      directory,
      traffic,
      isHostHeld,
      tell: (event: RoomEvent) => host.tell(event),
    });
  }

  get room(): string {
    return this.#options.room;
  }

  get audienceCount(): number {
    return this.#audience.size;
  }

  get audienceReport(): AudienceEvent | undefined {
    return this.#audience.report;
  }

  get waitingCount(): number {
    return this.#line.size;
  }

  /** As a state tells it: of what the host has asked for. */
  get counts(): CrowdCounts {
    return {
      ...(this.plan.audience > 0 && { audience: this.#audience.size }),
      ...(this.plan.overflow === "queue" && { waiting: this.#line.size }),
    };
  }

  /** A phone asks for a place: its own seat, a free one, or one in the audience. */
  enter(line: SeatlessLine, request: JoinRequest): Result<Entrance, CloseName> {
    const { joinPolicy, playerManager, join } = this.#options;
    if (request.isSpectator === true) return this.#watch(line, request, false);
    if (joinPolicy.isBanned(request)) return failure("kicked");
    const former = this.#line.ofSession(request.sessionHash);
    if (playerManager.knows(request)) {
      const joined = join(line, request);
      if (joined.ok && former !== undefined) this.#turnAway(former, "replaced");
      return joined.ok ? admitted(joined.value) : joined;
    }
    const refusal = this.#refusalOfSeat(request);
    if (refusal === undefined && this.#line.size === 0) {
      const joined = join(line, request);
      return joined.ok ? admitted(joined.value) : joined;
    }
    if (former !== undefined && refusal !== "unauthorized") return this.#waitAgain(line, request, former);
    if (refusal !== undefined && refusal !== "room_full") return this.#refuse(refusal);
    return this.plan.overflow === "audience" ? this.#watch(line, request, true) : this.#wait(line, request);
  }

  /** Why this phone would get no place now; `undefined` where it would. Takes and counts nothing. */
  refusalFor(request: JoinRequest): CloseName | undefined {
    const { joinPolicy } = this.#options;
    if (request.isSpectator === true) return joinPolicy.refusalFor(request, this.#audience.size);
    const refusal = this.#refusalOfSeat(request);
    if (refusal !== "room_full") return refusal;
    switch (this.plan.overflow) {
      case "queue":
        return this.#line.size < this.plan.queue ? undefined : refusal;
      case "audience":
        return this.#audience.size < this.plan.audience ? undefined : refusal;
      case "refuse":
        return refusal;
      default:
        return this.plan.overflow satisfies never;
    }
  }

  /** What the host says to the audience. */
  sendToAudience(data: Uint8Array, isText: boolean): void {
    this.#audience.send(data, isText);
  }

  openPoll(id: PollId | undefined): void {
    this.#audience.open(id);
  }

  /**
   * A seat may be free: those that wait get it in their order. `canYield`: a newcomer found the room full, so a seat that was never used gives way, too
   * (P5.4.15).
   */
  seatWaiting(canYield = false): void {
    if (this.#isSeating || this.#line.size === 0) return;
    this.#isSeating = true;
    const isAny = this.#seatAll(canYield);
    this.#isSeating = false;
    if (isAny) this.#line.tellPositions();
  }

  /** The host takes more again. */
  hostKeepsUp(): void {
    this.#audience.hostKeepsUp();
    this.seatWaiting();
  }

  /** Ends the wait of each phone that is banned. */
  expelAll(isBanned: (shown: JoinRequest) => boolean, reason: string): void {
    const banned = this.#line.phones.filter(({ request }) => isBanned(request));
    for (const phone of banned) this.#turnAway(phone, "kicked", reason);
  }

  /** Closes every connection here. The host is told nothing. */
  close(name: CloseName, reason?: string): void {
    for (const phone of this.#line.clear()) {
      phone.takeFrames();
      phone.line.close(name, reason);
    }
    this.#audience.close(name, reason);
  }

  receive(phone: WaitingPhone, frame: Uint8Array, isText: boolean): void {
    if (!this.#line.has(phone)) return;
    if (!phone.rateLimiter.take(frame.length, this.#options.clock.now())) {
      return this.#turnAway(phone, "rate_limited", this.ban(phone));
    }
    const data = phone.peer.read(frame, isText);
    if (data === "nonsense") return this.#turnAway(phone, "bad_request", NOT_UNDERSTOOD);
    if (data !== "control" && !phone.keep(data, isText)) this.#turnAway(phone, "bad_request", SAID_TOO_MUCH);
  }

  leave(phone: WaitingPhone): void {
    if (!this.#line.remove(phone)) return;
    phone.takeFrames();
    this.#line.tellPositions();
    this.#tellWaiting();
  }

  ban({ request: { visitor } }: WaitingPhone): string | undefined {
    return visitor === undefined ? undefined : this.#options.directory.ban(visitor);
  }

  cut(phone: WaitingPhone): void {
    this.#turnAway(phone, "slow_consumer");
  }

  #refusalOfSeat(request: JoinRequest): CloseName | undefined {
    const { host, playerManager } = this.#options;
    return host.shouldDeferJoins ? "overloaded" : playerManager.refusalFor(request);
  }

  /** `isOverflow`: it came for a seat, and hears that it watches where its wire has a word for that. */
  #watch(line: SeatlessLine, request: JoinRequest, isOverflow: boolean): Result<Entrance, CloseName> {
    const { joinPolicy, clock, openWaiting } = this.#options;
    const refusal = joinPolicy.admit({ ...request, isSpectator: true }, this.#audience.size, clock.now());
    if (refusal !== undefined) return this.#refuse(refusal);
    const isTold = isOverflow && request.isReliable;
    const watcher = this.#audience.add(line, request, isTold);
    if (isTold) openWaiting(line, true).tellWatching();
    return admitted(watcher);
  }

  #wait(line: SeatlessLine, request: JoinRequest): Result<Entrance, CloseName> {
    if (this.#line.size >= this.plan.queue) return this.#refuse("room_full");
    const phone = this.#newPhone(line, request);
    if (phone === undefined) return this.#refuse("rate_limited");
    this.#line.add(phone);
    this.#tellWaiting();
    this.seatWaiting(true);
    return success({ at: "queued", handler: phone });
  }

  /** The phone has another connection, which goes on at its place of the line. */
  #waitAgain(line: SeatlessLine, request: JoinRequest, former: WaitingPhone): Result<Entrance, CloseName> {
    const { attempt } = request;
    const last = former.request.attempt;
    const isStale = attempt !== undefined && attempt.page === last?.page && attempt.number < last.number;
    if (isStale) return failure("replaced");
    const phone = this.#newPhone(line, request);
    if (phone === undefined) return this.#refuse("rate_limited");
    former.line.close("replaced");
    this.#line.replace(former, phone);
    return success({ at: "queued", handler: phone });
  }

  #newPhone(line: SeatlessLine, request: JoinRequest): WaitingPhone | undefined {
    const { joinPolicy, limits, budget, clock, openWaiting } = this.#options;
    const now = clock.now();
    if (!joinPolicy.count(request, now)) return undefined;
    const peer = openWaiting(line, request.isReliable);
    return new WaitingPhone({ line, request, peer, owner: this, limits, budget, now });
  }

  #seatAll(canYield: boolean): boolean {
    const { joinPolicy, playerManager, host } = this.#options;
    let isAny = false;
    for (let phone = this.#line.first; phone !== undefined; phone = this.#line.first) {
      if (joinPolicy.isLocked || host.shouldDeferJoins) break;
      if (joinPolicy.isBanned(phone.request)) {
        this.#turnAway(phone, "kicked");
        continue;
      }
      if (!playerManager.makePlace(canYield)) break;
      this.#line.remove(phone);
      isAny = true;
      phone.sitDown(playerManager.takeWaiting(phone.line, phone.request, phone.takeFrames()));
    }
    return isAny;
  }

  #refuse(why: CloseName): { readonly ok: false; readonly failure: CloseName } {
    this.#options.observer.joinRefused({ room: this.room, why });
    return failure(why);
  }

  #turnAway(phone: WaitingPhone, name: CloseName, reason?: string): void {
    phone.line.close(name, reason);
    this.leave(phone);
  }

  #tellWaiting(): void {
    this.#options.host.tell({ cmd: "state_delta", waiting: this.#line.size });
  }
}

function admitted(handler: ConnectionHandler): { readonly ok: true; readonly value: Entrance } {
  return success({ at: "admitted", handler });
}
