/** A room with watchers and a waiting line whose connections a test holds in its hand. */
import type { HostCommand, PrepareCommand } from "../../../src/protocol/commands.ts";
import type { CloseName } from "../../../src/protocol/close-codes.ts";
import type { ConnectionHandler } from "../../../src/room/ports.ts";
import type { JoinRequest } from "../../../src/room/player-manager.ts";
import { bytes, FakePort } from "./fake-port.ts";
import { FakeRoom, type FakeRoomOptions } from "./fake-room.ts";

/** A phone that was let in, with a seat or without one. */
export interface EnteredPhone {
  readonly at: "admitted" | "queued";
  readonly handler: ConnectionHandler;
  readonly port: FakePort;
}

export class CrowdedRoom extends FakeRoom {
  /** A room that is prepared like this; what the host heard so far is forgotten. */
  static crowded(plan: Partial<PrepareCommand>, options: FakeRoomOptions = {}): CrowdedRoom {
    const room = new CrowdedRoom(options);
    room.tell({ cmd: "prepare", max_players: 2, name: "sketch", ...plan });
    return room;
  }

  /** A phone that comes, as the admission sends it on. */
  enter(request: Partial<JoinRequest> = {}): EnteredPhone {
    const port = new FakePort("phone", this.log);
    const entered = this.room.enter(port, { isReliable: false, ...request });
    if (!entered.ok) throw new Error(`refused: ${entered.failure}`);
    return { ...entered.value, port };
  }

  watch(request: Partial<JoinRequest> = {}): EnteredPhone {
    return this.enter({ isSpectator: true, ...request });
  }

  /** Why a phone is turned away; `undefined` where it is not. */
  turnedAway(request: Partial<JoinRequest> = {}): CloseName | undefined {
    const entered = this.room.enter(new FakePort("refused", this.log), { isReliable: false, ...request });
    return entered.ok ? undefined : entered.failure;
  }

  vote({ handler }: EnteredPhone, text: string): void {
    handler.message(bytes(text), true);
  }

  /** The host gives a command; what it hears for it is kept. */
  order(command: HostCommand): void {
    this.hostConnection.host.command(command);
  }
}
