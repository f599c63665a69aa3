/** What a host says: its frames in their turn and at its rate, and the commands in them. */
import type { HostCommand } from "../protocol/commands.ts";
import { decodeHostFrame } from "../protocol/decode-host-frame.ts";
import type { Refusal } from "../protocol/error-codes.ts";
import type { Session } from "../session/session.ts";
import { HELD_BACK } from "./host-refusals.ts";
import { commandCost, HostThrottle, type HostRates } from "./host-throttle.ts";
import type { Clock, HostPort, Port } from "./ports.ts";

export interface HostInputOptions {
  readonly channel: Session;
  readonly rates: HostRates;
  readonly clock: Clock;
  /** How many players a frame to everybody goes to. */
  readonly players: () => number;
  readonly obey: (command: HostCommand) => void;
  readonly refuse: (refusal: Refusal) => void;
  /** A control frame of `couchwire.v1` made no sense. */
  readonly onNonsense: (port: Port) => void;
  /** Counts bytes that are kept of what the host said; a negative number gives them back. */
  readonly count: (bytes: number) => void;
}

export class HostInput {
  readonly #options: HostInputOptions;
  readonly #throttle: HostThrottle;

  constructor(options: HostInputOptions) {
    this.#options = options;
    this.#throttle = new HostThrottle({
      rates: options.rates,
      clock: options.clock,
      follow: (frame, isText) => this.#follow(frame, isText),
      warn: () => options.refuse(HELD_BACK),
      count: options.count,
    });
  }

  /** The host speaks over this connection from now on. */
  attach(port: HostPort, isReliable: boolean): void {
    this.#throttle.attach(port, isReliable);
  }

  /** The connection is gone. */
  detach(): void {
    this.#throttle.detach();
  }

  /** The room is over. */
  close(): void {
    this.#throttle.close();
  }

  /** One frame, as it came. */
  receive(frame: Uint8Array, isText: boolean): void {
    if (this.#options.channel.takeAck(frame, isText)) return; // there are no more of those than frames sent
    this.#throttle.receive(frame, isText);
  }

  #follow(frame: Uint8Array, isText: boolean): void {
    const { channel, players, obey, refuse, onNonsense } = this.#options;
    const data = channel.read(frame, isText);
    if (data === "nonsense") {
      if (channel.port !== undefined) onNonsense(channel.port);
      return;
    }
    const decoded = data === "control" ? undefined : decodeHostFrame(data, isText);
    const command = decoded?.ok === true ? decoded.value : undefined;
    if (command !== undefined) obey(command);
    else if (decoded?.ok === false) refuse(decoded.failure);
    this.#throttle.charge(commandCost(frame.length, command, players()));
  }
}
