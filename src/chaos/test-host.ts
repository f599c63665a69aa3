/** The host of the run's own room: sends numbered frames to each player and logs the frames of each. */
import { createRoom, type HostRoom, type Player } from "../sdk/node.ts";
import { DeliveryLog } from "./delivery-log.ts";
import type { Network } from "./network.ts";
import { encodeNumbered } from "./numbered-frames.ts";
import { PONG_TIMEOUT_MS, type Phone } from "./phone.ts";

export interface TestHostOptions {
  readonly server: string;
  readonly seats: number;
  readonly network: Network;
  /** Aborts the opening of the room. */
  readonly signal: AbortSignal;
  /** Called after each frame and each change of state. */
  readonly onChange: () => void;
}

/** The text of guests; the log ignores it. */
export const NOISE = "noise";

interface PlayerLog {
  readonly deliveryLog: DeliveryLog;
  sent: number;
}

export class TestHost {
  readonly #room: HostRoom;
  readonly #players = new Map<number, PlayerLog>();
  readonly #faults: string[] = [];
  readonly network: Network;

  private constructor(room: HostRoom, { network, onChange }: TestHostOptions) {
    this.#room = room;
    this.network = network;
    const got = ({ id }: Player, frame: string | Uint8Array<ArrayBuffer>): void => {
      if (frame === NOISE) return;
      this.#player(id).deliveryLog.take(frame);
      onChange();
    };
    room.on("text", got);
    room.on("binary", got);
    room.on("gap", ({ lost, unsent, player }) => {
      const whose = player === undefined ? "" : ` of player ${player.id}`;
      this.#faults.push(`TV: ${lost + unsent} frames${whose} were lost.`);
      onChange();
    });
    room.on("error", ({ reason }) => this.#faults.push(`TV: the server refused a command: ${reason}`));
    room.on("close", ({ code, reason }) => {
      this.#faults.push(`TV: the server closed the room with ${code} ${reason}`);
      onChange();
    });
  }

  static async open(options: TestHostOptions): Promise<TestHost> {
    const { server, seats, network, signal } = options;
    const room = await createRoom({
      server,
      game: "chaos",
      maxPlayers: seats,
      pongTimeoutMs: PONG_TIMEOUT_MS,
      warn: () => undefined, // connections are cut here on purpose
      WebSocket: network.WebSocket,
      signal,
    });
    return new TestHost(room, options);
  }

  get code(): string {
    return this.#room.code;
  }

  get faults(): readonly string[] {
    return this.#faults;
  }

  /** Sends each player its next numbered frame. */
  sendNumbered(): void {
    for (const { id } of this.#room.players) {
      const player = this.#player(id);
      const frame = encodeNumbered({ lane: id, page: 1, number: player.sent + 1 });
      if (this.#room.send(id, frame)) player.sent += 1;
    }
  }

  /** The log of the phone in this lane, and how many frames were sent to it. */
  playerOf(lane: number): { readonly deliveryLog: DeliveryLog; readonly sent: number } | undefined {
    for (const player of this.#players.values()) if (player.deliveryLog.last?.lane === lane) return player;
    return undefined;
  }

  /** Whether all frames between the phone's page and this host have arrived, both ways. */
  isLevelWith({ lane, sent, deliveryLog }: Phone): boolean {
    const player = this.playerOf(lane);
    const last = player?.deliveryLog.last;
    if (player === undefined || last === undefined) return false;
    return last.page === sent.page && last.number >= sent.number && (deliveryLog.last?.number ?? 0) >= player.sent;
  }

  /** Closes the room. */
  close(): void {
    this.#room.close();
  }

  #player(id: number): PlayerLog {
    const known = this.#players.get(id);
    if (known !== undefined) return known;
    const player: PlayerLog = { deliveryLog: new DeliveryLog(`Player ${id} to TV`), sent: 0 };
    this.#players.set(id, player);
    return player;
  }
}
