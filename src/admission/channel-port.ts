/** Where connections go that want channels and no room (P8). What serves them stands behind this port (`channels/`). */
import type { Result } from "../protocol/result.ts";
import type { ConnectionHandler } from "../room/ports.ts";
import type { ArrivingPort, Rejection } from "./connect-request.ts";
import type { LineToken } from "./line-token.ts";

export interface ChannelLineRequest {
  readonly address: string;
  /** The token that came with the handshake, judged: `connect` may leave its own out. */
  readonly token: LineToken | undefined;
  /** Judges the token of `connect`, and whether its user is banned. The caller gives a good one to the port, whose line then ends with it. */
  readonly judge: (token: string) => Promise<Result<LineToken, Rejection>>;
}

export interface ChannelLines {
  /** The handler of a connection on `/ws` that shows no token for a room. It limits how long the peer may take until its first frame (P6.0). */
  open(port: ArrivingPort, request: ChannelLineRequest): ConnectionHandler;
}
