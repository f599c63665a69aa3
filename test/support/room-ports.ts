/** Ports that write down what a room does with them, and hold it to the promises of `src/session/ports.ts`. */
import { joined } from "../../src/session/host-encoder.ts";
import { decode } from "cborg";
import type { CloseName } from "../../src/protocol/close-codes.ts";
import type { SeatTransferLink, RoomDirectory, RegistrationFailure, RoomRegistration } from "../../src/room/ports.ts";
import type { RoomActivity, RoomObserver } from "../../src/room/room-observer.ts";
import type { Traffic } from "../../src/room/traffic.ts";
import type { RoomLimits } from "../../src/room/environment.ts";
import type { HostPort, PlayerPort } from "../../src/session/ports.ts";
import type { HostLimits } from "../../src/session/wire-host.ts";

/** Limits that no test meets by accident; time is not theirs to pass. */
export function limitsOfRooms(limits: Partial<RoomLimits & HostLimits> = {}): RoomLimits & HostLimits {
  return {
    maxPlayers: 250,
    sendQueue: 1_000,
    seatBuffer: 100_000,
    hostBuffer: 100_000,
    awayMs: 3_000,
    seatGraceMs: 120_000,
    hostGraceMs: 120_000,
    playerRate: 0,
    playerBurst: 200,
    playerBytes: 0,
    hostRate: 0,
    hostBurst: 4_000,
    ...limits,
  };
}

export interface SentFrame {
  readonly data: Uint8Array;
  readonly isText: boolean;
}

export interface Closing {
  readonly name: CloseName;
  readonly reason: string | undefined;
}

abstract class RecordingPort {
  /** What the test says is waiting in this peer's queue. */
  queued = 0;
  isBusy = false;
  /** The last frame is to leave with one that has not been sent. */
  protected isOneAhead = false;
  /** Counts that the room wants confirmed. */
  readonly confirms: number[] = [];
  /** How the room closed it, if it did; the first time counts. */
  closing: Closing | undefined;
  readonly #log: string[];
  readonly #name: string;

  /** `log` is shared by the ports of one test where the order between them matters. */
  constructor(name: string, log: string[] = []) {
    this.#name = name;
    this.#log = log;
  }

  close(name: CloseName, reason?: string): void {
    if (this.closing !== undefined) return;
    this.closing = { name, reason };
    this.note(`closed ${name}`);
  }

  confirm(count: number): void {
    this.confirms.push(count);
  }

  isPaused = false;

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  abstract send(data: Uint8Array, isText: boolean): void;

  sendCorked(data: Uint8Array, isText: boolean): void {
    this.send(data, isText);
    this.isOneAhead = true;
  }

  sendParts(head: Uint8Array, data: Uint8Array, isText = false): void {
    this.send(joined(head, data), isText);
  }

  protected note(what: string): void {
    this.#log.push(`${this.#name} ${what}`);
  }
}

/** A TV. What it was sent is decoded by a library that is not the server's, and strictly. */
export class RecordingHost extends RecordingPort implements HostPort {
  readonly frames: SentFrame[] = [];
  #taken = 0;

  constructor(log?: string[]) {
    super("host", log);
  }

  send(data: Uint8Array, isText: boolean): void {
    if (this.closing !== undefined) return;
    this.isOneAhead = false;
    this.frames.push({ data: Uint8Array.from(data), isText });
    this.note("was sent a frame");
  }

  /** The events since the last call. */
  take(): unknown[] {
    if (this.isOneAhead && this.closing === undefined) throw new Error("a frame waits for one that was never sent");
    const events = this.frames.slice(this.#taken).map((frame) => eventOf(frame));
    this.#taken = this.frames.length;
    return events;
  }
}

/** A phone. */
export class RecordingPlayer extends RecordingPort implements PlayerPort {
  rtt: number | undefined;
  probes = 0;
  #frames: (string | number[])[] = [];

  constructor(name = "player", log?: string[]) {
    super(name, log);
  }

  send(data: Uint8Array, isText: boolean): void {
    if (this.closing !== undefined) return;
    this.isOneAhead = false;
    this.#frames.push(isText ? new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data) : [...data]);
    this.note("was sent a frame");
  }

  probe(): void {
    this.probes += 1;
  }

  /** The frames since the last call: text as text, binary as a list of bytes. */
  take(): (string | number[])[] {
    const frames = this.#frames;
    this.#frames = [];
    return frames;
  }
}

/** Gives out codes from a list, and says which are in use. */
export class RecordingDirectory implements RoomDirectory {
  readonly inUse = new Set<string>();
  /** Visitors that were barred. */
  readonly barred: string[] = [];
  isForgotten = false;
  #links = 0;
  readonly #codes: string[];
  readonly #log: string[];

  constructor(codes: readonly string[] = ["BCDF"], log: string[] = []) {
    this.#codes = [...codes];
    this.#log = log;
  }

  register(): RoomRegistration | RegistrationFailure {
    const code = this.#codes.shift();
    if (code === undefined) return "no_room_left";
    this.inUse.add(code);
    this.#log.push(`registered ${code}`);
    return {
      code,
      release: () => {
        if (this.inUse.delete(code)) this.#log.push(`released ${code}`);
      },
    };
  }

  forget(): void {
    this.isForgotten = true;
  }

  seatTransferLink(code: string): SeatTransferLink {
    this.#links += 1;
    const proof = `secret-${this.#links}`;
    return { url: `http://tv/${code}?rescue=${proof}`, proof };
  }

  ban(visitor: string): string {
    this.barred.push(visitor);
    return "Come back in 60 seconds.";
  }

  /** Codes have become free. */
  refill(...codes: readonly string[]): void {
    this.#codes.push(...codes);
  }
}

/** Writes down what it is told: the event's name, then its fields in order, without counters and reasons. */
export class RecordingObserver implements RoomObserver {
  readonly seen: unknown[][];
  /** Of the room that was opened last. */
  traffic: Traffic | undefined;
  readonly roomOpened = this.#note("roomOpened");
  readonly roomClosed = this.#note("roomClosed");
  readonly playerJoined = this.#note("playerJoined");
  readonly playerAway = this.#note("playerAway");
  readonly playerBack = this.#note("playerBack");
  readonly playerLeft = this.#note("playerLeft");
  readonly playerGap = this.#note("playerGap");
  readonly joinRefused = this.#note("joinRefused");
  readonly frameRefused = this.#note("frameRefused");
  readonly hostAway = this.#note("hostAway");
  readonly hostBack = this.#note("hostBack");
  readonly hostCongested = this.#note("hostCongested");

  constructor(seen: unknown[][] = []) {
    this.seen = seen;
  }

  #note<Name extends keyof RoomActivity>(name: Name): (event: RoomActivity[Name]) => void {
    return (event) => {
      if ("traffic" in event) this.traffic = event.traffic;
      const fields = Object.entries(event).filter(([field]) => field !== "traffic" && field !== "reason");
      this.seen.push([name, ...fields.map(([, value]: [string, unknown]) => value)]);
    };
  }
}

function eventOf({ data, isText }: SentFrame): unknown {
  return isText ? JSON.parse(new TextDecoder().decode(data)) : decode(data, { strict: true, allowIndefinite: false });
}
