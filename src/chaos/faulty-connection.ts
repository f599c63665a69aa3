/** One connection through the cutting proxy: two sockets, the bytes between them, and their faults. */
import type { Socket } from "node:net";
import type { Random } from "./random.ts";
import {
  scheduleFault,
  type Direction,
  type ScheduledFault,
  type Fault,
  type Side,
  type FaultProfile,
} from "./fault-profile.ts";

/** How long a network takes for bytes in one direction; bytes never overtake each other. */
export interface LineDelay {
  /** Milliseconds for all bytes. */
  readonly ms: number;
  /** Up to so many milliseconds more, drawn anew each time. */
  readonly jitterMs: number;
}

export interface FaultyConnectionOptions {
  readonly client: Socket;
  /** May still be connecting. */
  readonly server: Socket;
  readonly random: Random;
  readonly faultProfile: FaultProfile | undefined;
  /** @default no delay */
  readonly lineDelay?: LineDelay | undefined;
  readonly onFault: (fault: Fault) => void;
  /** Called when both sockets are closed. */
  readonly onOver: () => void;
}

/** Above this many waiting bytes the proxy pauses the sender's socket. */
const MAX_WAITING_BYTES = 262_144;

/** One direction of a connection. */
interface Pipe {
  readonly source: Socket;
  readonly sink: Socket;
  waiting: { readonly bytes: Buffer; readonly dueAt: number }[];
  waitingBytes: number;
  /** The source has sent its FIN. */
  isEnded: boolean;
  readonly random: Random;
  scheduled: ScheduledFault | undefined;
  /** Bytes since the last fault of this direction. */
  passed: number;
}

export class FaultyConnection {
  readonly #options: FaultyConnectionOptions;
  readonly #pipes: Readonly<Record<Direction, Pipe>>;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #faultProfile: FaultProfile | undefined;
  #delayMs = 0;
  /** Held on command, or stalled by a fault. */
  #isHeld = false;
  #isStalled = false;
  /** The connection was cut: bytes that still arrive are read and dropped. */
  #isDead = false;
  #openSockets = 2;

  constructor(options: FaultyConnectionOptions) {
    const { client, server, random, faultProfile } = options;
    this.#options = options;
    this.#pipes = { up: pipe(client, server, random.fork(0)), down: pipe(server, client, random.fork(1)) };
    this.#carry("up");
    this.#carry("down");
    this.setFaultProfile(faultProfile);
  }

