/** `couchwire record`: reads a recording from a server's API and writes it into a file, item by item, each whole. */
import type { FileHandle } from "node:fs/promises";
import { z } from "zod";
import { failure, success, type Result } from "../protocol/result.ts";
import type { RecordPlan } from "./record-command.ts";
import { messageOf, openNewFile, RecordedFile } from "./recorded-file.ts";

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
  const opened = await openNewFile(path);
  if (opened.ok) return opened;
  if (opened.failure.why === "unwritable") return failure(`${path} cannot be written: ${opened.failure.message}`);
  return failure(`${path} is there already. A recording replaces no file: give another name.`);
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
