/** The server that the checks talk to, and how the checks share what it gives to one network. */
import { NotCheckable } from "./broken-rule.ts";
import { parseServerUrl } from "./server-url.ts";
import type { LineAddress } from "./wire-line.ts";

/** Which server, and what the checks may know of it. */
export interface ConformanceTargetOptions {
  /** The server's address, `ws://`, `wss://`, `http://` or `https://`, with the path that it is served under. */
  readonly url: string;
  /** A certificate authority in PEM that counts beside those that the runtime knows. */
  readonly ca?: string;
  /** How many milliseconds a check may take, without its wait for a room. @default 10000 */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 10_000;
/** How long a check asks for a room at most, where the server opens no more for the moment. */
const ROOM_WAIT_MS = 120_000;
const ROOM_PAUSE_MS = 250;

/** Makes the target of the conformance checks. Throws `TypeError` where the address is none. */
export function createConformanceTarget(options: ConformanceTargetOptions): ConformanceTarget {
  return new ConformanceTarget(options);
}

/** A server that is checked. `createConformanceTarget` makes it. */
export class ConformanceTarget {
  readonly address: LineAddress;
  /** The path that the server is served under, without a slash at its end. */
  readonly basePath: string;
  readonly timeoutMs: number;
  /** The last in the line of checks that wait for a room. */
  #lastInLine: Promise<unknown> = Promise.resolve();

  constructor({ url, ca, timeoutMs = DEFAULT_TIMEOUT_MS }: ConformanceTargetOptions) {
    const parsed = parseServerUrl(url);
    if (parsed === undefined) throw new TypeError(`${JSON.stringify(url)} is no address such as ws://localhost:8081.`);
    const isSecure = parsed.protocol === "wss:" || parsed.protocol === "https:";
    this.address = {
      host: parsed.hostname.replace(/^\[(.*)\]$/, "$1"),
      port: parsed.port === "" ? (isSecure ? 443 : 80) : Number(parsed.port),
      isSecure,
      ca,
    };
    this.basePath = parsed.pathname.replace(/\/+$/, "");
    this.timeoutMs = timeoutMs;
  }

  /**
   * Asks for a room until the server opens one: servers open only so many at once for one network (P5.9.6). Checks wait in a line, so that one of them asks at a
   * time. `ask` resolves with `undefined` where it was refused for now.
   */
  async waitForRoom<T>(ask: () => Promise<T | undefined>): Promise<T> {
    const before = this.#lastInLine;
    const asked = (async (): Promise<T> => {
      await before;
      const giveUpAt = performance.now() + ROOM_WAIT_MS;
      for (;;) {
        const opened = await ask();
        if (opened !== undefined) return opened;
        if (performance.now() > giveUpAt) throw new NotCheckable("the server opens no more rooms (room_limit)");
        await new Promise((resolve) => setTimeout(resolve, ROOM_PAUSE_MS));
      }
    })();
    this.#lastInLine = asked.catch(() => undefined);
    return asked;
  }
}
