/** What has arrived and was not taken yet: a test waits for the next item instead of sleeping. */

/** Longer than any wait on a busy machine; after it the wait fails with an error that names what was missing. */
export const GIVE_UP_MS = 20_000;

interface Waiting<Item> {
  readonly resolve: (item: Item) => void;
  readonly reject: (error: Error) => void;
}

export class Inbox<Item> {
  readonly #owner: string;
  readonly #items: Item[] = [];
  readonly #waiting: Waiting<Item>[] = [];
  #end: string | undefined;

  constructor(owner: string) {
    this.#owner = owner;
  }

  push(item: Item): void {
    const first = this.#waiting.shift();
    if (first === undefined) this.#items.push(item);
    else first.resolve(item);
  }

  /** No more items will come. Waiting calls reject with the reason. */
  end(why: string): void {
    this.#end ??= why;
    for (const { reject } of this.#waiting.splice(0)) reject(new Error(`${this.#owner}: ${why}`));
  }

  /** What is here already, in order; it counts as looked at. */
  drain(): Item[] {
    return this.#items.splice(0);
  }

  next(): Promise<Item> {
    const [item] = this.#items.splice(0, 1);
    if (item !== undefined) return Promise.resolve(item);
    const trace = new Error(`${this.#owner}: nothing came`);
    return new Promise((resolve, reject) => {
      if (this.#end !== undefined) {
        trace.message = `${this.#owner}: ${this.#end}`;
        reject(trace);
        return;
      }
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        reject(trace);
      }, GIVE_UP_MS);
      const waiting: Waiting<Item> = {
        resolve: (found) => {
          clearTimeout(timer);
          resolve(found);
        },
        reject: (error) => {
          clearTimeout(timer);
          trace.message = error.message;
          reject(trace);
        },
      };
      this.#waiting.push(waiting);
    });
  }

  async take(count: number): Promise<Item[]> {
    const items: Item[] = [];
    while (items.length < count) items.push(await this.next());
    return items;
  }

  /** The next one that it is, passing over the others. */
  async until(isIt: (item: Item) => boolean): Promise<Item> {
    for (;;) {
      const item = await this.next();
      if (isIt(item)) return item;
    }
  }
}

/** Waits for a condition without an event: tests it again after each turn of the event loop. */
export async function eventually(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + GIVE_UP_MS;
  while (!(await isSo())) {
    if (performance.now() > giveUpAt) throw new Error(`It never came to this: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
