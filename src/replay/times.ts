/** Times of day in what a host has said: a countdown that a phone compares with the clock of its room. */
import type { RecordedData } from "../recording/recording-file.ts";
import { parseSdkFrame } from "../sdk/sdk-frames.ts";

/** A number so near to the time of the recording is a time of day; any other is the game's own. */
const NEAR_MS = 86_400_000;

/** The frame with the times of day in it as far from now as they were from when it was said. Frames that are not the SDK's stay as they are. */
export function atThisTime(frame: RecordedData, recordedMs: number, nowMs: number): RecordedData {
  const sdk = typeof frame === "string" ? parseSdkFrame(frame) : undefined;
  if (sdk === undefined) return frame;
  let isOther = false;
  const shifted = JSON.stringify(sdk, (_key, value: unknown) => {
    if (typeof value !== "number" || Math.abs(value - recordedMs) > NEAR_MS) return value;
    isOther = true;
    return Math.round(value - recordedMs + nowMs);
  });
  return isOther ? shifted : frame;
}
