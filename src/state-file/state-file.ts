/**
 * Keeps the records of this server's rooms in a file, so that they are there again after a restart (COUCHWIRE_STATE_FILE): it is written where something has
 * changed, every two seconds at most, in one step, and read when the server starts.
 */
import { lstatSync, readFileSync, readlinkSync, realpathSync, statSync, type Stats } from "node:fs";
import { open, rename, rm, stat, type FileHandle } from "node:fs/promises";
import { performance } from "node:perf_hooks";
import { basename, dirname, join, resolve } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Logger } from "pino";
import { encodeRoomRecord } from "../hub/room-record-codec.ts";
import type { HostRoomRecord, OpenRoomRecord, RecordKeeper, RoomRecord } from "../hub/room-record.ts";
import type { CloseName } from "../protocol/close-codes.ts";
import { failure, success, type Result } from "../protocol/result.ts";
import type { MemoryAccount, MemoryBudget } from "../room/memory-budget.ts";
import type { Room } from "../room/room.ts";
import { FileLock } from "./file-lock.ts";
import { readStateFile, StateFileWriter } from "./state-file-format.ts";

const WRITE_EVERY_MS = 2_000;
/** Between two of these, connections have their turn. */
const SLICE_MS = 5;
/** Bytes that are written at once. */
const CHUNK_BYTES = 256 * 2 ** 10;
const LOG_EVERY_MS = 60_000;
/** Of the file: it holds hashes of sessions and PINs, and what games have saved. */
const MODE = 0o600;
/** What one read may hold. */
const MAX_FILE_BYTES = 2 ** 31 - 1;

/** What a state file needs of the server that it is of. */
export interface StateFileHost {
  readonly recordOf: (room: Room) => RoomRecord | undefined;
  /** What the records take up while they wait to be written counts here. */
  readonly budget: MemoryBudget;
}

export class StateFile implements RecordKeeper<Room> {
  /** Of the rooms of the server before. */
  #records: readonly RoomRecord[];
  readonly #path: string;
  readonly #logger: Logger;
  /** The file as it was read, if it was there. */
  readonly #read: Stats | undefined;
  /** By room, the earliest first; `undefined`: to be encoded. */
  readonly #encoded = new Map<Room, Uint8Array | undefined>();
  #host: StateFileHost | undefined;
  #account: MemoryAccount | undefined;
  #lock: FileLock | undefined;
  #mayWrite = false;
  #hasChanged = false;
  #isFrozen = false;
  #isClosed = false;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #loggedAt = -Infinity;

  private constructor(path: string, records: readonly RoomRecord[], read: Stats | undefined, logger: Logger) {
    this.#path = path;
    this.#records = records;
    this.#read = read;
    this.#logger = logger;
  }

