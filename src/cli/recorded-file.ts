/** A file into which a recording is written, item by item, each whole. */
import { open, type FileHandle } from "node:fs/promises";
import { failure, success, type Result } from "../protocol/result.ts";
import { ItemSplitter, itemOf, type RecordedItem, type RecordedRoom } from "../recording/recording-file.ts";
import { RecordingWriter, type RecordingEnd } from "../recording/recording-items.ts";

/** Only its owner may read what people have said. */
const FILE_MODE = 0o600;

/** Why there is no new file. */
export type NoFile = { readonly why: "exists" } | { readonly why: "unwritable"; readonly message: string };

/** A file that was not there. */
export async function openNewFile(path: string): Promise<Result<FileHandle, NoFile>> {
  try {
    return success(await open(path, "wx", FILE_MODE));
  } catch (error) {
    const isThere = typeof error === "object" && error !== null && "code" in error && error.code === "EEXIST";
    return failure(isThere ? { why: "exists" } : { why: "unwritable", message: messageOf(error) });
  }
}

/** What was recorded, while it is written. */
export class RecordedFile {
  readonly #file: FileHandle;
  readonly #maxBytes: number;
  readonly #splitter = new ItemSplitter();
  readonly #players = new Set<number>();
  #header: RecordedRoom | undefined;
  #bytes = 0;
  #frames = 0;
  #time = 0;
  #end: string | undefined;

  constructor(file: FileHandle, maxBytes: number) {
    this.#file = file;
    this.#maxBytes = maxBytes;
  }

  /** What has come begins as a recording does. */
  get isRecording(): boolean {
    return this.#header !== undefined;
  }

  get summary(): string {
    const frames = `${count(this.#frames, "frame")} of ${count(this.#players.size, "player")}`;
    return `${frames}, ${durationOf(this.#time)}, ${sizeOf(this.#bytes)}`;
  }

  /** Writes the items that are whole. `false`: nothing more is wanted. */
  async take(bytes: Uint8Array): Promise<boolean> {
    const fitting: Uint8Array[] = [];
    let fresh = 0;
    for (const item of this.#splitter.push(bytes)) {
      const read = itemOf(item);
      if (this.#end !== undefined || (this.#header === undefined && read?.is !== "header")) return false;
      if (this.#bytes + fresh + item.length > this.#maxBytes) {
        await this.#write(fitting);
        await this.#writeEnd("limit");
        return false;
      }
      this.#note(read);
      fitting.push(item);
      fresh += item.length;
    }
    await this.#write(fitting);
    return this.#end === undefined && !this.#splitter.isBroken;
  }

  /** Writes why it ended, unless the server has said so. Returns why. */
  async finish(why: RecordingEnd): Promise<string> {
    if (this.#header !== undefined && this.#end === undefined) await this.#writeEnd(why);
    await this.#file.sync();
    return this.#end ?? why;
  }

  async #writeEnd(why: RecordingEnd): Promise<void> {
    await this.#write([new RecordingWriter().end(this.#time, why)]);
    this.#end = why;
  }

  async #write(items: readonly Uint8Array[]): Promise<void> {
    const whole = Buffer.concat(items);
    if (whole.length === 0) return;
    await this.#file.appendFile(whole);
    this.#bytes += whole.length;
  }

  #note(item: RecordedItem | RecordedRoom | undefined): void {
    if (item === undefined) return;
    if (item.is === "header") {
      this.#header = item;
      for (const { player } of item.players) this.#players.add(player);
      return;
    }
    this.#time = Math.max(this.#time, item.t);
    if (item.is === "joined") this.#players.add(item.player);
    if (item.is === "from" || (item.is === "to" && !item.isKept)) this.#frames += 1;
    if (item.is === "end") this.#end = item.why;
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}

/** For people: `4 min 5 s`. */
export function durationOf(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

function sizeOf(bytes: number): string {
  return bytes < 1_048_576 ? `${Math.ceil(bytes / 1_024)} KiB` : `${(bytes / 1_048_576).toFixed(1)} MiB`;
}
