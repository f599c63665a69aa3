/** A registry of prom-client, and what is brought up to date before it is read. */
import { AggregatorRegistry, Counter, Gauge, Histogram, Registry } from "prom-client";

export class Instruments {
  readonly #registry = new Registry();
  readonly #updates: (() => void)[] = [];

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** `together`: what becomes of it where several processes are behind one port. */
  gauge<const Label extends string = never>(
    name: string,
    help: string,
    labelNames: readonly Label[] = [],
    together: "sum" | "max" | "min" = "sum",
  ): Gauge<Label> {
    return new Gauge({ name, help, labelNames: [...labelNames], aggregator: together, registers: [this.#registry] });
  }

  counter<const Label extends string = never>(
    name: string,
    help: string,
    labelNames: readonly Label[] = [],
  ): Counter<Label> {
    return new Counter({ name, help, labelNames: [...labelNames], registers: [this.#registry] });
  }

  histogram(name: string, help: string, buckets: readonly number[]): Histogram {
    return new Histogram({ name, help, buckets: [...buckets], registers: [this.#registry] });
  }

  /** Calls `update` each time before the figures are read: what is counted elsewhere is copied then. */
  beforeRead(update: () => void): void {
    this.#updates.push(update);
  }

  /** All figures of one moment, as Prometheus reads them. `ofOthers`: what `figures` of other processes gives, which is added. */
  async read(ofOthers?: () => Promise<readonly unknown[]>): Promise<string> {
    if (ofOthers === undefined) {
      this.#update();
      return this.#registry.metrics();
    }
    const others = await ofOthers();
    const own = await this.figures();
    return AggregatorRegistry.aggregate([own, ...others.filter((figures) => Array.isArray(figures))]).metrics();
  }

  /** All figures of one moment, for another process to add. */
  figures(): Promise<object[]> {
    this.#update();
    return this.#registry.getMetricsAsJSON();
  }

  #update(): void {
    for (const update of this.#updates) update();
  }
}
