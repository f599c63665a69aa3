/** What phones without a session are known by, where one is to be kept out for a while: never their address itself. */
import { digest } from "./digest.ts";

/** Visitors whose name is remembered, since many a phone joins more than once, and a classroom's look alike (joins of row `idle`). */
const MAX_REMEMBERED = 256;
/** Nobody's browser calls itself so, and remembering it would only fill the memory. */
const LONG_CHARACTERS = 512;

export class Visitors {
  readonly #names = new Map<string, string>();

  /** The name of whoever comes from this address with this program, which tells phones behind one address apart a little. */
  nameOf(address: string, agent: string): string {
    const visitor = `${address} ${agent}`;
    const known = this.#names.get(visitor);
    if (known !== undefined) return known;
    const name = digest(visitor);
    if (visitor.length <= LONG_CHARACTERS) this.#remember(visitor, name);
    return name;
  }

  #remember(visitor: string, name: string): void {
    this.#names.set(visitor, name);
    const [oldest] = this.#names.keys();
    if (oldest !== undefined && this.#names.size > MAX_REMEMBERED) this.#names.delete(oldest);
  }
}
