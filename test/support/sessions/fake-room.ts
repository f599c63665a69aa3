/** A room whose clock, lines and directory a test holds in its hand. The host speaks JSON, to be read by eye. */
import type { HostCommand } from "../../../src/protocol/commands.ts";
import type { CloseName } from "../../../src/protocol/close-codes.ts";
import { createHostEncoder } from "../../../src/session/host-encoder.ts";
import type { Eventually } from "../../../src/protocol/eventually.ts";
import type { DepartureReason, RegistrationFailure, RoomRegistration } from "../../../src/room/ports.ts";
import type { MemoryBudget } from "../../../src/room/memory-budget.ts";
import type { RoomLimits } from "../../../src/room/environment.ts";
import { Room } from "../../../src/room/room.ts";
import { createPlayerPeers } from "../../../src/session/player-peers.ts";
import { HostConnection, PLAIN, WireHost, type HostLimits, type HostRequest } from "../../../src/session/wire-host.ts";
import type { JoinRequest } from "../../../src/room/player-manager.ts";
import type { SeatConnection } from "../../../src/room/seat.ts";
import { unlimitedMemory } from "../memory-budget.ts";
import { RecordingObserver } from "../room-ports.ts";
import { FakeClock } from "./fake-clock.ts";
import { bytes, FakePort } from "./fake-port.ts";

export const LIMITS: RoomLimits & HostLimits = {
  maxPlayers: 250,
  sendQueue: 10_000,
  seatBuffer: 100_000,
  hostBuffer: 100_000,
  awayMs: 3_000,
  seatGraceMs: 120_000,
  hostGraceMs: 120_000,
  playerRate: 0,
  playerBurst: 200,
  playerBytes: 0,
  hostRate: 0,
  hostBurst: 4_000,
};

export interface HostEvent {
  readonly cmd: string;
  readonly [field: string]: unknown;
}

/** A phone that has a seat. */
export interface Phone {
  readonly connection: SeatConnection;
  readonly port: FakePort;
  readonly player: number;
}

const JSON_FORMAT = createHostEncoder("json", "array");

export class FakeRoom {
  readonly clock = new FakeClock();
  readonly room: Room;
  readonly encoder = JSON_FORMAT;
  hostPort = new FakePort();
  hostConnection: HostConnection;
  /** Visitors that were barred. */
  readonly barred: string[] = [];
  readonly happened: unknown[][] = [];
  isFindable = false;
  isForgotten = false;
  #links = 0;

  constructor(
    limits: Partial<RoomLimits & HostLimits> = {},
    request: HostRequest = PLAIN,
    budget: MemoryBudget = unlimitedMemory(),
  ) {
    const directory = {
      register: () => this.register(),
      forget: () => void (this.isForgotten = true),
      seatTransferLink: (code: string) => {
        const token = `secret-${++this.#links}`;
        return { url: `http://tv/${code}?rescue=${token}`, proof: token };
      },
      ban: (visitor: string) => {
        this.barred.push(visitor);
        return "Come back in 60 seconds.";
      },
    };
    const { clock } = this;
    const epoch = "epoch";
    const environment = {
      directory,
      observer: new RecordingObserver(this.happened),
      limits: { ...LIMITS, ...limits },
      clock,
      budget,
      openPeer: createPlayerPeers(epoch, () => clock.now()),
    };
    const host = new WireHost({
      ...environment,
      port: this.hostPort,
      request,
      encoder: JSON_FORMAT,
      epoch,
      createRoom: (peer) => new Room(peer, environment),
    });
    this.room = host.room;
    this.hostConnection = new HostConnection(host, this.hostPort);
  }

  /** An open room for so many players; what the host heard so far is forgotten. */
  static open(
    limits: Partial<RoomLimits & HostLimits> = {},
    request?: HostRequest,
    max_players = 8,
    budget?: MemoryBudget,
  ): FakeRoom {
    const room = new FakeRoom(limits, request, budget);
    room.tell({ cmd: "prepare", max_players, name: "sketch" });
    return room;
  }

  /** What the directory does for `prepare`. A test may put another function in its place, one that answers later. */
  register = (): Eventually<RoomRegistration | RegistrationFailure> => {
    this.isFindable = true;
    return { code: "BCDF", release: () => void (this.isFindable = false) };
  };

  /** What the host has heard since the last call. */
  heard(): HostEvent[] {
    return this.hostPort.read().data.map((frame): HostEvent => JSON.parse(String(frame)));
  }

  /** The same without the states, which follow every change. */
  news(): HostEvent[] {
    return this.heard().filter(({ cmd }) => cmd !== "state");
  }

  /** The host says something; returns what it hears for it. */
  tell(command: HostCommand): HostEvent[] {
    this.heard();
    this.hostConnection.host.command(command);
    return this.heard();
  }

  /** The host's text for some players, or for all. */
  show(
    text: string,
    more: { to?: number[]; except?: number[]; volatile?: boolean | string; ttl?: number; retain?: string } = {},
  ): void {
    const { to, ...delivery } = more;
    this.room.command({ cmd: "to_str", to: to ?? "everybody", data: bytes(text), ...delivery });
  }

  /** A phone that gets in, or comes back. */
  join(request: Partial<JoinRequest> = {}): Phone {
    const port = new FakePort();
    const joined = this.room.join(port, { isReliable: false, ...request });
    if (!joined.ok) throw new Error(`refused: ${joined.failure}`);
    return { connection: joined.value, port, player: joined.value.player };
  }

  /** Why a phone is turned away; `undefined` where it is not. */
  refusal(request: Partial<JoinRequest> = {}): CloseName | undefined {
    const joined = this.room.join(new FakePort(), { isReliable: false, ...request });
    return joined.ok ? undefined : joined.failure;
  }

  cut({ connection }: Phone, why: DepartureReason = "cut"): void {
    connection.gone(why);
  }

  say({ connection }: Phone, text: string): void {
    connection.message(bytes(text), true);
  }

  hostGone(why: DepartureReason = "cut"): void {
    this.hostConnection.gone(why);
  }

  /** The host comes back over a new line. */
  hostBack(request: HostRequest, port = new FakePort()): boolean {
    const back = this.hostConnection.host.comeBack(port, JSON_FORMAT, request);
    if (back.ok) {
      this.hostPort = port;
      this.hostConnection = back.value;
    }
    return back.ok;
  }
}
