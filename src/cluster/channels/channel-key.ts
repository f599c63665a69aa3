/** How the directory names a channel. */
const PREFIX = "channel:";

export function channelKey(name: string): string {
  return `${PREFIX}${name}`;
}
