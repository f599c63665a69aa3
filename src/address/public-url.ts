/** Where phones reach this server: asked anew each time, because networks come and leases change while it runs. */
import { EVERY_ADDRESS, isLoopbackAddress } from "./loopback.ts";
import { rankLanAddresses, type NetworkEvidence } from "./lan-addresses.ts";

/** Why phones probably cannot reach the address. */
export type PhoneObstacle = "loopback" | "no_network" | "container" | "wsl" | "nat";

export interface PhoneReach {
  /** No slash at the end. */
  readonly publicUrl: string;
  /** Other addresses of this machine, in case `publicUrl` is the wrong network's. */
  readonly alternatives: readonly string[];
  readonly obstacle?: PhoneObstacle;
}

/** What the listening socket is bound to, which may differ from the host name that was asked for. */
export interface BoundAddress {
  readonly address: string;
  readonly port: number;
}

/** Where the evidence comes from. */
export interface NetworkSource {
  observe(): NetworkEvidence;
  /** Brings up to date what `observe` cannot learn at once. */
  refresh(): Promise<void>;
}

export interface PublicUrlOptions {
  /** The user's own word; nothing is asked then. */
  readonly configured: string | undefined;
  readonly network: NetworkSource;
  /** Milliseconds. */
  readonly now: () => number;
  /** Called when an answer differs from the one before it. @default nothing happens */
  readonly onChange?: (reach: PhoneReach) => void;
}

/** How long an answer is believed: many phones that ask at once cost one look at the interfaces. */
const ANSWER_AGE_MS = 1_000;

export class PublicUrl {
  readonly #options: PublicUrlOptions;
  #bound: BoundAddress | undefined;
  #answer: { readonly reach: PhoneReach; readonly until: number } | undefined;

  constructor(options: PublicUrlOptions) {
    this.#options = options;
  }

  /** Whether the user said the address, so that no request may say another. */
  get isConfigured(): boolean {
    return this.#options.configured !== undefined;
  }

  /** Once the server listens. Resolves when the first answer is as good as it gets. */
  async bind(bound: BoundAddress): Promise<PhoneReach> {
    await this.#options.network.refresh();
    this.#bound = bound;
    this.#answer = undefined;
    return this.reach();
  }

  reach(): PhoneReach {
    const { configured, network, now, onChange } = this.#options;
    if (configured !== undefined) return { publicUrl: configured, alternatives: [] };
    if (this.#bound === undefined) return { publicUrl: "", alternatives: [] };
    if (this.#answer === undefined || now() >= this.#answer.until) {
      const before = this.#answer?.reach.publicUrl;
      const reach = reachOf(this.#bound, network.observe());
      this.#answer = { reach, until: now() + ANSWER_AGE_MS };
      if (before !== undefined && before !== reach.publicUrl) onChange?.(reach);
      void network.refresh();
    }
    return this.#answer.reach;
  }
}

export function reachOf({ address, port }: BoundAddress, evidence: NetworkEvidence): PhoneReach {
  const urlOf = (host: string): string => `http://${bracketed(host)}:${port}`;
  if (isLoopbackAddress(address)) return { publicUrl: urlOf(address), alternatives: [], obstacle: "loopback" };
  if (!EVERY_ADDRESS.has(address)) return { publicUrl: urlOf(address), alternatives: [] };
  const { best, others, hiddenBy } = rankLanAddresses(evidence);
  if (best === undefined) return { publicUrl: urlOf("127.0.0.1"), alternatives: [], obstacle: "no_network" };
  const reach = { publicUrl: urlOf(best), alternatives: others.map(urlOf) };
  return hiddenBy === undefined ? reach : { ...reach, obstacle: hiddenBy };
}

/** RFC 3986, section 3.2.2: an IPv6 address stands in brackets in a URL. */
export function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
