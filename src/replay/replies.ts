/** Requests are numbered from a random number on, so the answers in a recording have other numbers than those that a replay is asked for. */
import type { RecordedData } from "../recording/recording-file.ts";
import { parseSdkFrame } from "../sdk/sdk-frames.ts";

/** Which of these requests the frame answers, from 0; -1 for none. */
export function answeredAsk(frame: RecordedData, asks: readonly number[]): number {
  const sdk = typeof frame === "string" ? parseSdkFrame(frame) : undefined;
  return sdk?.cw === "reply" ? asks.findLastIndex((id) => id === sdk["id"]) : -1;
}

/** The frame with the number of the request that it answers now; as it is, where it answers none of those in the recording, or none was asked here. */
export function answering(frame: RecordedData, recorded: readonly number[], live: readonly number[]): RecordedData {
  const asked = answeredAsk(frame, recorded);
  const id = asked < 0 ? undefined : live[asked];
  const sdk = id === undefined || typeof frame !== "string" ? undefined : parseSdkFrame(frame);
  return sdk === undefined ? frame : JSON.stringify({ ...sdk, id });
}
