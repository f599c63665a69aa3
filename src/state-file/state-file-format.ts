/**
 * The bytes of a state file: a line that says what it is, a version, the records of the rooms, each behind its length, an empty one as the end, and a hash of
 * all that. So a file that was cut off, changed, or made by another program is told from a sound one.
 */
import { createHash, type Hash } from "node:crypto";
import { decodeRoomRecord } from "../hub/room-record-codec.ts";
import type { RoomRecord } from "../hub/room-record.ts";
import { failure, success, type Result } from "../protocol/result.ts";

const MAGIC = Buffer.from("couchwire rooms\n");
const VERSION = 1;
const HEAD_BYTES = MAGIC.length + 1;
const LENGTH_BYTES = 4;
const HASH_BYTES = 32;

/** Writes a state file piece by piece. */
export class StateFileWriter {
  readonly #hash: Hash = createHash("sha256");

  /** What the file begins with. */
  head(): Uint8Array {
    return this.#hashed(Buffer.concat([MAGIC, Buffer.from([VERSION])]));
  }

  /** Some records, as `encodeRoomRecord` gave them. */
  records(records: readonly Uint8Array[]): Uint8Array {
    return this.#hashed(Buffer.concat(records.flatMap((record) => [lengthOf(record), record])));
  }

  /** What the file ends with. */
  end(): Uint8Array {
    const end = this.#hashed(Buffer.alloc(LENGTH_BYTES));
    return Buffer.concat([end, this.#hash.digest()]);
  }

  #hashed(bytes: Buffer): Buffer {
    this.#hash.update(bytes);
    return bytes;
  }
}

/** The records in these bytes; or what is wrong with them, as the end of a sentence that begins with the file. */
export function readStateFile(bytes: Buffer): Result<readonly RoomRecord[], string> {
  if (bytes.length === 0) return failure("is empty.");
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) return failure("is no state file of Couchwire.");
  const version = bytes[MAGIC.length] ?? 0;
  if (version > VERSION)
    return failure(`was written by a newer Couchwire (version ${version}; this one knows versions up to ${VERSION}).`);
  if (version !== VERSION) return failure("is damaged: its version is none.");
  const hashAt = bytes.length - HASH_BYTES;
  if (hashAt < HEAD_BYTES + LENGTH_BYTES) return failure("is damaged: it ends too early.");
  const hash = createHash("sha256").update(bytes.subarray(0, hashAt)).digest();
  if (!hash.equals(bytes.subarray(hashAt))) return failure("is damaged: its hash is not that of what stands in it.");
  const records: RoomRecord[] = [];
  let at = HEAD_BYTES;
  for (;;) {
    if (at + LENGTH_BYTES > hashAt) return failure("is damaged: it ends within a record.");
    const length = bytes.readUInt32BE(at);
    at += LENGTH_BYTES;
    if (length === 0) break;
    if (at + length > hashAt) return failure("is damaged: it ends within a record.");
    const record = decodeRoomRecord(bytes.subarray(at, at + length));
    if (!record.ok) return failure(`cannot be read. ${record.failure}`);
    records.push(record.value);
    at += length;
  }
  return at === hashAt ? success(records) : failure("is damaged: something stands behind its end.");
}

function lengthOf(record: Uint8Array): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(record.length);
  return length;
}