  /** Reads the file. The failure is a sentence; the file stays as it is. */
  static open(path: string, logger: Logger): Result<StateFile, string> {
    const wanted = followed(resolve(path));
    const why = (what: string): Result<never, string> =>
      failure(`The state file ${wanted} ${what} Move it away to begin without its rooms, or choose another file.`);
    try {
      const folder = statSync(dirname(wanted), { throwIfNoEntry: false });
      if (folder?.isDirectory() !== true)
        return failure(`The state file ${wanted} cannot be kept: there is no folder ${dirname(wanted)}.`);
      const stats = statSync(wanted, { throwIfNoEntry: false });
      const own = stats === undefined ? join(realpathSync(dirname(wanted)), basename(wanted)) : realpathSync(wanted);
      if (stats === undefined) return success(new StateFile(own, [], undefined, logger));
      if (!stats.isFile()) return why("is no file.");
      if (stats.size > MAX_FILE_BYTES) return why(`has ${stats.size} bytes; ${MAX_FILE_BYTES} are allowed.`);
      const records = readStateFile(readFileSync(own));
      return records.ok ? success(new StateFile(own, records.value, stats, logger)) : why(records.failure);
    } catch (error) {
      return why(`cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
    }
  }

  /** The records of the rooms of the server before. They are given once. */
  takeRecords(): { readonly hostRooms: readonly HostRoomRecord[]; readonly openRooms: readonly OpenRoomRecord[] } {
    const records = this.#records;
    this.#records = [];
    return {
      hostRooms: records.filter((record) => record.sort === "host"),
      openRooms: records.filter((record) => record.sort === "open"),
    };
  }

  /** From now on it knows whose rooms it keeps. Nothing is written before `begin`. */
  attach(host: StateFileHost): void {
    this.#host = host;
    this.#account = host.budget.open({ cut: () => this.#forgetEncoded() });
  }

  /** Takes the file for this server alone, and begins to write. The failure is a sentence: another server has it. */
  async begin(): Promise<string | undefined> {
    if (this.#mayWrite || this.#isClosed) return undefined;
    const others = `The state file ${this.#path} is in use by another server. Give each server a file of its own.`;
    try {
      this.#lock = await FileLock.take(this.#path);
      if (this.#lock === undefined) return others;
    } catch (error) {
      this.#complain(error, "the state file cannot be locked against another server"); // as on a disk that is read-only
    }
    if (await this.#hasOtherContent()) {
      await this.#lock?.release();
      return `The state file ${this.#path} was written by another server while this one started. Start again.`;
    }
    this.#mayWrite = true;
    if (this.#hasChanged) this.#schedule();
    return undefined;
  }

  changed(room: Room): void {
    if (this.#isFrozen) return;
    const known = this.#encoded.get(room);
    if (known !== undefined) this.#account?.add(-known.length);
    this.#encoded.set(room, undefined);
    this.#noteChange();
  }

  closed(room: Room, why: CloseName): void {
    if (this.#isFrozen || why === "restarting") return;
    const known = this.#encoded.get(room);
    if (known !== undefined) this.#account?.add(-known.length);
    if (this.#encoded.delete(room)) this.#noteChange();
  }

  /** Writes what has changed, one write at a time. Never rejects: what went wrong is logged, and tried again. */
  async write(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
    if (!this.#mayWrite || !this.#hasChanged) return;
    this.#writing = this.#writeOnce().finally(() => (this.#writing = undefined));
    await this.#writing;
  }

  /** Takes the rooms as they are now: what happens to them from here on is the end of the server. */
  freeze(): void {
    for (const room of this.#encoded.keys()) this.#encodedOf(room);
    this.#isFrozen = true;
  }

  /** Writes for the last time. Safe twice. */
  async close(): Promise<void> {
    this.freeze();
    clearTimeout(this.#timer);
    await this.write();
    this.#isClosed = true;
    this.#mayWrite = false;
    this.#account?.close();
    await this.#lock?.release();
    this.#lock = undefined;
  }

  #noteChange(): void {
    this.#hasChanged = true;
    if (this.#mayWrite) this.#schedule();
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#isFrozen) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.write();
    }, WRITE_EVERY_MS);
    this.#timer.unref();
  }

  async #writeOnce(): Promise<void> {
    this.#hasChanged = false;
    try {
      await this.#writeAll(`${this.#path}.tmp`);
    } catch (error) {
      this.#hasChanged = true;
      this.#complain(error, "the state file cannot be written; it is tried again");
    }
    if (this.#hasChanged) this.#schedule();
  }

  /** The file is there as a whole, or as it was. */
  async #writeAll(temporary: string): Promise<void> {
    await rm(temporary, { force: true });
    const file = await open(temporary, "wx", MODE);
    try {
      const writer = new StateFileWriter();
      let at = await writeAt(file, 0, writer.head());
      for await (const records of this.#chunks()) at = await writeAt(file, at, writer.records(records));
      await writeAt(file, at, writer.end());
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, this.#path);
    await syncFolder(dirname(this.#path));
  }

  /** All records, some at a time; what happens on connections is not held up for long. */
  async *#chunks(): AsyncGenerator<readonly Uint8Array[]> {
    let records: Uint8Array[] = [];
    let bytes = 0;
    let began = performance.now();
    for (const room of this.#encoded.keys()) {
      const record = this.#encodedOf(room);
      if (record !== undefined) records.push(record);
      bytes += record?.length ?? 0;
      if (bytes >= CHUNK_BYTES) {
        yield records;
        records = [];
        bytes = 0;
      } else if (performance.now() - began >= SLICE_MS) await nextTurn();
      else continue;
      began = performance.now();
    }
    yield records;
  }

  /** `undefined` for a room that cannot be reopened: it is forgotten until it changes. */
  #encodedOf(room: Room): Uint8Array | undefined {
    const known = this.#encoded.get(room);
    if (known !== undefined) return known;
    const record = this.#host?.recordOf(room);
    const encoded = record && encodeRoomRecord(record);
    if (encoded?.ok === true) {
      this.#encoded.set(room, encoded.value);
      this.#account?.add(encoded.value.length);
      return encoded.value;
    }
    this.#encoded.delete(room);
    if (encoded !== undefined) this.#complain(new Error(encoded.failure), "a room is not kept in the state file");
    return undefined;
  }

  /** Memory is short: the records are made again for the next write. Those of rooms that are over by then cannot be. */
  #forgetEncoded(): "stays" {
    if (this.#isFrozen) return "stays";
    for (const [room, encoded] of this.#encoded) {
      if (encoded === undefined) continue;
      this.#account?.add(-encoded.length);
      this.#encoded.set(room, undefined);
    }
    return "stays";
  }

  /** Another server has written the file since it was read here. */
  async #hasOtherContent(): Promise<boolean> {
    const now = await stat(this.#path).catch(() => undefined);
    const read = this.#read;
    return now?.ino !== read?.ino || now?.mtimeMs !== read?.mtimeMs || now?.size !== read?.size;
  }

  #complain(error: unknown, sentence: string): void {
    const now = performance.now();
    if (now - this.#loggedAt < LOG_EVERY_MS) return;
    this.#loggedAt = now;
    this.#logger.error({ err: error, stateFile: this.#path }, sentence);
  }
}

/** Where a link leads to whose file is not there yet: the first write would put a file in the link's place. */
function followed(path: string): string {
  const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  return isLink ? resolve(dirname(path), readlinkSync(path)) : path;
}

/** Writes all of these bytes, and returns the place behind them. A disk may take some of them at a time. */
async function writeAt(file: FileHandle, place: number, bytes: Uint8Array): Promise<number> {
  let written = 0;
  while (written < bytes.length) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, place + written);
    written += bytesWritten;
  }
  return place + bytes.length;
}

/** So that the new name outlives a loss of power too. Not all systems can do that. */
async function syncFolder(folder: string): Promise<void> {
  const opened = await open(folder, "r").catch(() => undefined);
  try {
    await opened?.sync();
  } catch {
    // Windows cannot: the file itself is safe.
  } finally {
    await opened?.close();
  }
}
