/** Translates a game's message into a command for the server and its delivery terms. */
import { deliveryOf, type SendOptions } from "./addressing.ts";
import { encodeCommand } from "./host-wire.ts";
import type { FrameSendOptions } from "./reliable-connection.ts";
import { toFrame, type Payload } from "./payload.ts";

export interface Outgoing {
  readonly frame: Uint8Array<ArrayBuffer>;
  /** Volatile frames with the same key replace one another: the same name and the same players. */
  readonly replaces: string | undefined;
  readonly sending: FrameSendOptions;
}

/** @throws {CouchwireError} `invalid_argument` */
export function outgoingOf(to: readonly number[], payload: Payload, options: SendOptions): Outgoing {
  const data = toFrame(payload);
  const delivery = deliveryOf(options);
  const { ttl: ttlMs, ...what } = delivery;
  return {
    frame: encodeCommand(
      typeof data === "string" ? { cmd: "to_str", to, data, ...delivery } : { cmd: "to", to, data, ...delivery },
    ),
    replaces: delivery.volatile === undefined ? undefined : JSON.stringify([to, what]),
    sending: ttlMs === undefined ? {} : { ttlMs },
  };
}
