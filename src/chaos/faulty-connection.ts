/** One connection through the cutting proxy: two sockets, what passes between them, and what goes wrong with it. */
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

export interface FaultyConnectionOptions {
  readonly client: Socket;
  /** May still be connecting. */
  readonly server: Socket;
  readonly random: Random;
  readonly faultProfile: FaultProfile | undefined;
  readonly onFault: (fault: Fault) => void;
  /** Both sockets are closed. */
  readonly onOver: () => void;
}

/** Past so many bytes that wait here, the sender is held back by its own network. */
const MAX_WAITING_BYTES = 262_144;

/** One direction of a line. */
interface Pipe {
  readonly source: Socket;
  readonly sink: Socket;
  waiting: { readonly bytes: Buffer; readonly dueAt: number }[];
  waitingBytes: number;
  /** The source has said that no more comes. */
  isEnded: boolean;
  readonly random: Random;
  scheduled: ScheduledFault | undefined;
  /** Bytes since the last mishap of this direction. */
  passed: number;
}

export class FaultyConnection {
  readonly #options: FaultyConnectionOptions;
  readonly #pipes: Readonly<Record<Direction, Pipe>>;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #faultProfile: FaultProfile | undefined;
  #delayMs = 0;
  /** Told to hold everything back, and stalled by a mishap. */
  #isHeld = false;
  #isStalled = false;
  /** Nothing passes any more, for ever: what still comes is read and thrown away. */
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

  /** From now on these mishaps, or none. */
  setFaultProfile(faultProfile: FaultProfile | undefined): void {
    this.#faultProfile = faultProfile;
    for (const way of Object.values(this.#pipes)) this.#scheduleFault(way);
  }

  /** Nothing passes, until `beWell`. */
  hold(): void {
    this.#isHeld = true;
  }

  /** What was held back passes, and nothing is late any more. */
  beWell(): void {
    this.setFaultProfile(undefined);
    this.#isHeld = false;
    this.#isStalled = false;
    this.#delayMs = 0;
    this.#flow("up");
    this.#flow("down");
  }

  /** Ends the line for both sides: as a network that broke down does, or in the way of an orderly machine. `false` where it had ended already. */
  cut(how: "reset" | "end"): boolean {
    if (this.#isDead) return false;
    this.#die();
    for (const { sink } of Object.values(this.#pipes)) {
      if (how === "reset") reset(sink);
      else sink.end();
    }
    return true;
  }

  /** Ends the line for one side; the other, which is `deaf`, never hears of it. `false` where it had ended already. */
  goHalfOpen(deaf: Side): boolean {
    if (this.#isDead) return false;
    this.#die();
    const { client, server } = this.#options;
    if (deaf === "client") reset(server);
    else reset(client);
    return true;
  }

  /** Frees both sockets. Safe twice. */
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
      way.waiting.push({ bytes, dueAt: performance.now() + this.#delayMs });
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
    source.on("error", () => undefined); // `close` follows, and says that there was one
    source.on("close", (hadError) => {
      // A side that is gone for good is news for the other, unless that is what this line keeps to itself.
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

  /** Passes on what may pass now, up to the byte at which something happens. */
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
        this.#meetFate(way);
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

  #meetFate(way: Pipe): void {
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
      way.source.resume(); // or its end would never be read
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
 * Ends a socket as a network that broke down does. One that has said that it will send nothing more cannot be reset
 * (libuv's `uv_tcp_close_reset` refuses, and Node then keeps its handle for ever), so that is closed as it is.
 */
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
