/** What a client of the channels is told (P8.1 to P8.4): text frames of JSON. */
import type { ChannelPosition } from "./channel-command.ts";

/** Why a command was refused. */
export type ChannelErrorCode = 400 | 401 | 403 | 429 | 500;

/** What a command is answered. */
export type ChannelResult =
  | { readonly connected: true }
  /** The publications after `offset` follow. `recovered`: that is where the client had got to, and nothing is missing. */
  | ({ readonly subscribed: true; readonly recovered: boolean } & ChannelPosition)
  | { readonly unsubscribed: true }
  /** Of `ping`. */
  | Readonly<Record<string, never>>
  /** To so many lines. */
  | { readonly delivered: number }
  /** Lines that are subscribed. */
  | { readonly clients: number };

const utf8 = new TextEncoder();

/** `id`: the JSON of what the command had there. */
export function resultFrame(id: string, result: ChannelResult): Uint8Array {
  return utf8.encode(`{"id":${id},"result":${JSON.stringify(result)}}`);
}

/** `id`: the JSON of what the command had there. */
export function channelErrorFrame(id: string, code: ChannelErrorCode, message: string): Uint8Array {
  return utf8.encode(`{"id":${id},"error":${JSON.stringify({ code, message })}}`);
}

/** `data`: JSON in UTF-8. */
export function publicationFrame(channel: string, data: Uint8Array, offset: number): Uint8Array {
  const head = utf8.encode(headOf(channel));
  const tail = utf8.encode(tailOf(offset));
  const frame = new Uint8Array(head.length + data.length + tail.length);
  frame.set(head);
  frame.set(data, head.length);
  frame.set(tail, head.length + data.length);
  return frame;
}

/** The JSON in a frame that `publicationFrame` has made of the same channel and offset. A view. */
export function publishedData(frame: Uint8Array, channel: string, offset: number): Uint8Array {
  return frame.subarray(utf8.encode(headOf(channel)).length, frame.length - tailOf(offset).length);
}

/** The line hears no more of this channel: its new token is not for it, or the room is over whose channel it was. */
export function unsubscribedFrame(channel: string): Uint8Array {
  return utf8.encode(`{"method":"unsubscribed","params":{"channel":${JSON.stringify(channel)}}}`);
}

function headOf(channel: string): string {
  return `{"method":"publication","params":{"channel":${JSON.stringify(channel)},"data":`;
}

function tailOf(offset: number): string {
  return `,"offset":${offset}}}`;
}
