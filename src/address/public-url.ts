/** The address at which phones reach this server. It is determined anew when asked, since networks and leases change while the server runs. */
import { EVERY_ADDRESS, isLoopbackAddress } from "./loopback.ts";
import { rankLanAddresses, type NetworkEvidence } from "./lan-addresses.ts";

/** The probable reason why phones cannot reach the address. */
export type PhoneObstacle = "loopback" | "no_network" | "container" | "wsl" | "nat";

/** How phones reach the server. */
export interface PhoneReach {
  /** Without a trailing slash. */
  readonly publicUrl: string;
  /** Other addresses of this machine, in case `publicUrl` belongs to the wrong network. */
  readonly alternatives: readonly string[];
  readonly obstacle?: PhoneObstacle;
}

/** The address of the listening socket, which may differ from the configured host name. */
export interface BoundAddress {
  readonly address: string;
  readonly port: number;
  /** @default "http" */
  readonly scheme?: "http" | "https";
}

/** Says what is known about this machine's networks. */
export interface NetworkSource {
  /** Called when an address is asked for, once a second at most. */
  observe(): NetworkEvidence;
  /** Updates what `observe` cannot read synchronously. */
  refresh(): Promise<void>;
}

export interface PublicUrlOptions {
  /** The configured URL. If it is set, no network is examined. */
  readonly configured: string | undefined;
  readonly network: NetworkSource;
  /** Milliseconds. */
  readonly now: () => number;
  /** Called when an answer differs from the one before it. @default nothing happens */
  readonly onChange?: (reach: PhoneReach) => void;
}

/** How long an answer is cached: many phones that ask at once cost one look at the interfaces. */
const ANSWER_AGE_MS = 1_000;

export class PublicUrl {
  readonly #options: PublicUrlOptions;
  #bound: BoundAddress | undefined;
  #answer: { readonly reach: PhoneReach; readonly until: number } | undefined;

  constructor(options: PublicUrlOptions) {
    this.#options = options;
  }

  /** Whether the address is configured. Requests then cannot override it. */
  get isConfigured(): boolean {
    return this.#options.configured !== undefined;
  }

  /** To be called once the server listens. Resolves with the first answer after the default route is known. */
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

export function reachOf({ address, port, scheme = "http" }: BoundAddress, evidence: NetworkEvidence): PhoneReach {
  const urlOf = (host: string): string => `${scheme}://${bracketed(host)}:${port}`;
  if (isLoopbackAddress(address)) return { publicUrl: urlOf(address), alternatives: [], obstacle: "loopback" };
  if (!EVERY_ADDRESS.has(address)) return { publicUrl: urlOf(address), alternatives: [] };
  const { best, others, hiddenBy } = rankLanAddresses(evidence);
  if (best === undefined) return { publicUrl: urlOf("127.0.0.1"), alternatives: [], obstacle: "no_network" };
  const reach = { publicUrl: urlOf(best), alternatives: others.map(urlOf) };
  return hiddenBy === undefined ? reach : { ...reach, obstacle: hiddenBy };
}

/** Puts an IPv6 address into brackets, as URLs need it (RFC 3986, section 3.2.2). */
export function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
