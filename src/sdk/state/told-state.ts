/**
 * One state on the TV and what its phones were told of it. Each phone gets it whole once, and from then on what has changed, numbered by
 * `v`. The server keeps the whole and the changes since, so that a phone that begins from nothing gets the same; when those
 * changes are longer than the whole, it is given the whole in their place, of which no phone hears.
 */
import { StateListeners } from "./state-listeners.ts";
import { bytesOf, writeChanges, type JsonChanges } from "./state-changes.ts";
import { ChangedKeys, StateValues } from "./state-values.ts";

/** How the server keeps a frame for phones that begin from nothing (P5.9.13). */
export interface StateRetention {
  readonly retain: string;
  /** It comes after what is kept, not in its place. */
  readonly append?: true;
  /** It is kept, and sent to no phone now. */
  readonly silent?: true;
}

export interface ToldStateOptions {
  /** The name under which the server keeps the frames. */
  readonly retain: string;
  /** The player whose state it is; `undefined`: it is the room's. */
  readonly player: number | undefined;
  /** Frames of phones were lost: with the whole, a phone is asked to send again what it wrote and is not told that it was heard. */
  readonly isAgain: () => boolean;
  /** `false` where the frame is neither sent nor kept. */
  readonly send: (to: readonly number[], text: string, retention: StateRetention) => boolean;
}

/** Changes of fewer bytes stay beside the whole, however small it is. */
const FEW_BYTES = 8_192;
/** The server keeps 4,096 frames of a name. */
const MANY_FRAMES = 1_024;

export class ToldState {
  readonly values = new StateValues();
  readonly listeners = new StateListeners({
    json: (key) => this.values.get(key),
    keys: () => this.values.keys(),
  });
  readonly #options: ToldStateOptions;
  /** Those that got it whole, and every change since. */
  readonly #told = new Set<number>();
  readonly #untold = new ChangedKeys();
  /** The number of the last changes. */
  #version = 0;
  /** Of the changes that are kept beside the whole. */
  #keptBytes = 0;
  #keptFrames = 0;
  #wholeBytes = 0;
  /** The last frame of the player's phone that is part of this state, and the last that its phone was told of. */
  #heard: number | undefined;
  #toldHeard: number | undefined;
  #isNothingNews = false;

  constructor(options: ToldStateOptions) {
    this.#options = options;
  }

  /** The phone's frame of this number is part of the state; the phone is told with the next `tell`, or was (`isTold`). */
  hear(number: number, isTold = false): void {
    this.#heard = number;
    if (isTold) this.#toldHeard = number;
  }

  /** Makes the changes; phones are told with the next `tell`. */
  apply(changes: JsonChanges): void {
    const before = this.values.apply(changes);
    this.#untold.note(before);
    this.listeners.changed(before);
  }

  /** These values are from before the page was loaded, and no phone was told of them by this page. */
  restore(values: JsonChanges): void {
    this.listeners.changed(this.values.apply(values));
  }

  /** Phones may have another state of before this page: they are told also that there is nothing. */
  tellNothingToo(): void {
    this.#isNothingNews = true;
  }

  /** Begins anew without values: the phones' pages do, too, and the server has dropped what it kept. */
  empty(): void {
    this.listeners.changed(this.values.apply(this.values.changesTo(new Map())));
    this.#told.clear();
    this.#untold.take(() => undefined);
    this.#version = 0;
    this.#keptBytes = 0;
    this.#keptFrames = 0;
    this.#wholeBytes = 0;
    this.#heard = undefined;
    this.#toldHeard = undefined;
    this.#isNothingNews = false;
  }

  /** This phone gets it whole with the next `tell`. */
  forget(player: number): void {
    this.#told.delete(player);
  }

  /** Tells these phones what they do not know yet. `isAsked`: also that there is nothing. */
  tell(players: readonly number[], isAsked = false): void {
    const changes = this.#untold.take((key) => this.values.get(key));
    const isNews = changes.size > 0 || this.#heard !== this.#toldHeard;
    this.#toldHeard = this.#heard;
    if (isNews) this.#version += 1;
    const told = players.filter((player) => this.#told.has(player));
    if (isNews && told.length > 0) {
      const text = this.write(changes, `"v":${this.#version}`);
      this.#keptBytes += bytesOf(text);
      this.#keptFrames += 1;
      this.send(told, text, { retain: this.#options.retain, append: true });
    }
    const others = told.length === players.length ? [] : players.filter((player) => !this.#told.has(player));
    const isWorthTelling =
      this.values.size > 0 || this.#version > 0 || isAsked || this.#isNothingNews || this.#options.isAgain();
    if (others.length > 0 && isWorthTelling) {
      const whole = this.whole();
      for (const player of others) this.#told.add(player);
      this.send(others, whole, { retain: this.#options.retain });
    }
    if (this.#keptFrames >= MANY_FRAMES || this.#keptBytes > Math.max(this.#wholeBytes, FEW_BYTES)) {
      const whole = this.whole();
      this.#keptBytes = 0;
      this.#keptFrames = 0;
      this.send(told, whole, { retain: this.#options.retain, silent: true });
    }
  }

  private whole(): string {
    const again = this.#options.isAgain() ? ',"again":true' : "";
    const text = this.write(this.values.entries(), `"all":true,"v":${this.#version}${again}`);
    this.#wholeBytes = bytesOf(text);
    return text;
  }

  private write(changes: Iterable<readonly [string, string | null]>, more: string): string {
    const player = this.#options.player === undefined ? "" : `,"player":${this.#options.player}`;
    const heard = this.#heard === undefined ? "" : `,"n":${this.#heard}`;
    return `{"cw":"state"${player},"set":${writeChanges(changes)},${more}${heard}}`;
  }

  /** A phone that could not be sent something gets it whole the next time. */
  private send(players: readonly number[], text: string, retention: StateRetention): void {
    if (this.#options.send(players, text, retention)) return;
    for (const player of players) this.#told.delete(player);
  }
}
