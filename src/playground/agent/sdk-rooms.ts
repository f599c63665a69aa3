/** What the SDK has opened in this frame: it tells how far the TV is, and gives rescue links. */
import type { AgentMessage } from "../messages.ts";
import type { NativeTimers } from "./frame-queue.ts";

/** The methods of `HostRoom` and `PlayerRoom` that are used. An older SDK in the page may lack them. */
interface SdkRoom {
  latency?: () => Promise<number>;
  rescue?: (player: number) => Promise<string>;
}

export class SdkRooms {
  readonly #tell: (message: AgentMessage) => void;
  readonly #timers: NativeTimers;
  #room: SdkRoom | undefined;
  #everyMs = 0;
  #isMeasuring = false;

  readonly #askHostSocket: (player: number) => boolean;

  /** `askHostSocket` sends the command over a host's plain socket, and says whether there is one. */
  constructor(tell: (message: AgentMessage) => void, timers: NativeTimers, askHostSocket: (player: number) => boolean) {
    this.#tell = tell;
    this.#timers = timers;
    this.#askHostSocket = askHostSocket;
  }

  /** The SDK has made this room or player. The newest one counts. */
  add(room: object): void {
    this.#room = room;
    if ("latency" in room) this.#tell({ type: "sdk" });
  }

  /** 0 ends it. */
  measure(everyMs: number): void {
    this.#everyMs = everyMs;
    if (!this.#isMeasuring) void this.measureOn();
  }

  /** Asks the TV for a link. It comes as the server's `rescue_reply`, which the playground sees. */
  rescue(player: number): void {
    const refuse = (problem: string): void => this.#tell({ type: "no_rescue", player, problem });
    const { rescue } = this.#room ?? {};
    if (rescue !== undefined) {
      rescue.call(this.#room, player).catch((error: unknown) => {
        refuse(error instanceof Error ? error.message : String(error));
      });
    } else if (!this.#askHostSocket(player)) {
      refuse("There is no host's socket in the TV's page.");
    }
  }

  private async measureOn(): Promise<void> {
    this.#isMeasuring = true;
    while (this.#everyMs > 0) {
      const room = this.#room;
      const isPhone = room?.latency !== undefined && room.rescue === undefined;
      if (isPhone && document.visibilityState === "visible") {
        try {
          const ms = await room.latency?.();
          if (ms !== undefined) this.#tell({ type: "latency", ms });
        } catch {
          // The line is down, or the TV's page has an SDK that does not answer.
        }
      }
      await new Promise<void>((resolve) => this.#timers.after(Math.max(200, this.#everyMs), resolve));
    }
    this.#isMeasuring = false;
  }
}
