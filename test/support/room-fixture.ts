/** A room with recording ports around it. */
import type { HostCommand } from "../../src/protocol/commands.ts";
import type { HostFormat } from "../../src/protocol/peer-query.ts";
import { createHostEncoder } from "../../src/session/host-encoder.ts";
import { Room } from "../../src/room/room.ts";
import { createPlayerPeers } from "../../src/session/player-peers.ts";
import { HostConnection, PLAIN, WireHost } from "../../src/session/wire-host.ts";
import type { SeatConnection } from "../../src/room/seat.ts";
import { limitsOfRooms, RecordingDirectory, RecordingHost, RecordingObserver, RecordingPlayer } from "./room-ports.ts";
import { unlimitedMemory } from "./memory-budget.ts";
import { FakeClock } from "./sessions/fake-clock.ts";

export interface RoomFixtureOptions {
  readonly codes?: readonly string[];
  readonly format?: HostFormat;
  readonly maxPlayers?: number;
  readonly sendQueue?: number;
}

export interface Joined {
  readonly connection: SeatConnection;
  readonly port: RecordingPlayer;
}

export class RoomFixture {
  /** What happened at all ports, in the order in which it happened. */
  readonly log: string[] = [];
  readonly host = new RecordingHost(this.log);
  readonly observer = new RecordingObserver();
  readonly clock = new FakeClock();
  readonly directory: RecordingDirectory;
  readonly room: Room;
  readonly hostConnection: HostConnection;

  constructor({ codes, format = "cbor", maxPlayers = 250, sendQueue = 1_000 }: RoomFixtureOptions = {}) {
    this.directory = new RecordingDirectory(codes, this.log);
    const limits = limitsOfRooms({ maxPlayers, sendQueue });
    const { directory, observer, clock } = this;
    const [epoch, budget] = ["epoch", unlimitedMemory()];
    const openPeer = createPlayerPeers(epoch, () => clock.now());
    const host = new WireHost({
      port: this.host,
      request: PLAIN,
      encoder: createHostEncoder(format, "array"),
      epoch,
      limits,
      clock,
      budget,
      createRoom: (peer) => new Room(peer, { directory, observer, limits, clock, budget, openPeer }),
    });
    this.room = host.room;
    this.hostConnection = new HostConnection(host, this.host);
  }

  /** Sends the command and returns what the host was told for it. */
  command(command: HostCommand): unknown[] {
    this.host.take();
    this.hostConnection.host.command(command);
    return this.host.take();
  }

  /** Sends the fields as a frame of JSON and returns what the host was told for it. */
  frame(fields: unknown): unknown[] {
    this.host.take();
    this.hostConnection.message(new TextEncoder().encode(JSON.stringify(fields)), true);
    return this.host.take();
  }

  /** Opens the room, and forgets what the host was told for it. */
  prepare(max_players = 8, name = "game"): this {
    this.command({ cmd: "prepare", max_players, name });
    return this;
  }

  /** A player comes who has to be let in. */
  join(name?: string): Joined {
    const port = new RecordingPlayer(name, this.log);
    const joined = this.room.join(port);
    if (!joined.ok) throw new Error(`refused: ${joined.failure}`);
    return { connection: joined.value, port };
  }

  /** Why a player who comes now is refused; `undefined` where it is let in. */
  refusal(): string | undefined {
    const joined = this.room.join(new RecordingPlayer("refused", this.log));
    return joined.ok ? undefined : joined.failure;
  }
}
