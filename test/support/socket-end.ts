/** How a WebSocket ended. */
import { WebSocket } from "ws";
import { onTestEnd } from "./clean-up.ts";
import { GIVE_UP_MS } from "./inbox.ts";

export interface Closing {
  readonly code: number;
  readonly reason: string;
}

/** Connects, resolves `opened` when the handshake is done, and is cut when the test ends. `ca` is the certificate that a server with TLS has to have. */
export function connect(
  url: string,
  ca?: string,
): { socket: WebSocket; opened: Promise<void>; closed: Promise<Closing> } {
  const handshakeTimeout = GIVE_UP_MS; // else a server that does not answer would be told as a test that takes too long
  const socket = new WebSocket(url, { perMessageDeflate: false, handshakeTimeout, ...(ca !== undefined && { ca }) });
  onTestEnd(() => socket.terminate());
  const closed = new Promise<Closing>((resolve) => {
    socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  const opened = new Promise<void>((resolve, reject) => {
    socket.on("open", resolve);
    socket.on("error", reject); // also keeps later errors from being uncaught: `closed` tells of those
  });
  return { socket, opened, closed };
}
