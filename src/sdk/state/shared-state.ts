/** A state as games see it: keys with JSON values, that pages share. */
import { invalid, quote } from "../invalid-argument.ts";
import { isReserved, jsonChanges, writeChanges, type JsonChanges } from "./state-changes.ts";
import type { ListenedState, StateListeners } from "./state-listeners.ts";

/** The changes of a state by key; `null` where a key was deleted. */
export type StateChanges<S> = { readonly [Key in keyof S]?: S[Key] | null };

/** A state that this page may read. Values are copies: to change one changes nothing in the state. */
export interface ReadableState<S extends object = Record<string, unknown>> {
  /** The value of a key; `undefined` where there is none. */
  get<Key extends keyof S & string>(key: Key): S[Key] | undefined;
  /** Whether the key has a value. */
  has(key: keyof S & string): boolean;
  /** All keys that have a value. */
  keys(): (keyof S & string)[];
  /** All keys and values as an object. */
  all(): Readonly<Partial<S>>;
  /**
   * Calls `listener` when the key has changed, with `undefined` where it was deleted; and once at first, where it has a value. It is
   * called at the end of the turn, once for all changes of the turn. Returns a function that ends it.
   */
  on<Key extends keyof S & string>(key: Key, listener: (value: S[Key] | undefined, key: Key) => void): () => void;
  /** The same for all keys: `listener` gets an object with those that have changed, and at first all that have a value. */
  on(listener: (changes: StateChanges<S>) => void): () => void;
}

/** What stands behind a state. */
export interface StateSource extends ListenedState {
  readonly listeners: StateListeners;
  /** @throws {CouchwireError} where the changes are not allowed, or too large; then none is made. */
  write(changes: JsonChanges): void;
  /** A listener was added. */
  listened?(): void;
}

/** A state that this page may read and write: `room.state`, `player.state`, `me.state`. `Written`: the keys that it may write. */
export class SharedState<
  S extends object = Record<string, unknown>,
  Written extends object = S,
> implements ReadableState<S> {
  readonly #source: StateSource;
  readonly #isOwn: boolean;

  /** @internal `isOwn`: of the SDK's own keys, those that begin with `cw:`, instead of the game's. */
  constructor(source: StateSource, isOwn = false) {
    this.#source = source;
    this.#isOwn = isOwn;
  }

  get<Key extends keyof S & string>(key: Key): S[Key] | undefined {
    const json = this.isMine(key) ? this.#source.json(key) : undefined;
    return json === undefined ? undefined : JSON.parse(json);
  }

  has(key: keyof S & string): boolean {
    return this.isMine(key) && this.#source.json(key) !== undefined;
  }

  keys(): (keyof S & string)[] {
    return [...this.#source.keys()].filter((key): key is keyof S & string => this.isMine(key));
  }

  all(): Readonly<Partial<S>> {
    const json = writeChanges(this.keys().map((key) => [key, this.#source.json(key) ?? null]));
    return JSON.parse(json);
  }

  /**
   * Gives a key a value, anything that JSON can hold; `null` deletes it. All pages that see the state get it at the end of the turn, or
   * before the next thing that is sent. What is set in one turn is seen at once.
   * @throws {CouchwireError} `too_large` where the room's states would be more than 256 KiB of keys and values, `invalid_argument` at
   * what JSON cannot hold and at keys that begin with `cw:`. Then nothing has changed.
   */
  set<Key extends keyof Written & string>(key: Key, value: Written[Key] | null): void;
  /** Sets several keys. */
  set(values: { readonly [Key in keyof Written]?: Written[Key] | null }): void;
  set(keyOrValues: string | object, value?: unknown): void {
    if (typeof keyOrValues === "string") return this.write([[keyOrValues, value]]);
    if (Object.prototype.toString.call(keyOrValues) !== "[object Object]") {
      throw invalid(`\`set\` takes a key and a value, or an object of them; this is ${quote(keyOrValues)}.`);
    }
    this.write(Object.entries(keyOrValues));
  }

  /**
   * Sets a key to what `next` makes of its value, which is `undefined` where there is none: `state.update("round", (n = 0) => n + 1)`.
   * @throws {CouchwireError} as `set`
   */
  update<Key extends keyof Written & string>(
    key: Key,
    next: (value: Written[Key] | undefined) => Written[Key] | null,
  ): void {
    if (typeof next !== "function") throw invalid(`\`update\` takes a key and a function; this is ${quote(next)}.`);
    const json = this.isMine(key) ? this.#source.json(key) : undefined;
    this.write([[key, next(json === undefined ? undefined : JSON.parse(json))]]);
  }

  /** Deletes a key; the same as to set it to `null`. @throws {CouchwireError} as `set` */
  delete(key: keyof Written & string): void {
    this.write([[key, null]]);
  }

  on<Key extends keyof S & string>(key: Key, listener: (value: S[Key] | undefined, key: Key) => void): () => void;
  on(listener: (changes: StateChanges<S>) => void): () => void;
  on(...words: readonly unknown[]): () => void {
    const [first, second] = words;
    const listener = typeof first === "string" ? second : first;
    if (typeof listener !== "function") {
      throw invalid("`on` of a state takes a key and a listener, or a listener for all keys.");
    }
    const { listeners } = this.#source;
    const end =
      typeof first === "string"
        ? listeners.addFor(first, (value, key) => listener(value, key))
        : listeners.addForAll(
            (key) => this.isMine(key),
            (changes) => listener(changes),
          );
    this.#source.listened?.();
    return end;
  }

  private write(entries: readonly (readonly [string, unknown])[]): void {
    const changes = jsonChanges(entries);
    for (const key of changes.keys()) {
      if (this.isMine(key)) continue;
      throw invalid(`Keys that begin with \`cw:\` are the SDK's own; this is ${quote(key)}.`);
    }
    this.#source.write(changes);
  }

  private isMine(key: string): boolean {
    return typeof key === "string" && isReserved(key) === this.#isOwn;
  }
}
