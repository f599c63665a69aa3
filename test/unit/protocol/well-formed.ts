/** RFC 8949, appendix C, in its own shape: the reference that the bounded check is compared with. */

export type WellFormed = { readonly end: number } | undefined;

/** Where the first item of `bytes` ends, or `undefined` where it is not well-formed. Recursive: for short input only. */
export function wellFormedEnd(bytes: Uint8Array): WellFormed {
  const reader = new Reader(bytes);
  try {
    reader.item(false);
    return { end: reader.at };
  } catch (error) {
    if (error instanceof NotWellFormed) return undefined;
    throw error;
  }
}

class NotWellFormed extends Error {}

class Reader {
  readonly #bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Returns the major type, or -1 for a break where one is allowed. */
  item(isBreakable: boolean): number {
    const first = this.#take(1)[0] ?? 0;
    const major = first >> 5;
    const info = first & 0x1f;
    let value = BigInt(info);
    if (info >= 24 && info <= 27) {
      value = this.#take(2 ** (info - 24)).reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
    } else if (info >= 28 && info <= 30) {
      throw new NotWellFormed();
    } else if (info === 31) {
      return this.#indefinite(major, isBreakable);
    }
    if (major === 2 || major === 3) this.#take(value);
    if (major === 4) for (let count = value; count > 0n; count--) this.item(false);
    if (major === 5) for (let count = value * 2n; count > 0n; count--) this.item(false);
    if (major === 6) this.item(false);
    if (major === 7 && info === 24 && value < 32n) throw new NotWellFormed();
    return major;
  }

  #indefinite(major: number, isBreakable: boolean): number {
    switch (major) {
      case 2:
      case 3:
        for (;;) {
          const chunk = this.item(true);
          if (chunk === -1) break;
          if (chunk !== major) throw new NotWellFormed();
        }
        return 99; // as in the RFC: a chunk is never of indefinite length itself
      case 4:
        while (this.item(true) !== -1);
        return major;
      case 5:
        while (this.item(true) !== -1) this.item(false);
        return major;
      case 7:
        if (isBreakable) return -1;
        throw new NotWellFormed();
      default:
        throw new NotWellFormed();
    }
  }

  #take(length: number | bigint): number[] {
    if (BigInt(length) > BigInt(this.#bytes.length - this.at)) throw new NotWellFormed();
    const from = this.at;
    this.at += Number(length);
    return [...this.#bytes.subarray(from, this.at)];
  }
}
