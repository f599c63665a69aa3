/** What a run counts, and what is told of it. */

/** Numbers of one kind, of which quantiles are told. */
export class Samples {
  #values = new Float64Array(1_024);
  #count = 0;
  #isSorted = true;

  add(value: number): void {
    if (this.#count === this.#values.length) {
      const larger = new Float64Array(2 * this.#count);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#count] = value;
    this.#count += 1;
    this.#isSorted = false;
  }

  get count(): number {
    return this.#count;
  }

  /** The value that so many of all are not above; `share` is from 0 to 1. 0 where there are no samples. */
  quantile(share: number): number {
    if (!this.#isSorted) this.#values.set(this.#values.subarray(0, this.#count).toSorted());
    this.#isSorted = true;
    return this.#values[Math.max(0, Math.ceil(share * this.#count) - 1)] ?? 0;
  }

  get spread(): Spread {
    return { count: this.#count, p50: this.quantile(0.5), p99: this.quantile(0.99), max: this.quantile(1) };
  }
}

export interface Spread {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Counts happenings, and how many of them fall into the busiest tenth of a second. */
export class Rate {
  readonly #slots = new Map<number, number>();
  #count = 0;

  add(atMs: number, count = 1): void {
    const slot = Math.floor(atMs / SLOT_MS);
    this.#slots.set(slot, (this.#slots.get(slot) ?? 0) + count);
    this.#count += count;
  }

  get count(): number {
    return this.#count;
  }

  /** Of the busiest tenth of a second, as a rate a second. */
  get peak(): number {
    let most = 0;
    for (const count of this.#slots.values()) most = Math.max(most, count);
    return (most * 1_000) / SLOT_MS;
  }
}

const SLOT_MS = 100;

/** A table in Markdown. */
export function tableOf(heads: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const lines = [heads, heads.map((_, column) => (column === 0 ? "---" : "---:")), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** A number as people read it: three digits that count, and no more. */
export function rounded(value: number): string {
  if (value === 0) return "0";
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  const scale = 10 ** (2 - Math.floor(Math.log10(Math.abs(value))));
  return (Math.round(value * scale) / scale).toLocaleString("en-US", { maximumFractionDigits: digits });
}
