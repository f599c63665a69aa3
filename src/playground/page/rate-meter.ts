/** Frames and bytes of the last second, and of all time. */

interface Slot {
  readonly number: number;
  frames: number;
  bytes: number;
}

/** A second has so many slots. */
const SLOTS = 10;
const SLOT_MS = 1_000 / SLOTS;

export class RateMeter {
  #slots: Slot[] = [];
  frames = 0;
  bytes = 0;

  count(bytes: number, now: number): void {
    this.frames += 1;
    this.bytes += bytes;
    const number = Math.floor(now / SLOT_MS);
    const last = this.#slots[this.#slots.length - 1];
    if (last?.number === number) {
      last.frames += 1;
      last.bytes += bytes;
    } else {
      this.#slots = [...this.#slots.filter((slot) => slot.number > number - SLOTS), { number, frames: 1, bytes }];
    }
  }

  lastSecond(now: number): { readonly frames: number; readonly bytes: number } {
    const oldest = Math.floor(now / SLOT_MS) - SLOTS;
    const recent = this.#slots.filter(({ number }) => number > oldest);
    return {
      frames: recent.reduce((sum, { frames }) => sum + frames, 0),
      bytes: recent.reduce((sum, { bytes }) => sum + bytes, 0),
    };
  }

  reset(): void {
    this.#slots = [];
    this.frames = 0;
    this.bytes = 0;
  }
}

export function bytesText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
