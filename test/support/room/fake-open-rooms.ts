/** The open rooms of a node whose clock and connections a test holds in its hand. */
import type { AdmissionOutcome } from "../../../src/admission/connect-request.ts";
import type { MemberRequest } from "../../../src/admission/member-rooms.ts";
import type { RoomKind } from "../../../src/games/define-room.ts";
import type { HandlerFault } from "../../../src/games/handler-calls.ts";
import { OpenRooms, type OpenRoomsOptions } from "../../../src/games/open-rooms.ts";
import type { HubOptions } from "../../../src/hub/hub.ts";
import type { ConnectionHandler, DepartureReason } from "../../../src/room/ports.ts";
import { eventsEncoder } from "../../../src/session/member-encoder.ts";
import { FakeHub } from "./fake-hub.ts";
import { bytes, FakePort, type SeenFrame } from "./fake-port.ts";
import { LIMITS } from "./fake-room.ts";
import { unlimitedMemory } from "./memory-budget.ts";

/** The time of day when a test begins. */
export const NOON = Date.UTC(2026, 0, 1, 12);

/** A member in a test's hand. */
export class FakeMember {
  readonly port = new FakePort();
  readonly handler: ConnectionHandler;

  constructor(port: FakePort, handler: ConnectionHandler) {
    this.port = port;
    this.handler = handler;
  }

  /** Says this, to all or to some. */
  say(data: unknown, to?: readonly string[]): void {
    this.sayRaw(JSON.stringify({ data, to }));
  }

  sayRaw(frame: string | Uint8Array): void {
    this.handler.message(typeof frame === "string" ? bytes(frame) : frame, typeof frame === "string");
  }

  leave(why: DepartureReason = "left"): void {
    this.handler.gone(why);
  }

  /** What it was told since the last call: JSON decoded, bytes as a list. */
  heard(): unknown[] {
    return this.port.take().map((frame: SeenFrame): unknown => (typeof frame === "string" ? parse(frame) : frame));
  }

  /** The same without what happens in the room: the data of messages alone. */
  messages(): unknown[] {
    return this.heard().flatMap((frame) => (isMessage(frame) ? [frame.data] : []));
  }
}

function parse(frame: string): unknown {
  return frame.startsWith("\0") ? frame : JSON.parse(frame);
}

function isMessage(frame: unknown): frame is { readonly from: string; readonly data: unknown } {
  return typeof frame === "object" && frame !== null && "from" in frame && "data" in frame;
}

export interface FakeOpenRoomsOptions extends Partial<OpenRoomsOptions> {
  readonly hub?: never;
  readonly hubOptions?: Partial<HubOptions>;
}

export class FakeOpenRooms {
  readonly fake: FakeHub;
  readonly rooms: OpenRooms;
  readonly faults: HandlerFault[] = [];
  #guests = 0;

  constructor(kinds: readonly RoomKind[] = [], { hubOptions, ...options }: FakeOpenRoomsOptions = {}) {
    const limits = { ...LIMITS, seatGraceMs: 120_000 };
    this.fake = new FakeHub({ limits, maxRooms: 1_000, ...hubOptions });
    const { clock } = this.fake;
    const began = clock.now();
    this.rooms = new OpenRooms({
      hub: this.fake.hub,
      kinds,
      openKinds: ["relay"],
      standing: new Map(),
      limits,
      clock,
      wallClock: () => NOON + clock.now() - began,
      budget: unlimitedMemory(),
      onFault: (fault) => this.faults.push(fault),
      ...options,
    });
  }

  get clock(): FakeHub["clock"] {
    return this.fake.clock;
  }

  /** What a member with a token for this room asks for. */
  request(name: string, id: string | undefined, more: Partial<MemberRequest> = {}): MemberRequest {
    this.#guests += 1;
    return {
      room: { by: "name", name },
      mayOpen: true,
      id,
      role: undefined,
      name: undefined,
      pin: undefined,
      data: undefined,
      session: { sessionHash: id === undefined ? undefined : `session of ${id}`, isReliable: false },
      encoder: eventsEncoder,
      transport: "websocket",
      address: `10.0.${this.#guests >> 8}.${this.#guests & 255}`,
      visitor: id ?? `guest ${this.#guests}`,
      user: id,
      renew: undefined,
      ...more,
    };
  }

  /** The answer to a member that wants into the room of this name. */
  async ask(
    name: string,
    id: string | undefined,
    more: Partial<MemberRequest> = {},
  ): Promise<{ readonly outcome: AdmissionOutcome; readonly port: FakePort }> {
    const port = new FakePort(id);
    const outcome = await this.rooms.join(port, this.request(name, id, more));
    return { outcome, port };
  }

  /** A member that gets into the room of this name. */
  async join(name: string, id: string | undefined, more: Partial<MemberRequest> = {}): Promise<FakeMember> {
    const { outcome, port } = await this.ask(name, id, more);
    if (outcome.at !== "admitted") throw new Error(`not admitted: ${JSON.stringify(outcome)}`);
    return new FakeMember(port, outcome.handler);
  }

  /** A member that gets in at once, with what it hears first forgotten. */
  joinNow(name: string, id: string | undefined, more: Partial<MemberRequest> = {}): FakeMember {
    const port = new FakePort(id);
    const outcome = this.rooms.join(port, this.request(name, id, more));
    if ("then" in outcome || outcome.at !== "admitted") throw new Error("not admitted at once");
    const member = new FakeMember(port, outcome.handler);
    member.heard();
    return member;
  }
}
