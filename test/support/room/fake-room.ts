/** A room whose clock, connections and directory a test holds in its hand. The host speaks JSON, to be read by eye. */
import type { HostCommand, ToStrCommand } from "../../../src/protocol/commands.ts";
import type { CloseName } from "../../../src/protocol/close-codes.ts";
import type { HostFormat } from "../../../src/protocol/peer-query.ts";
import { createHostEncoder } from "../../../src/session/host-encoder.ts";
import type { DepartureReason } from "../../../src/room/ports.ts";
import type { MemoryBudget } from "../../../src/room/memory-budget.ts";
import type { RoomLimits } from "../../../src/room/environment.ts";
import type { RoomChannels } from "../../../src/room/ports.ts";
import { Room } from "../../../src/room/room.ts";
import { createPlayerPeers } from "../../../src/session/player-peers.ts";
import { createWaitingPeers } from "../../../src/session/waiting-peers.ts";
import { HostConnection, PLAIN, WireHost, type HostLimits, type HostRequest } from "../../../src/session/wire-host.ts";
import type { JoinRequest } from "../../../src/room/player-manager.ts";
import type { SeatConnection } from "../../../src/room/seat.ts";
import { FakeClock } from "./fake-clock.ts";
import { FakeDirectory } from "./fake-directory.ts";
import type { HostNews } from "../host-client.ts";
import { bytes, FakePort } from "./fake-port.ts";
import { unlimitedMemory } from "./memory-budget.ts";
import { RecordingObserver } from "./recording-observer.ts";

/** Limits that no test meets by accident. */
export const LIMITS: RoomLimits & HostLimits = {
  maxPlayers: 250,
  maxAudience: 10_000,
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

export interface FakeRoomOptions extends Partial<RoomLimits & HostLimits> {
  /** The codes that are free. @default one */
  readonly codes?: readonly string[];
  /** What the host speaks. @default "json" */
  readonly format?: HostFormat;
  /** Where the host publishes. @default there are no channels */
  readonly channels?: RoomChannels;
}

/** A phone that has a seat. */
export interface SeatedPhone {
  readonly connection: SeatConnection;
  readonly port: FakePort;
  readonly player: number;
}

export class FakeRoom {
  /** What happened at all ports, in the order in which it happened. */
  readonly log: string[] = [];
  readonly clock = new FakeClock();
  readonly observer = new RecordingObserver();
  readonly directory: FakeDirectory;
  readonly room: Room;
  readonly encoder;
  hostPort = new FakePort("host", this.log);
  hostConnection: HostConnection;
  #joins = 0;

  constructor(
    { codes = ["BCDF"], format = "json", channels, ...limits }: FakeRoomOptions = {},
    request: HostRequest = PLAIN,
    budget: MemoryBudget = unlimitedMemory(),
  ) {
    this.directory = new FakeDirectory(codes, this.log);
    this.encoder = createHostEncoder(format, "array");
    const { clock, directory, encoder, observer } = this;
    const epoch = "epoch";
    const environment = {
      directory,
      observer,
      limits: { ...LIMITS, ...limits },
      clock,
      budget,
      channels,
      openPeer: createPlayerPeers({ epoch, clock, game: () => this.room.name }),
      openWaiting: createWaitingPeers(clock),
    };
    const host = new WireHost({
      ...environment,
      port: this.hostPort,
      request,
      encoder,
      epoch,
      createRoom: (peer) => new Room(peer, environment),
    });
    this.room = host.room;
    this.hostConnection = new HostConnection(host, this.hostPort);
  }

  /** A room that is prepared for so many players; what the host heard so far is forgotten. */
  static open(options: FakeRoomOptions = {}, request?: HostRequest, max_players = 8, budget?: MemoryBudget): FakeRoom {
    const room = new FakeRoom(options, request, budget);
    room.prepare(max_players);
    return room;
  }

  /** The host asks for a code; returns what it hears for it. */
  prepare(max_players = 8): HostNews[] {
    return this.tell({ cmd: "prepare", max_players, name: "sketch" });
  }

  /** What the host has heard since the last call. */
  heard(): HostNews[] {
    return this.hostPort.takeEvents();
  }

  /** The same without the states, which follow every change. */
  news(): HostNews[] {
    return this.heard().filter(({ cmd }) => cmd !== "state");
  }

  /** The host gives a command; returns what it hears for it. */
  tell(command: HostCommand): HostNews[] {
    this.heard();
    this.hostConnection.host.command(command);
    return this.heard();
  }

  /** The host sends these fields as a frame of JSON; returns what it hears for it. */
  tellFrame(fields: unknown): HostNews[] {
    this.heard();
    this.hostConnection.message(bytes(JSON.stringify(fields)), true);
    return this.heard();
  }

  /** The host's text for some players, or for all. */
  show(text: string, more: { to?: number[] } & Omit<ToStrCommand, "cmd" | "to" | "data"> = {}): void {
    const { to, ...delivery } = more;
    this.room.command({ cmd: "to_str", to: to ?? "everybody", data: bytes(text), ...delivery });
  }

  /** A phone that gets in, or comes back. In the log it is `phone` and how many came before it. */
  join(request: Partial<JoinRequest> = {}): SeatedPhone {
    const port = new FakePort(`phone ${++this.#joins}`, this.log);
    const joined = this.room.join(port, { isReliable: false, ...request });
    if (!joined.ok) throw new Error(`refused: ${joined.failure}`);
    return { connection: joined.value, port, player: joined.value.player };
  }

  /** Why a phone is turned away; `undefined` where it is not. */
  refusal(request: Partial<JoinRequest> = {}): CloseName | undefined {
    const joined = this.room.join(new FakePort("refused", this.log), { isReliable: false, ...request });
    return joined.ok ? undefined : joined.failure;
  }

  cut({ connection }: SeatedPhone, why: DepartureReason = "cut"): void {
    connection.gone(why);
  }

  say({ connection }: SeatedPhone, data: string | Uint8Array): void {
    connection.message(typeof data === "string" ? bytes(data) : data, typeof data === "string");
  }

  hostGone(why: DepartureReason = "cut"): void {
    this.hostConnection.gone(why);
  }

  /** The host comes back over a new connection. */
  hostBack(request: HostRequest, port = new FakePort("host", this.log)): boolean {
    const back = this.hostConnection.host.comeBack(port, this.encoder, request);
    if (back.ok) {
      this.hostPort = port;
      this.hostConnection = back.value;
    }
    return back.ok;
  }

  /** Whether the room is found by a code. */
  get isFindable(): boolean {
    return this.directory.inUse.size > 0;
  }

  get isForgotten(): boolean {
    return this.directory.isForgotten;
  }
}
