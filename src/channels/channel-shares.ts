/** How many channels the lines of one user follow together, so that no bearer of a token takes up all channels of the server. */

/** Channels that the lines of one `sub` may follow at one time: a sixteenth of all. However many lines follow the same one, it counts once. */
export const MAX_CHANNELS_OF_SUB = 1_024;

export class ChannelShares {
  /** By `sub`, and then by the name of the channel: how many lines follow it. */
  readonly #lines = new Map<string, Map<string, number>>();

  /** A line of this user follows the channel from now on; `false`, and nothing is counted, where that would be one channel too many. */
  take(sub: string, channel: string): boolean {
    const lines = this.#lines.get(sub) ?? new Map<string, number>();
    const count = lines.get(channel) ?? 0;
    if (count === 0 && lines.size >= MAX_CHANNELS_OF_SUB) return false;
    lines.set(channel, count + 1);
    this.#lines.set(sub, lines);
    return true;
  }

  /** Ends one `take` of the same names. */
  giveBack(sub: string, channel: string): void {
    const lines = this.#lines.get(sub);
    const count = lines?.get(channel);
    if (lines === undefined || count === undefined) return;
    if (count > 1) lines.set(channel, count - 1);
    else lines.delete(channel);
    if (lines.size === 0) this.#lines.delete(sub);
  }

  clear(): void {
    this.#lines.clear();
  }
}
