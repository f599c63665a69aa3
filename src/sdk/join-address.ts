/** The address at which phones reach the server. A TV page on the server's own machine polls it, since the network may come later or change. */
import { fetchPublicUrl, type AdvertisedUrl, type ServerEndpoint } from "./server-address.ts";

/** Polling interval in milliseconds, while the address can change. */
const ASK_EVERY_MS = 5_000;

export class JoinAddress {
  readonly #server: ServerEndpoint;
  #answer: AdvertisedUrl;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isStopped = false;

  constructor(server: ServerEndpoint) {
    this.#server = server;
    this.#answer = { url: server.http, canChange: true, isAnswered: false };
  }

  /** Without a trailing slash. */
  get url(): string {
    return this.#answer.url;
  }

  /** Asks the server. Never rejects. */
  async ask(): Promise<void> {
    this.#answer = await fetchPublicUrl(this.#server);
  }

  /** Calls back when `url` changes, until `stop`. */
  watch(moved: () => void): void {
    if (this.#isStopped || !this.#answer.canChange) return;
    this.#timer = setTimeout(() => void this.askAgain(moved), ASK_EVERY_MS);
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  private async askAgain(moved: () => void): Promise<void> {
    const before = this.url;
    const answer = await fetchPublicUrl(this.#server);
    if (this.#isStopped) return;
    if (answer.isAnswered) this.#answer = answer; // A restarting server does not answer; the address stays.
    if (this.url !== before) moved();
    this.watch(moved);
  }
}
