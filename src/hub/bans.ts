/** Bans that a program gives: of a user, of a session, of an address or a network. Reconnecting does not lift them, over whatever wire. */
import { fitCloseReason } from "../protocol/close-codes.ts";
import { hashSecret } from "./hash-secret.ts";
import { networkOf, networkWithin, parseNetwork, type IpNetwork } from "./ip-prefix.ts";

/** What is banned: exactly one of these. */
export type BanTarget =
  /** The subject of tokens. */
  | { readonly sub: string }
  /** The `session` of a page or a phone, or the `session_id` of tokens. */
  | { readonly session: string }
  /** As `list` gives it: the session's hash. */
  | { readonly sessionHash: string }
  /** An IPv4 or IPv6 address, or a network such as `203.0.113.0/24`. An IPv6 address stands for its /64, which is one household's. */
  | { readonly address: string };

/** Why a ban is, and for how long. */
export interface BanOptions {
  /** The close reason, at most 123 bytes. @default "You are banned from this server." */
  readonly reason?: string;
  /** Milliseconds that the ban lasts. @default for as long as the server runs */
  readonly ms?: number;
}

/** One ban. */
export interface Ban {
  readonly sub?: string;
  /** The SHA-256 of the session: the session itself is a secret, and not kept. */
  readonly sessionHash?: string;
  readonly address?: string;
  readonly reason: string;
  /** When it ends, in milliseconds since 1970; `undefined`: never. */
  readonly until: number | undefined;
}

/** What a peer shows, by which it may be banned. */
export interface BanKeys {
  readonly address?: string | undefined;
  readonly sessionHash?: string | undefined;
  /** The hash of the `session_id` of its token. */
  readonly tokenSessionHash?: string | undefined;
  /** The hash of the session that it shows, where `sessionHash` is another one since it came with a token. */
  readonly shownSessionHash?: string | undefined;
  readonly user?: string | undefined;
}

/** Whether a peer is banned, and why. */
export interface BanCheck {
  /** The sentence for a banned peer, or `undefined`. */
  reasonFor(keys: BanKeys): string | undefined;
}

/** A ban that was given or lifted here. */
export interface BanChange {
  /** Of what is banned: one text for each target, however it was written. */
  readonly key: string;
  /** `undefined`: it was lifted. */
  readonly ban: Ban | undefined;
}

export interface BansOptions {
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
  /** Ends what is open already: from now on `isBanned` is true of its peers. */
  readonly onBan: (isBanned: (keys: BanKeys) => boolean, reason: string) => void;
}

/** Bans at one time. */
const MAX_BANS = 10_000;
/** With those of other nodes, which were told of while there were fewer. */
const MAX_BANS_WITH_OTHERS = 20_000;
const MAX_TEXT_LENGTH = 1_024;
const BANNED = "You are banned from this server.";
const TARGETS = ["sub", "session", "sessionHash", "address"] as const;

/** A target that was checked. */
interface Target {
  /** Under which the ban is found. */
  readonly key: string;
  readonly shown: Pick<Ban, "sub" | "sessionHash" | "address">;
  readonly network: IpNetwork | undefined;
}

interface Entry extends Target {
  readonly ban: Ban;
}

/** Keeps users, sessions and networks out of this server. */
export class Bans implements BanCheck {
  readonly #options: BansOptions;
  readonly #entries = new Map<string, Entry>();
  /** How many bans there are of networks of this length, by family: an address is looked up once for each. */
  readonly #lengths = new Map<string, { readonly network: IpNetwork; count: number }>();
  #tell: ((change: BanChange) => void) | undefined;

  constructor(options: BansOptions) {
    this.#options = options;
  }

