/** A socket that a test holds in its hand: it writes down what is written, and is as slow as the test says. */
import { Duplex } from "node:stream";
import { onTestEnd } from "../clean-up.ts";

type Callback = (error?: Error | null) => void;
interface Piece {
  readonly chunk: Buffer;
}

export class FakeStream extends Duplex {
  /** What each system call took: the pieces that it was given. */
  readonly calls: Buffer[][] = [];
  /** Asked at each system call: whether it is taken at once, as a socket's mostly is, or later. */
  takesAtOnce = (): boolean => true;
  hasEnded = false;
  /** As a socket with TLS says of itself. */
  readonly encrypted: boolean;
  /** All bytes that were taken. */
  takenBytes = 0;
  #onTaken: (() => void) | undefined;
  #onCut: (() => void) | undefined;

  constructor({ encrypted = false } = {}) {
    super({ decodeStrings: false });
    this.encrypted = encrypted;
    onTestEnd(() => this.destroy());
  }

  /** All bytes that have been written, whether they are taken or not. */
  get bytes(): Buffer {
    return Buffer.concat(this.calls.flat());
  }

  /** A system call is under way. */
  get isHolding(): boolean {
    return this.#onTaken !== undefined;
  }

  /** Takes what was held back. */
  takeHeld(): void {
    const onTaken = this.#onTaken;
    this.#onTaken = undefined;
    onTaken?.();
  }

  override _write(chunk: Buffer, _encoding: string, callback: Callback): void {
    this.#call([chunk], callback);
  }

  override _writev(pieces: readonly Piece[], callback: Callback): void {
    this.#call(
      pieces.map(({ chunk }) => chunk),
      callback,
    );
  }

  override _final(callback: Callback): void {
    this.hasEnded = true;
    callback();
  }

  /** As a socket does, it says of what it has not taken that it never will. */
  override _destroy(error: Error | null, callback: Callback): void {
    this.#onTaken = undefined;
    this.#onCut?.();
    callback(error);
  }

  override _read(): void {
    // Nothing ever comes.
  }

  #call(given: Buffer[], callback: Callback): void {
    const pieces = given.filter(({ length }) => length > 0);
    if (pieces.length === 0) return callback(); // a socket always has room for nothing
    this.calls.push(pieces);
    const onTaken = (): void => {
      this.#onCut = undefined;
      for (const { length } of pieces) this.takenBytes += length;
      callback();
    };
    if (this.takesAtOnce()) {
      onTaken();
      return;
    }
    this.#onTaken = onTaken;
    this.#onCut = () => callback(new Error("The connection was cut"));
  }
}

/** All that is due in this turn of the event loop has been done. */
export function endOfTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
