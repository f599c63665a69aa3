/** The names of channels, and the patterns by which a token says which of them its bearer may use (P8.1). */

/** Bytes of UTF-8 in a channel's name. */
export const MAX_CHANNEL_NAME_BYTES = 256;

/** Bytes of UTF-8 in the name of a channel of a room, which has `room:CODE:` before it. */
export const MAX_ROOM_CHANNEL_BYTES = 128;
/** Bytes of what is published at once, as JSON. */
export const MAX_PUBLICATION_BYTES = 262_144;

const utf8 = new TextEncoder();
const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Half a surrogate pair, which JSON can carry, is no UTF-8. */
export function isChannelName(text: string): boolean {
  if (text === "" || text.length > MAX_CHANNEL_NAME_BYTES) return false;
  const bytes = utf8.encode(text);
  return bytes.length <= MAX_CHANNEL_NAME_BYTES && strictUtf8.decode(bytes) === text;
}

const ANY = "*";

/** Whether one of the patterns is for this channel: `*` is for all, one that ends with `*` for all that begin like it, any other for the channel of that name. */
export function matchesChannel(patterns: readonly string[], channel: string): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith(ANY) ? channel.startsWith(pattern.slice(0, -ANY.length)) : pattern === channel,
  );
}

/** How the channels begin that are to be looked through for those of one room; `undefined` for one that is no room's. */
export function roomGroupOf(channel: string): string | undefined {
  return /^room:[^:]*:/.exec(channel)?.[0];
}

/** The channel on which a room's host publishes under this name (P8.5). */
export function roomChannel(room: string, name: string): string {
  return `room:${room}:${name}`;
}
