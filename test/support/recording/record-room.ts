/** Records a room of a real server, as `couchwire record` does, into memory. */
import { expect } from "@jest/globals";
import { readRecording, type ReadRecording } from "../../../src/recording/recording-file.ts";
import { API_KEY } from "../api-client.ts";
import { onTestEnd } from "../clean-up.ts";
import { Inbox } from "../inbox.ts";

export interface RoomRecorder {
  /** All that came, once the room is over. */
  readonly bytes: Promise<Buffer>;
}

/** A recording under way: its header has come. */
export async function recordRoomOf({ url }: { readonly url: string }, id: string): Promise<RoomRecorder> {
  const stop = new AbortController();
  onTestEnd(() => stop.abort());
  const response = await fetch(`${url}/api/rooms/${id}/recording`, {
    headers: { "x-api-key": API_KEY },
    signal: stop.signal,
  });
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/cbor-seq"]);
  const parts = new Inbox<Uint8Array | "over">("the recording");
  const collect = async (): Promise<void> => {
    for await (const part of response.body ?? []) parts.push(part);
    parts.push("over");
  };
  collect().catch(() => parts.end("cut")); // the test is over
  const first = await parts.next();
  const all = async (): Promise<Buffer> => {
    const pieces = [first];
    while (pieces.at(-1) !== "over") pieces.push(await parts.next());
    return Buffer.concat(pieces.filter((piece) => piece !== "over"));
  };
  return { bytes: all() };
}

export function recordingIn(bytes: Uint8Array): ReadRecording {
  const read = readRecording(bytes);
  if (read === undefined) throw new Error("this is no recording");
  return read;
}
