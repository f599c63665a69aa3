/** A registry of prom-client, and what is brought up to date before it is read. */
import { Counter, Gauge, Histogram, Registry } from "prom-client";

export class Instruments {
  readonly #registry = new Registry();
  readonly #updates: (() => void)[] = [];

  get contentType(): string {
    return this.#registry.contentType;
  }

  gauge<const Label extends string = never>(
    name: string,
    help: string,
    labelNames: readonly Label[] = [],
  ): Gauge<Label> {
    return new Gauge({ name, help, labelNames: [...labelNames], registers: [this.#registry] });
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

  /** All figures of one moment, as Prometheus reads them. */
  read(): Promise<string> {
    for (const update of this.#updates) update();
    return this.#registry.metrics();
  }
}
