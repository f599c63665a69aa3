/** The server that the checks talk to, and what they may know of it: its address, and tokens that it takes. */
import { decodeJwt, SignJWT } from "jose";
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
  /** A secret of the server's `jwtSecret`: the checks of open rooms and of channels sign tokens with it. */
  readonly secret?: string;
  /** A token that the server takes, where its secret is not known. Checks that need more than one are skipped. */
  readonly token?: string;
}

/** What a token of a check says. */
interface CheckClaims {
  readonly sub: string;
  readonly room?: string;
  readonly role?: string;
  readonly channels?: readonly string[];
  readonly publish?: readonly string[];
}

const TOKEN_SECONDS = 300;
/** Of a token that is over while its check runs. */
export const SHORT_SECONDS = 2;
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
  readonly #token: string | undefined;
  readonly #secret: Uint8Array | undefined;
  /** The last in the line of checks that wait for a room. */
  #lastInLine: Promise<unknown> = Promise.resolve();
  /** The last in the line of checks that are the one member of `token`. */
  #lastMember: Promise<void> = Promise.resolve();

  constructor({ url, ca, timeoutMs = DEFAULT_TIMEOUT_MS, secret, token }: ConformanceTargetOptions) {
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
    this.#token = token;
    this.#secret = secret === undefined ? undefined : new TextEncoder().encode(secret);
  }

  /** A token for a member of this room, and for all channels: that of the options, or one that is signed for it. */
  async anyToken(room?: string): Promise<string> {
    if (this.#secret === undefined && this.#token !== undefined) return this.#token;
    const sub = "conformance";
    return this.sign({ sub, channels: ["*"], publish: ["*"], ...(room !== undefined && { room }) });
  }

  /** Waits until no other check is the one member that `token` is for. Resolves with what says that this check has done. */
  async beTheMember(): Promise<() => void> {
    if (this.#secret !== undefined) return () => undefined;
    const before = this.#lastMember;
    const { promise, resolve: hasDone } = withResolver();
    this.#lastMember = promise;
    await before;
    return hasDone;
  }

  /** A channel for which `anyToken` is good, with this name where the token lets it choose. */
  channelFor(name: string): string {
    if (this.#secret !== undefined) return name;
    const { channels, publish } = claimsIn(this.#token);
    const pattern = channels.find((one) => publish.includes(one));
    if (pattern === undefined) throw new NotCheckable("the token has no channel on which it may also publish");
    return pattern.endsWith("*") ? pattern.slice(0, -1) + name : pattern;
  }

  /** A token (HS256) that counts for so many seconds. */
  async sign(claims: CheckClaims, seconds = TOKEN_SECONDS): Promise<string> {
    if (this.#secret === undefined) throw new NotCheckable("needs --secret, to sign tokens");
    const now = Math.floor(Date.now() / 1_000);
    return new SignJWT({ session_id: `conformance-${claims.sub}`, ...claims })
      .setProtectedHeader({ alg: "HS256", typ: "JWT" })
      .setIssuedAt(now)
      .setExpirationTime(now + seconds)
      .sign(this.#secret);
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

function withResolver(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let settle: (() => void) | undefined;
  const promise = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return { promise, resolve: () => settle?.() };
}

/** What the token of the options says. */
function claimsIn(token: string | undefined): {
  readonly channels: readonly string[];
  readonly publish: readonly string[];
} {
  if (token === undefined) throw new NotCheckable("needs --secret or --token");
  const { channels, publish } = decodeJwt(token);
  return { channels: textsIn(channels), publish: textsIn(publish) };
}

function textsIn(list: unknown): readonly string[] {
  return Array.isArray(list) ? list.filter((item: unknown) => typeof item === "string") : [];
}
