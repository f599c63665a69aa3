/** Guests on plain WebSockets, without the SDK: one that floods, and a crowd that joins and leaves at once. */
import { setTimeout as delay } from "node:timers/promises";
import { WebSocket } from "ws";
import { CLOSE_CODES } from "../protocol/close-codes.ts";

export interface GuestsOptions {
  /** The room's address for players. */
  readonly url: string;
  /** The PIN of the room, if it has one. */
  readonly pin: string | undefined;
  /** The text that guests send. */
  readonly text: string;
  /** Ends the wait for the end of a ban. */
  readonly stop: AbortSignal;
  /** Called with a sentence for the report. */
  readonly onNote: (note: string) => void;
}

/** Far above any rate limit that a game could work with. */
const FLOOD_FRAMES = 5_000;
const FLOOD_AT_ONCE = 250;
const RATE_LIMITED = CLOSE_CODES.rate_limited.code;
/** How long a server may take to answer. */
const PONG_TIMEOUT_MS = 10_000;
/** The server closes a refused guest within this time after the opening. */
const REFUSED_WITHIN_MS = 500;

/**
 * Floods the room. A server with a rate limit must close the guest with 4029, refuse it when it comes back at once, and
 * admit it when its ban is over, if that is before `endsAt`. Resolves with the faults.
 */
export async function flood(
  { url, pin, text, stop, onNote }: GuestsOptions,
  session: string,
  endsAt: number,
): Promise<readonly string[]> {
  const address = `${url}?${new URLSearchParams({ session, ...(pin !== undefined && { pin }) })}`;
  const first = await arrive(address);
  if (first.closed !== undefined) return [`Flood: the server refused the guest: ${describe(first.closed)}.`];
  const closed = await sendUntilClosed(first.socket, text);
  if (closed === undefined) {
    first.socket.close(1000);
    onNote(`Flood: the server accepted ${FLOOD_FRAMES} frames at once; it has no rate limit.`);
    return [];
  }
  if (closed.code !== RATE_LIMITED)
    return [`Flood: the server closed the guest with ${describe(closed)} instead of 4029.`];

  const again = await arrive(address);
  if (again.closed?.code !== RATE_LIMITED) {
    again.socket.close(1000);
    return [
      `Flood: the server admitted the guest again at once${again.closed === undefined ? "" : `: ${describe(again.closed)}`}.`,
    ];
  }
  const waitMs = 1_000 * Number(/(\d+) seconds?/.exec(again.closed.reason)?.[1] ?? Infinity);
  if (performance.now() + waitMs > endsAt) {
    onNote(`Flood: the guest was still banned at the end: ${JSON.stringify(again.closed.reason)}`);
    return [];
  }
  await delay(waitMs, undefined, { signal: stop }).catch(() => undefined);
  if (stop.aborted) return [];
  const back = await arrive(address);
  back.socket.close(1000);
  if (back.closed !== undefined)
    return [`Flood: the server refused the guest after its ban: ${describe(back.closed)}.`];
  onNote("Flood: the server closed the guest, banned it and admitted it after the ban.");
  return [];
}

/** `count` guests without a session join at the same moment, and leave. Resolves with the faults. */
export async function rush({ url }: GuestsOptions, count: number): Promise<readonly string[]> {
  const arrivals = await Promise.all(Array.from({ length: count }, () => arrive(url)));
  for (const { socket } of arrivals) socket.close(1000);
  return arrivals.flatMap(({ closed }) =>
    closed === undefined ? [] : [`Rush: the server refused a guest: ${describe(closed)}.`],
  );
}

interface Close {
  readonly code: number;
  readonly reason: string;
}

interface Arrived {
  readonly socket: WebSocket;
  /** The close of a refused guest. */
  readonly closed: Close | undefined;
}

async function arrive(address: string): Promise<Arrived> {
  const socket = new WebSocket(address, { perMessageDeflate: false, handshakeTimeout: PONG_TIMEOUT_MS });
  return await new Promise((resolve) => {
    socket.on("error", () => undefined); // `close` follows
    socket.once("close", (code, reason) => resolve({ socket, closed: { code, reason: reason.toString() } }));
    socket.once("open", () => setTimeout(() => resolve({ socket, closed: undefined }), REFUSED_WITHIN_MS));
  });
}

async function sendUntilClosed(socket: WebSocket, text: string): Promise<Close | undefined> {
  const closed = new Promise<Close>((resolve) => {
    socket.once("close", (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  for (let sent = 0; sent < FLOOD_FRAMES && socket.readyState === WebSocket.OPEN; sent += FLOOD_AT_ONCE) {
    for (let frame = 0; frame < FLOOD_AT_ONCE; frame++) socket.send(text);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return await Promise.race([closed, delay(REFUSED_WITHIN_MS, undefined)]);
}

function describe({ code, reason }: Close): string {
  return reason === "" ? String(code) : `${code} ${JSON.stringify(reason)}`;
}
