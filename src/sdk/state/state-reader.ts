/**
 * The states of a room on a phone: the room's, which it reads, and its own player's, of which it writes keys too. What it writes shows at
 * once, above what the TV has told, until the TV has told that it heard it. It knows no socket.
 */
import { CouchwireError } from "../couchwire-error.ts";
import { invalid } from "../invalid-argument.ts";
import { MAX_PHONE_BYTES } from "./player-state.ts";
import { SharedState, type StateSource } from "./shared-state.ts";
import { bytesOf, readChanges, writeChanges, type JsonChanges } from "./state-changes.ts";
import { StateListeners } from "./state-listeners.ts";
import type { StateFrame } from "./state-teller.ts";
import { StateValues } from "./state-values.ts";

export interface StateReaderPort {
  /** Whether frames can be sent now. While they cannot, what is written waits for `opened`. */
  isUp(): boolean;
  /** Sends text to the TV. `false` where it is neither sent nor kept. */
  send(text: string): boolean;
  /** This phone's player; `undefined` while it is not known. */
  player(): number | undefined;
  /** The TV has refused what this phone wrote, and says why. */
  refused(reason: string): void;
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  /** A number from 0 to 1, 1 excluded. */
  random(): number;
}

/** What the phone wrote and was not heard of yet. */
interface Written {
  readonly json: string | null;
  /** The number of the frame that it went with; `undefined`: it waits. */
  readonly number: number | undefined;
}

/** A state as the TV has told it. */
class HeardState {
  readonly values = new StateValues();
  /** The number of the last frame; `undefined` until it came whole. */
  version: number | undefined;

  /** What a frame changes; `undefined` where a frame before it is missing. */
  changesOf(frame: StateFrame, set: JsonChanges): JsonChanges | undefined {
    const version = typeof frame.v === "number" ? frame.v : undefined;
    if (frame.all === true) {
      this.version = version ?? 0;
      return this.values.changesTo(set);
    }
    if (version === undefined) return set;
    if (this.version === undefined || version <= this.version) return NO_CHANGES; // the whole has it
    if (version > this.version + 1) return undefined;
    this.version = version;
    return set;
  }
}

const NO_CHANGES: JsonChanges = new Map();
/** Frames of a phone's own state a second. */
const FRAMES_PER_SECOND = 30;
/** A page counts its frames from a random number on, so that it takes none of an earlier page for its own. */
const NUMBERS = 2 ** 40;

export class StateReader {
  readonly sharedSource: StateSource;
  readonly source: StateSource;
  /** The room's state. */
  readonly shared: SharedState;
  /** The player's state above the room's. */
  readonly mine: SharedState;
  /** The SDK's keys in the player's state. */
  readonly own: SharedState;
  readonly #port: StateReaderPort;
  readonly #shared = new HeardState();
  readonly #player = new HeardState();
  readonly #sharedListeners: StateListeners;
  readonly #listeners: StateListeners;
  readonly #written = new Map<string, Written>();
  readonly #firstNumber: number;
  #number: number;
  #nextAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isScheduled = false;
  #hasAsked = false;
  /** Refusals of frames up to this number are told, or those of what was sent again in their place will be. */
  #refusedUpTo = 0;

