/** `couchwire replay`: reads the file, plays it, and says what became of it. */
import { readFile, stat } from "node:fs/promises";
import { failure, success, type Result } from "../protocol/result.ts";
import { readRecording, type ReadRecording } from "../recording/recording-file.ts";
import { HostReplay } from "../replay/replay-host.ts";
import { PlayersReplay } from "../replay/replay-players.ts";
import type { ReplayReport } from "../replay/replay-report.ts";
import { durationOf } from "./recorded-file.ts";
import type { ReplayPlan } from "./replay-command.ts";

export interface ReplayListener {
  /** Is told a line for people, of what happens. */
  readonly say: (line: string) => void;
  /** Ends the replay. */
  readonly signal: AbortSignal;
}

/** As large as `couchwire record` makes them. */
const MAX_BYTES = 1_024 * 1_048_576;

/** The recording of a plan; the failure is a sentence. */
export async function openRecording({ file }: ReplayPlan): Promise<Result<ReadRecording, string>> {
  let bytes: Uint8Array;
  try {
    const { size } = await stat(file);
    if (size > MAX_BYTES) return failure(`${file} is larger than a recording may be.`);
    bytes = await readFile(file);
  } catch (error) {
    return failure(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  const recording = readRecording(bytes);
  return recording === undefined
    ? failure(`${file} is no recording of couchwire record, of this version.`)
    : success(recording);
}

/** What is in it, in lines for people. */
export function describeRecording({ file }: ReplayPlan, recording: ReadRecording): readonly string[] {
  const { header, items, damagedBytes, otherBytes } = recording;
  const players = new Set(header.players.map(({ player }) => player));
  let frames = 0;
  for (const item of items) {
    if (item.is === "joined") players.add(item.player);
    if (item.is === "from") frames += 1;
  }
  const said = items.filter((item) => item.is === "to" && !item.isKept).length;
  const length = durationOf(items.at(-1)?.t ?? 0);
  const game = header.game === "" ? "a game without a name" : header.game;
  const lines = [
    `${file}: ${game}, ${header.at}, ${length}; ${players.size} players said ${frames} frames, the host ${said}.`,
  ];
  if (header.meta !== undefined) lines.push(`The host said of its room: ${JSON.stringify(header.meta)}`);
  if (damagedBytes > 0) lines.push(`The end of the file is damaged: its last ${damagedBytes} bytes are left out.`);
  if (otherBytes > 0) lines.push(`Another recording follows in the file, which is not played.`);
  return lines;
}

/** Plays it. Returns the sentence to end with, or the one that says what went wrong. */
export async function replayRecording(
  plan: ReplayPlan,
  recording: ReadRecording,
  listener: ReplayListener,
): Promise<Result<string, string>> {
  const { part, server, speed, patienceMs, stays } = plan;
  const options = { recording, server, speed, patienceMs, stays, ...listener };
  const from = performance.now();
  switch (part.is) {
    case "none":
      return success("");
    case "players": {
      const { code, pin } = part;
      return describeReport(await new PlayersReplay({ ...options, code, pin }).run(), "host", from);
    }
    case "host":
      return describeReport(await new HostReplay(options).run(), "phones", from);
    default:
      return part satisfies never;
  }
}

function describeReport(
  { frames, unsaid, unmatched, trouble }: ReplayReport,
  others: "host" | "phones",
  from: number,
): Result<string, string> {
  const did = `${frames} frames were said in ${durationOf(performance.now() - from)}`;
  const same =
    unmatched === 0
      ? `the ${others} showed what the recording has`
      : `${unmatched} times the ${others} did not show what the recording has`;
  if (trouble !== undefined) return failure(`${trouble.replace(/[^.!?]$/, "$&.")} ${did}.`);
  if (unsaid > 0) return failure(`${did}; ${unsaid} could not be said, since those who said them were gone.`);
  return success(`${did}; ${same}.`);
}
