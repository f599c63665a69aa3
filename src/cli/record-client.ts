/** `couchwire record`: reads a recording from a server's API and writes it into a file, item by item, each whole. */
import { open, type FileHandle } from "node:fs/promises";
import { z } from "zod";
import { failure, success, type Result } from "../protocol/result.ts";
import { ItemSplitter, itemOf, type RecordedItem, type RecordedRoom } from "../recording/recording-file.ts";
import { RecordingWriter, type RecordingEnd } from "../recording/recording-items.ts";
import type { RecordPlan } from "./record-command.ts";

export interface RecordListener {
  /** Is told a line for people, of what happens. */
  readonly say: (line: string) => void;
  /** Ends the recording. */
  readonly signal: AbortSignal;
}

/** A server that does not answer in that time does not. */
const PATIENCE_MS = 10_000;
/** A server says at least every ten seconds that nothing has happened. */
const SILENCE_MS = 45_000;
/** Only its owner may read what people have said. */
const FILE_MODE = 0o600;

const REFUSED = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** Records until the room is over. Returns the sentence to end with, or the one that says what went wrong. */
export async function recordRoom(plan: RecordPlan, { say, signal }: RecordListener): Promise<Result<string, string>> {
  const silence = new AbortController();
  const answered = await ask(plan, AbortSignal.any([signal, silence.signal]));
  if (!answered.ok) return answered;
  const opened = await openFile(plan.file);
  if (!opened.ok) {
    silence.abort();
    return opened;
  }
  const file = new RecordedFile(opened.value, plan.maxBytes);
  say(`The room ${plan.code} is recorded into ${plan.file}. Ctrl-C ends it.`);
  try {
    await copy(answered.value, file, silence);
    const why = await file.finish(signal.aborted ? "stopped" : "lost");
    return file.isRecording ? describeEnd(plan, file, why) : failure(notCouchwire(plan));
  } catch (error) {
    return failure(`${plan.file} cannot be written: ${messageOf(error)}`);
  } finally {
    silence.abort();
    await opened.value.close();
  }
}

/** Until the stream is over, cut or no longer wanted. Rejects where the file cannot be written. */
async function copy(stream: ReadableStream<Uint8Array>, file: RecordedFile, silence: AbortController): Promise<void> {
  const reader = stream.getReader();
  for (;;) {
    const timer = setTimeout(() => silence.abort(), SILENCE_MS);
    const read = await reader.read().catch(() => undefined); // cut, or no longer wanted
    clearTimeout(timer);
    if (read === undefined || read.done || !(await file.take(read.value))) return;
  }
}

async function ask(plan: RecordPlan, signal: AbortSignal): Promise<Result<ReadableStream<Uint8Array>, string>> {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
  let answer: Response;
  try {
    answer = await fetch(`${plan.server}/api/rooms/${plan.code}/recording`, {
      headers: { "x-api-key": plan.key ?? "" },
      redirect: "error", // the key is for this server alone
      signal: AbortSignal.any([signal, patience.signal]),
    });
  } catch {
    return failure(signal.aborted ? "Stopped before anything was recorded." : `Nothing answers at ${plan.server}.`);
  } finally {
    clearTimeout(timer);
  }
  if (answer.ok && answer.body !== null) return success(answer.body);
  const refused = REFUSED.safeParse(await answer.json().catch(() => undefined));
  if (!refused.success) return failure(notCouchwire(plan));
  const { code, message } = refused.data.error;
  if (code === "room_not_found") return failure(`There is no room ${plan.code} at ${plan.server}.`);
  if (code === "not_found") return failure(`There is no API at ${plan.server}: the server has no COUCHWIRE_API_KEY.`);
  return failure(message);
}

async function openFile(path: string): Promise<Result<FileHandle, string>> {
  try {
    return success(await open(path, "wx", FILE_MODE));
  } catch (error) {
    const isThere = error instanceof Error && "code" in error && error.code === "EEXIST";
    if (isThere) return failure(`${path} is there already. A recording replaces no file: give another name.`);
    return failure(`${path} cannot be written: ${messageOf(error)}`);
  }
}

/** What was recorded, while it is written. */
class RecordedFile {
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

function describeEnd({ file }: RecordPlan, { summary }: RecordedFile, why: string): Result<string, string> {
  const has = `${file} has ${summary}`;
  switch (why) {
    case "room_closed":
      return success(`The room is over. ${has}.`);
    case "stopped":
      return success(`Stopped. ${has}.`);
    case "limit":
      return failure(`The file is as large as it may be (--max-mib), and the recording ends. ${has}.`);
    case "restarting":
      return failure(`The server restarts, and the recording ends. ${has}.`);
    case "slow_reader":
      return failure(`The recording could not keep up with the room, and ends. ${has}.`);
    case "memory":
      return failure(`The server's memory is used up, and the recording ends. ${has}.`);
    default:
      return failure(`The connection to the server was lost, and the recording ends. ${has}.`);
  }
}

function notCouchwire({ server }: RecordPlan): string {
  return `What answers at ${server} is no Couchwire server of this version.`;
}

function messageOf(error: unknown): string {
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