  /** Replaces the faults to draw; `undefined` draws none. */
  setFaultProfile(faultProfile: FaultProfile | undefined): void {
    this.#faultProfile = faultProfile;
    for (const way of Object.values(this.#pipes)) this.#scheduleFault(way);
  }

  /** Holds all bytes back until `recover`. */
  hold(): void {
    this.#isHeld = true;
  }

  /** Stops all faults and passes on what was held back. */
  recover(): void {
    this.setFaultProfile(undefined);
    this.#isHeld = false;
    this.#isStalled = false;
    this.#delayMs = 0;
    this.#flow("up");
    this.#flow("down");
  }

  /** Cuts both sides, by RST like a broken network or by FIN like a clean shutdown. Returns `false` if the connection was already cut. */
  cut(how: "reset" | "end"): boolean {
    if (this.#isDead) return false;
    this.#die();
    for (const { sink } of Object.values(this.#pipes)) {
      if (how === "reset") reset(sink);
      else sink.end();
    }
    return true;
  }

  /** Cuts one side; the `deaf` side gets no FIN and no RST. Returns `false` if the connection was already cut. */
  goHalfOpen(deaf: Side): boolean {
    if (this.#isDead) return false;
    this.#die();
    const { client, server } = this.#options;
    if (deaf === "client") reset(server);
    else reset(client);
    return true;
  }

  /** Frees both sockets. A second call does nothing. */
  close(): void {
    this.#die();
    this.#options.client.destroy();
    this.#options.server.destroy();
  }

  #carry(direction: Direction): void {
    const way = this.#pipes[direction];
    const { source, sink } = way;
    source.on("data", (bytes: Buffer) => {
      if (this.#isDead) return;
      way.waiting.push({ bytes, dueAt: performance.now() + this.#delayMs + this.#lineDelayMs(way.random) });
      way.waitingBytes += bytes.length;
      if (way.waitingBytes > MAX_WAITING_BYTES) source.pause();
      this.#flow(direction);
    });
    source.on("end", () => {
      way.isEnded = true;
      if (this.#isDead) source.end();
      else this.#flow(direction);
    });
    source.on("drain", () => this.#flow(direction === "up" ? "down" : "up"));
    source.on("error", () => undefined); // `close` follows with `hadError`
    source.on("close", (hadError) => {
      // Passes the loss of one side on to the other, unless a half-open fault hides it.
      if (!this.#isDead && (hadError || !way.isEnded)) {
        this.#die();
        if (hadError) reset(sink);
        else sink.destroy();
      }
      this.#openSockets -= 1;
      if (this.#openSockets > 0) return;
      this.#die();
      this.#options.onOver();
    });
  }

  #lineDelayMs(random: Random): number {
    const { lineDelay } = this.#options;
    return lineDelay === undefined ? 0 : lineDelay.ms + lineDelay.jitterMs * random.next();
  }

  /** Passes on the bytes that are due, up to the byte of the next fault. */
  #flow(direction: Direction): void {
    const way = this.#pipes[direction];
    while (!this.#isDead && !this.#isHeld && !this.#isStalled && !way.sink.writableNeedDrain) {
      const [next] = way.waiting;
      if (next === undefined) {
        if (way.isEnded) way.sink.end();
        break;
      }
      const wait = next.dueAt - performance.now();
      if (wait > 0) {
        this.#after(wait, () => this.#flow(direction));
        break;
      }
      const allowed = way.scheduled === undefined ? Infinity : way.scheduled.afterBytes - way.passed;
      if (next.bytes.length <= allowed) {
        way.waiting.shift();
        this.#pass(way, next.bytes);
      } else {
        way.waiting[0] = { bytes: next.bytes.subarray(allowed), dueAt: next.dueAt };
        this.#pass(way, next.bytes.subarray(0, allowed));
        this.#applyFault(way);
      }
    }
    if (way.waitingBytes <= MAX_WAITING_BYTES) way.source.resume();
  }

  #pass(way: Pipe, bytes: Buffer): void {
    way.waitingBytes -= bytes.length;
    way.passed += bytes.length;
    if (bytes.length > 0) way.sink.write(bytes);
  }

  #scheduleFault(way: Pipe): void {
    way.passed = 0;
    way.scheduled = this.#faultProfile === undefined ? undefined : scheduleFault(this.#faultProfile, way.random);
  }

  #applyFault(way: Pipe): void {
    if (way.scheduled === undefined) return;
    const { fault, ms } = way.scheduled;
    this.#scheduleFault(way);
    this.#options.onFault(fault);
    switch (fault) {
      case "reset":
      case "end":
        this.cut(fault);
        return;
      case "deaf_client":
        this.goHalfOpen("client");
        return;
      case "deaf_server":
        this.goHalfOpen("server");
        return;
      case "late":
        this.#deliverLate(ms);
        return;
      case "stall":
        this.#isStalled = true;
        this.#after(ms, () => {
          this.#isStalled = false;
          this.#flow("up");
          this.#flow("down");
        });
        return;
      case "delay":
        this.#delayMs = ms;
        return;
      default:
        fault satisfies never;
    }
  }

  #deliverLate(ms: number): void {
    const { server } = this.#options;
    const underWay = this.#pipes.up.waiting.map(({ bytes }) => bytes);
    this.goHalfOpen("server");
    this.#after(ms, () => server.write(Buffer.concat(underWay)));
  }

  #die(): void {
    this.#isDead = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    for (const way of Object.values(this.#pipes)) {
      way.waiting = [];
      way.source.resume(); // a paused socket would never read its end
    }
  }

  #after(ms: number, action: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      action();
    }, ms);
    this.#timers.add(timer);
  }
}

function pipe(source: Socket, sink: Socket, random: Random): Pipe {
  return { source, sink, waiting: [], waitingBytes: 0, isEnded: false, random, scheduled: undefined, passed: 0 };
}

/**
 * Resets a socket, as a broken network does. libuv refuses to reset a socket that has sent its FIN, and Node would then keep
 * the handle for ever; such a socket is destroyed instead.
 */
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
