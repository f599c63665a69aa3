/** Microseconds, counted in buckets of about 1.5 %: adding costs no memory, however many there are. */

const SUB_BUCKET_BITS = 6;
const SUB_BUCKETS = 1 << SUB_BUCKET_BITS;
const POWERS = 32 - SUB_BUCKET_BITS;

export class Histogram {
  #counts = new Uint32Array((POWERS + 1) * SUB_BUCKETS);
  #total = 0;
  #largest = 0;

  /** @param {number} value a whole number from 0 to 2³² − 1 */
  add(value) {
    const power = Math.max(0, 32 - Math.clz32(value) - SUB_BUCKET_BITS);
    this.#counts[power * SUB_BUCKETS + (value >>> power)] += 1;
    this.#total += 1;
    if (value > this.#largest) this.#largest = value;
  }

  /** All that these have counted. @param {Histogram[]} others */
  static sum(others) {
    const sum = new Histogram();
    for (const other of others) {
      for (const [bucket, count] of other.#counts.entries()) sum.#counts[bucket] += count;
      sum.#total += other.#total;
      sum.#largest = Math.max(sum.#largest, other.#largest);
    }
    return sum;
  }

  /** What one of another process has counted. @param {ReturnType<Histogram["content"]>} content */
  static of({ counts, total, largest }) {
    const histogram = new Histogram();
    histogram.#counts.set(counts);
    histogram.#total = total;
    histogram.#largest = largest;
    return histogram;
  }

  /** All that it has counted, as data. */
  content() {
    return { counts: [...this.#counts], total: this.#total, largest: this.#largest };
  }

  get total() {
    return this.#total;
  }

  /** The value that the given share is not above. @param {number} share from 0 to 1 */
  quantile(share) {
    const rank = Math.ceil(this.#total * share);
    let seen = 0;
    for (const [bucket, count] of this.#counts.entries()) {
      seen += count;
      if (count > 0 && seen >= rank) {
        const power = Math.floor(bucket / SUB_BUCKETS);
        return Math.min(this.#largest, ((bucket % SUB_BUCKETS) + 1) * 2 ** power - 1);
      }
    }
    return 0;
  }

  summary() {
    const ms = (share) => this.quantile(share) / 1000;
    return { frames: this.#total, p50: ms(0.5), p99: ms(0.99), p999: ms(0.999), max: this.#largest / 1000 };
  }
}