  /**
   * Closes what this user, session or address has open with 4503, and refuses it from now on. Replaces a ban of the same. Returns the ban. Throws `TypeError` where something
   * is wrong, and `RangeError` where there are 10000 bans.
   */
  add(target: BanTarget, options: BanOptions = {}): Ban {
    const checked = readTarget(target);
    const { reason, ms } = readOptions(options);
    if (this.#entries.size >= MAX_BANS) this.#dropExpired();
    if (this.#entries.size >= MAX_BANS && !this.#entries.has(checked.key)) {
      throw new RangeError(`There are ${MAX_BANS} bans, which is the most. Remove some, or give them an end.`);
    }
    const until = ms === undefined ? undefined : this.#options.wallClock() + ms;
    const ban: Ban = { ...checked.shown, reason, until };
    this.#put(checked, ban);
    this.#tell?.({ key: checked.key, ban });
    return ban;
  }

  /** Lifts a ban: of a target, or one that `list` gave. `false` where there is none of exactly that. */
  remove(target: BanTarget | Ban): boolean {
    this.#dropExpired();
    const { key } = readTarget(targetOf(target));
    if (!this.#delete(key)) return false;
    this.#tell?.({ key, ban: undefined });
    return true;
  }

  /** Calls `tell` with each ban that is given or lifted here. */
  onChange(tell: (change: BanChange) => void): void {
    this.#tell = tell;
  }

  /** Bans what another node has banned. `false` where the ban is not of what its key says; throws `TypeError` where something is wrong. */
  adopt(key: string, ban: Ban): boolean {
    const checked = readTarget(targetOf(ban));
    if (checked.key !== key) return false;
    const { reason } = readOptions({ reason: ban.reason });
    const adopted: Ban = { ...checked.shown, reason, until: ban.until };
    if (this.#isOver(adopted)) this.#delete(checked.key);
    else if (this.#entries.size < MAX_BANS_WITH_OTHERS || this.#entries.has(checked.key)) this.#put(checked, adopted);
    return true;
  }

  /** Lifts the ban of this key, since another node has lifted it. */
  lift(key: string): void {
    this.#delete(key);
  }

  /** All bans by their keys, the oldest first. */
  *entries(): Iterable<readonly [key: string, ban: Ban]> {
    this.#dropExpired();
    for (const [key, { ban }] of this.#entries) yield [key, ban];
  }

  /** All bans, the oldest first. */
  list(): readonly Ban[] {
    this.#dropExpired();
    return [...this.#entries.values()].map(({ ban }) => ban);
  }

  reasonFor(keys: BanKeys): string | undefined {
    if (this.#entries.size === 0) return undefined;
    for (const key of this.#keysOf(keys)) {
      const ban = this.#entries.get(key)?.ban;
      if (ban !== undefined && !this.#isOver(ban)) return ban.reason;
    }
    return undefined;
  }

  #keysOf({ address, sessionHash, tokenSessionHash, shownSessionHash, user }: BanKeys): readonly string[] {
    const keys: string[] = [];
    if (user !== undefined) keys.push(`sub ${user}`);
    for (const hash of [sessionHash, tokenSessionHash, shownSessionHash])
      if (hash !== undefined) keys.push(`session ${hash}`);
    if (address === undefined) return keys;
    for (const { network } of this.#lengths.values()) {
      const within = networkWithin(address, network);
      if (within !== undefined) keys.push(`address ${within}`);
    }
    return keys;
  }

  #put(target: Target, ban: Ban): void {
    this.#delete(target.key);
    this.#entries.set(target.key, { ...target, ban });
    this.#countLength(target.network, 1);
    this.#options.onBan((keys) => this.#keysOf(keys).includes(target.key), ban.reason);
  }

  #delete(key: string): boolean {
    const entry = this.#entries.get(key);
    if (entry === undefined) return false;
    this.#entries.delete(key);
    this.#countLength(entry.network, -1);
    return true;
  }

  #countLength(network: IpNetwork | undefined, by: 1 | -1): void {
    if (network === undefined) return;
    const kind = `${network.family}/${network.length}`;
    const counted = this.#lengths.get(kind) ?? { network, count: 0 };
    counted.count += by;
    if (counted.count > 0) this.#lengths.set(kind, counted);
    else this.#lengths.delete(kind);
  }

  #dropExpired(): void {
    for (const [key, { ban }] of this.#entries) if (this.#isOver(ban)) this.#delete(key);
  }

  #isOver({ until }: Ban): boolean {
    return until !== undefined && until <= this.#options.wallClock();
  }
}

/** Without what a listed ban says beside its target. */
function targetOf(given: BanTarget | Ban): unknown {
  if (typeof given !== "object" || given === null || !("until" in given)) return given;
  const { reason: _reason, until: _until, ...target } = given;
  return target;
}

function readTarget(target: unknown): Target {
  const given: Partial<Record<string, unknown>> = typeof target === "object" && target !== null ? { ...target } : {};
  const names = Object.keys(given);
  const name = TARGETS.find((known) => known === names[0]);
  if (name === undefined || names.length !== 1) {
    throw new TypeError(
      `A ban is of exactly one of sub, session and address; this has ${names.length === 0 ? "none" : names.join(", ")}.`,
    );
  }
  const value = given[name];
  if (typeof value !== "string" || value === "" || value.length > MAX_TEXT_LENGTH) {
    throw new TypeError(`"${name}" of a ban has to be text of 1 to ${MAX_TEXT_LENGTH} characters.`);
  }
  switch (name) {
    case "sub":
      return { key: `sub ${value}`, shown: { sub: value }, network: undefined };
    case "session":
    case "sessionHash": {
      const sessionHash = name === "session" ? hashSecret(value) : value;
      return { key: `session ${sessionHash}`, shown: { sessionHash }, network: undefined };
    }
    case "address": {
      const network = parseNetwork(value.includes("/") ? value : networkOf(value));
      if (network === undefined) {
        throw new TypeError(
          `"address" of a ban is ${JSON.stringify(value.slice(0, 64))}, but has to be an IPv4 or IPv6 address, or a network such as 203.0.113.0/24 or 2001:db8::/48.`,
        );
      }
      return { key: `address ${network.prefix}`, shown: { address: value }, network };
    }
    default:
      return name satisfies never;
  }
}

function readOptions({ reason = "", ms }: BanOptions): { readonly reason: string; readonly ms: number | undefined } {
  if (typeof reason !== "string") throw new TypeError(`"reason" of a ban has to be text, not ${typeof reason}.`);
  if (ms !== undefined && (typeof ms !== "number" || !(ms > 0))) {
    throw new TypeError(`"ms" of a ban has to be a number of milliseconds above 0, not ${String(ms)}.`);
  }
  return { reason: fitCloseReason(reason === "" ? BANNED : reason), ms: ms === Infinity ? undefined : ms };
}