  constructor(port: StateReaderPort) {
    this.#port = port;
    this.#firstNumber = Math.floor(port.random() * NUMBERS);
    this.#number = this.#firstNumber;
    const shared = {
      json: (key: string) => this.#shared.values.get(key),
      keys: () => this.#shared.values.keys(),
    };
    const mine = {
      json: (key: string) => this.jsonOf(key),
      keys: () => this.keys(),
    };
    this.#sharedListeners = new StateListeners(shared);
    this.#listeners = new StateListeners(mine);
    this.sharedSource = { ...shared, listeners: this.#sharedListeners, write: refuseToWrite };
    this.source = { ...mine, listeners: this.#listeners, write: (changes: JsonChanges) => this.write(changes) };
    this.shared = new SharedState(this.sharedSource);
    this.mine = new SharedState(this.source);
    this.own = new SharedState(this.source, true);
  }

  /** The TV said something of a state. */
  heard(frame: StateFrame): void {
    const set = readChanges(frame.set);
    if (set === undefined || !this.isMine(frame.player)) return;
    const isShared = frame.player === undefined;
    const state = isShared ? this.#shared : this.#player;
    const changes = state.changesOf(frame, set);
    if (changes === undefined) return this.ask();
    if (frame.all === true) this.#hasAsked = false;
    const confirmed = isShared ? [] : this.confirmedBy(frame.n);
    this.change([...changes.keys(), ...confirmed], () => {
      for (const key of confirmed) this.#written.delete(key);
      const before = state.values.apply(changes);
      if (isShared) this.#sharedListeners.changed(before);
    });
    if (frame.again === true) this.writeAgain();
    this.#sharedListeners.tell();
    this.#listeners.tell();
    if (typeof frame.error === "string") this.refused(frame.error, frame.n);
  }

  /**
   * A TV that is loaded again refuses once more what its last page has refused, and both what was written and what it had this phone send
   * again. What another page of this phone wrote is nothing to this one.
   */
  private refused(reason: string, number: unknown): void {
    if (typeof number === "number") {
      if (!this.isOwn(number) || number <= this.#refusedUpTo) return;
      this.#refusedUpTo = number;
    }
    this.#port.refused(reason);
  }

  /** The room's state, or this player's own; another's says nothing here. */
  private isMine(player: unknown): boolean {
    const own = this.#port.player();
    return player === undefined || own === undefined || player === own;
  }

  /** Sends what was written. Call before anything else is sent, so that the TV gets it in order. */
  flush(): void {
    const changes = new Map<string, string | null>();
    for (const [key, { json, number }] of this.#written) if (number === undefined) changes.set(key, json);
    if (changes.size === 0) return;
    const number = this.#number + 1;
    if (!this.#port.send(`{"cw":"state","set":${writeChanges(changes)},"n":${number}}`)) return;
    this.#number = number;
    for (const [key, json] of changes) this.#written.set(key, { json, number });
    this.#nextAt = this.#port.now() + 1_000 / FRAMES_PER_SECOND;
  }

  /** The connection begins from nothing, and so do the states: they come whole. What was written goes again. */
  beginAnew(): void {
    this.#shared.version = undefined;
    this.#player.version = undefined;
    this.writeAgain();
  }

  /** The connection is up. */
  opened(): void {
    this.#hasAsked = false;
    this.sendDue();
  }

  /** Frames of this phone were lost. What the TV did not hear goes again. */
  writeAgain(): void {
    for (const [key, { json, number }] of this.#written) {
      this.#refusedUpTo = Math.max(this.#refusedUpTo, number ?? 0);
      this.#written.set(key, { json, number: undefined });
    }
    this.schedule();
  }

  /** Frames for this phone were lost, perhaps some of a state. */
  askAfterGap(): void {
    if (this.#shared.version !== undefined || this.#player.version !== undefined) this.ask();
  }

  /** Asks the TV for the states, whole. All that was written before is heard then, or was refused on its way. */
  ask(): void {
    if (this.#hasAsked) return;
    this.flush();
    this.#hasAsked = this.#port.send(`{"cw":"state","get":true,"n":${this.#number}}`);
  }

  /** A frame of this phone was refused on its way to the TV, perhaps one of these. */
  askAfterRefusal(): void {
    if ([...this.#written.values()].some(({ number }) => number !== undefined)) this.ask();
  }

  /** The connection is over. */
  close(): void {
    clearTimeout(this.#timer);
  }

  private write(changes: JsonChanges): void {
    let bytes = 0;
    for (const [key, { json }] of this.#written) if (!changes.has(key)) bytes += bytesOf(key) + bytesOf(json ?? "");
    for (const [key, json] of changes) bytes += bytesOf(key) + bytesOf(json ?? "");
    if (bytes > MAX_PHONE_BYTES) {
      throw new CouchwireError(
        "too_large",
        `A phone may keep ${MAX_PHONE_BYTES} bytes of state; these would be ${bytes}. Nothing was changed.`,
      );
    }
    const isNews = [...changes].filter(([key, json]) => this.ownJsonOf(key) !== (json ?? undefined));
    this.change([...changes.keys()], () => {
      for (const [key, json] of isNews) this.#written.set(key, { json, number: undefined });
    });
    if (isNews.length > 0) this.schedule();
  }

  /** Makes a change that touches these keys, and notes what it does to the player's state above the room's. */
  private change(keys: readonly string[], make: () => void): void {
    const visible = new Map(keys.map((key) => [key, this.jsonOf(key)]));
    make();
    this.#listeners.changed(new Map([...visible].filter(([key, json]) => this.jsonOf(key) !== json)));
  }

  private jsonOf(key: string): string | undefined {
    return this.ownJsonOf(key) ?? this.#shared.values.get(key);
  }

  private ownJsonOf(key: string): string | undefined {
    const written = this.#written.get(key);
    return written === undefined ? this.#player.values.get(key) : (written.json ?? undefined);
  }

  private keys(): Iterable<string> {
    const keys = new Set([...this.#shared.values.keys(), ...this.#player.values.keys(), ...this.#written.keys()]);
    return [...keys].filter((key) => this.jsonOf(key) !== undefined);
  }

  /** The keys that were written in frames up to this number. */
  private confirmedBy(number: unknown): readonly string[] {
    if (typeof number !== "number" || !this.isOwn(number)) return [];
    const written = [...this.#written];
    return written.filter(([, { number: own }]) => own !== undefined && own <= number).map(([key]) => key);
  }

  /** A frame of this page has the number. */
  private isOwn(number: number): boolean {
    return number > this.#firstNumber && number <= this.#number;
  }

  private schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.sendDue();
    });
  }

  /** Sends what was written, now or when its time has come. */
  private sendDue(): void {
    clearTimeout(this.#timer);
    if (!this.#port.isUp()) return;
    const waitMs = this.#nextAt - this.#port.now();
    if (waitMs <= 0) return this.flush();
    this.#timer = setTimeout(() => this.sendDue(), Math.ceil(waitMs));
  }
}

function refuseToWrite(): void {
  throw invalid("The room's state is the TV's: a phone reads it. It writes its own with `me.state.set`.");
}
