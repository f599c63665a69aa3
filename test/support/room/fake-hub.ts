/** A hub whose clock and hosts a test holds in its hand. */
import { Hub, type HubOptions } from "../../../src/hub/hub.ts";
import { createHostEncoder } from "../../../src/session/host-encoder.ts";
import type { Room } from "../../../src/room/room.ts";
import type { HostConnection } from "../../../src/session/wire-host.ts";
import { LIMITS } from "./fake-room.ts";
import { FakePort } from "./fake-port.ts";
import { RecordingObserver } from "./recording-observer.ts";
import { unlimitedMemory } from "./memory-budget.ts";
import { FakeClock } from "./fake-clock.ts";

export interface HostWishes {
  /** Without one the room ends with the host's line. */
  readonly session?: string;
  readonly address?: string;
  readonly pin?: string;
}

export interface ConnectedHost {
  readonly room: Room;
  readonly host: FakePort;
  readonly connection: HostConnection;
}

export class FakeHub {
  readonly clock = new FakeClock();
  readonly observer = new RecordingObserver();
  readonly hub: Hub;

  constructor(options: Partial<HubOptions> = {}) {
    this.hub = new Hub({
      limits: { ...LIMITS, maxPlayers: 8 },
      maxRooms: 10,
      codeCooldownMs: 60_000,
      guessLimit: 60,
      networkRooms: 0,
      prepareMs: 60_000,
      banMs: 60_000,
      observer: this.observer,
      clock: this.clock,
      budget: unlimitedMemory(),
      publicUrl: () => "http://tv",
      ...options,
    });
  }

  /** A host that has connected, and not prepared yet. */
  connect(session?: string, address?: string): ConnectedHost {
    const host = new FakePort();
    const request = { isReliable: false, sessionHash: session };
    const connected = this.hub.connectHost(host, createHostEncoder("cbor", "array"), request, address);
    if (!connected.ok) throw new Error(`refused: ${connected.failure}`);
    return { room: connected.value.room, host, connection: connected.value };
  }

  open({ session, address, pin }: HostWishes = {}): ConnectedHost & { readonly code: string } {
    const { room, host, connection } = this.connect(session, address);
    room.command({ cmd: "prepare", max_players: 8, name: "game", ...(pin !== undefined && { pin }) });
    const { code } = room;
    if (code === undefined) throw new Error("no room was opened");
    return { room, host, connection, code };
  }
}
