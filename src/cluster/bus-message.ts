/** What every bus takes: subjects, sizes, and the bytes that may be under way at once. */
import type { Logger } from "pino";
import { OnceAMinute } from "./once-a-minute.ts";

/** Bytes of the largest message: what a NATS server takes unless it is told otherwise. */
export const MAX_BUS_MESSAGE_BYTES = 1_048_576;
/** Bytes that may be on their way to a bus that does not keep up; what is published past them is dropped. */
export const MAX_BYTES_UNDER_WAY = 16_777_216;

const SUBJECT = /^[\w-]+(?:\.[\w-]+)*$/;
const MAX_SUBJECT_LENGTH = 200;

/** A message or a subject that no bus takes. */
export class BusMessageError extends Error {
  override readonly name = "BusMessageError";
}

export function assertSubject(subject: string): void {
  if (subject.length <= MAX_SUBJECT_LENGTH && SUBJECT.test(subject)) return;
  throw new BusMessageError(
    `A subject of the bus is 1 to ${MAX_SUBJECT_LENGTH} letters, digits, "_" and "-" in parts separated by ".", not ${JSON.stringify(subject.slice(0, MAX_SUBJECT_LENGTH))}.`,
  );
}

export function assertMessage(subject: string, data: Uint8Array, limit = MAX_BUS_MESSAGE_BYTES): void {
  assertSubject(subject);
  if (data.byteLength <= limit) return;
  throw new BusMessageError(`A message on the bus has up to ${limit} bytes, not ${data.byteLength}.`);
}

/** Counts what a bus has not confirmed, and says once a minute where messages were dropped. */
export class BytesUnderWay {
  readonly #log: Pick<Logger, "warn">;
  #bytes = 0;
  #dropped = 0;
  readonly #mentions = new OnceAMinute();

  constructor(log: Pick<Logger, "warn">) {
    this.#log = log;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether the bus may be given so many bytes more; they count until `arrived`. */
  take(bytes: number): boolean {
    if (this.#bytes + bytes > MAX_BYTES_UNDER_WAY) {
      this.#drop();
      return false;
    }
    this.#bytes += bytes;
    return true;
  }

  arrived(bytes: number): void {
    this.#bytes = Math.max(0, this.#bytes - bytes);
  }

  #drop(): void {
    this.#dropped += 1;
    if (!this.#mentions.isDue()) return;
    this.#log.warn({ dropped: this.#dropped }, "the bus does not keep up: messages to other nodes were dropped");
    this.#dropped = 0;
  }
}
