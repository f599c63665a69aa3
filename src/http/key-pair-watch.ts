/**
 * The certificate of a server, and its successors. Once a second it looks at the contents of the files: so it does not matter how they are replaced (written
 * in place, renamed over, or behind a symbolic link that leads elsewhere, as certbot and Kubernetes do), nor whether the file system tells of changes.
 */
import { readFile } from "node:fs/promises";
import type { Logger } from "pino";
import { failure, success, type Result } from "../protocol/result.ts";
import { checkKeyPair, codeOf, readKeyPair, type KeyPair, type KeyPairFiles } from "./key-pair.ts";

/** A server that shows the certificate. */
export interface KeyPairUser {
  /** Called with each new pair. @default the server shows a new one after a restart, as the log says */
  readonly onRenewed?: ((pair: KeyPair) => void) | undefined;
}

const LOOK_EVERY_MS = 1_000;
const NOT_USED = "the new TLS certificate cannot be used; the one before it stays";

export class KeyPairWatch {
  readonly #files: KeyPairFiles;
  readonly #logger: Pick<Logger, "info" | "warn">;
  #current: KeyPair;
  /** What could not be used at the last look, and whether the log has told of it. */
  #refused: { readonly seen: Seen; isTold: boolean } | undefined;
  readonly #users = new Set<KeyPairUser>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  private constructor(files: KeyPairFiles, current: KeyPair, logger: Pick<Logger, "info" | "warn">) {
    this.#files = files;
    this.#current = current;
    this.#logger = logger;
  }

  /** Reads the files for the first time, or returns the sentence that says what is wrong with them. */
  static open(files: KeyPairFiles, logger: Pick<Logger, "info" | "warn">): Result<KeyPairWatch, string> {
    const pair = readKeyPair(files);
    if (!pair.ok) return pair;
    warnOfExpiry(pair.value, logger);
    return success(new KeyPairWatch(files, pair.value, logger));
  }

  get current(): KeyPair {
    return this.#current;
  }

  /**
   * Begins to look, for one server more. The server is given each new pair; one that cannot be used is told to the log, and the one before it stays.
   * Returns what ends it: a look that is under way then changes nothing for this server. Safe twice.
   */
  start(use: KeyPairUser): () => void {
    this.#users.add(use);
    this.#timer ??= setInterval(() => void this.look(), LOOK_EVERY_MS).unref();
    return () => {
      this.#users.delete(use);
      if (this.#users.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  /** Looks once. Never rejects. There is one look at a time, since a file system may take long. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  #take(pair: KeyPair): void {
    const about = { validUntil: new Date(pair.validUntil) };
    const takers = [...this.#users].flatMap(({ onRenewed }) => onRenewed ?? []);
    let why: unknown;
    for (const take of takers) {
      try {
        take(pair);
      } catch (error) {
        why = error; // the server goes on with the pair before it
      }
    }
    if (why !== undefined) this.#logger.warn({ ...about, why: codeOf(why) }, NOT_USED);
    else if (takers.length > 0) this.#logger.info(about, "the TLS certificate was renewed");
    else this.#logger.warn(about, "there is a new TLS certificate, which this runtime uses after a restart");
    warnOfExpiry(pair, this.#logger);
  }

  async #look(): Promise<void> {
    const seen = await readBoth(this.#files);
    if (this.#users.size === 0) return; // closed meanwhile
    if (seen.ok && seen.value.cert === this.#current.cert && seen.value.key === this.#current.key) {
      this.#refused = undefined;
      return;
    }
    const pair = seen.ok ? checkKeyPair(seen.value.cert, seen.value.key) : seen;
    if (pair.ok) {
      this.#refused = undefined;
      this.#current = pair.value;
      this.#take(pair.value);
    } else if (this.#refused === undefined || !isSame(this.#refused.seen, seen)) {
      this.#refused = { seen, isTold: false }; // one file may be replaced before the other: what is seen twice is meant
    } else if (!this.#refused.isTold) {
      this.#refused.isTold = true;
      this.#logger.warn({ why: pair.failure }, NOT_USED);
    }
  }
}

type Seen = Result<Pick<KeyPair, "cert" | "key">, string>;

async function readBoth({ cert, key }: KeyPairFiles): Promise<Seen> {
  try {
    return success({ cert: await readFile(cert, "utf8"), key: await readFile(key, "utf8") });
  } catch (error) {
    return failure(`The files cannot be read: ${codeOf(error)}.`);
  }
}

function isSame(one: Seen, other: Seen): boolean {
  if (!one.ok || !other.ok) return !one.ok && !other.ok && one.failure === other.failure;
  return one.value.cert === other.value.cert && one.value.key === other.value.key;
}

function warnOfExpiry({ validUntil }: KeyPair, logger: Pick<Logger, "warn">): void {
  if (validUntil <= Date.now()) logger.warn({ validUntil: new Date(validUntil) }, "the TLS certificate has expired");
}
