/** Guests on plain WebSockets, without the SDK: one that floods, and a crowd that comes and goes in one moment. */
import { WebSocket } from "ws";
import { CLOSE_CODES } from "../protocol/close-codes.ts";

export interface GuestsOptions {
  /** The room's address for players. */
  readonly url: string;
  /** What the room wants of newcomers, if it does. */
  readonly pin: string | undefined;
  /** What they send. */
  readonly text: string;
  /** Told what a guest has sent, or done, in so many words. */
  readonly onNote: (note: string) => void;
}

/** Far over any limit that lets people play. */
const FLOOD_FRAMES = 5_000;
const FLOOD_AT_ONCE = 250;
const RATE_LIMITED = CLOSE_CODES.rate_limited.code;
/** How long a server may take to answer. */
const PONG_TIMEOUT_MS = 10_000;
/** A guest that is not wanted is closed right after the opening. */
const REFUSED_WITHIN_MS = 500;

/**
 * Sends far too much. A server that limits that has to close the guest with 4029, to refuse it when it comes back at once, and to
 * let it in when its time is over, if that is before `endsAt`. Resolves with what was wrong.
 */
export async function flood(
  { url, pin, text, onNote }: GuestsOptions,
  session: string,
  endsAt: number,
): Promise<readonly string[]> {
  const address = `${url}?${new URLSearchParams({ session, ...(pin !== undefined && { pin }) })}`;
  const first = await arrive(address);
  if (first.closed !== undefined) return [`Flood: the guest was not let in: ${describe(first.closed)}.`];
  const closed = await sendUntilClosed(first.socket, text);
  if (closed === undefined) {
    first.socket.close(1000);
    onNote(`Flood: ${FLOOD_FRAMES} frames at once were taken; the server sets no limit.`);
    return [];
  }
  if (closed.code !== RATE_LIMITED) return [`Flood: the guest was closed with ${describe(closed)}, not with 4029.`];

  const again = await arrive(address);
  if (again.closed?.code !== RATE_LIMITED) {
    again.socket.close(1000);
    return [
      `Flood: the guest was let in again at once${again.closed === undefined ? "" : `: ${describe(again.closed)}`}.`,
    ];
  }
  const waitMs = 1_000 * Number(/(\d+) seconds?/.exec(again.closed.reason)?.[1] ?? Infinity);
  if (performance.now() + waitMs > endsAt) {
    onNote(`Flood: the guest was still kept out at the end: ${JSON.stringify(again.closed.reason)}`);
    return [];
  }
  await sleep(waitMs);
  const back = await arrive(address);
  back.socket.close(1000);
  if (back.closed !== undefined) return [`Flood: the guest was kept out too long: ${describe(back.closed)}.`];
  onNote("Flood: the guest was closed, kept out for its time, and let in again.");
  return [];
}

/** So many guests without a session come in the same moment, and leave. Resolves with what was wrong. */
export async function rush({ url }: GuestsOptions, count: number): Promise<readonly string[]> {
  const arrivals = await Promise.all(Array.from({ length: count }, () => arrive(url)));
  for (const { socket } of arrivals) socket.close(1000);
  return arrivals.flatMap(({ closed }) =>
    closed === undefined ? [] : [`Rush: a guest was refused: ${describe(closed)}.`],
  );
}

interface Close {
  readonly code: number;
  readonly reason: string;
}

interface Arrived {
  readonly socket: WebSocket;
  /** How it was refused, if it was. */
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
  return await Promise.race([closed, sleep(REFUSED_WITHIN_MS)]);
}

async function sleep(ms: number): Promise<undefined> {
  return await new Promise((resolve) => setTimeout(() => resolve(undefined), ms));
}

function describe({ code, reason }: Close): string {
  return reason === "" ? String(code) : `${code} ${JSON.stringify(reason)}`;
}
