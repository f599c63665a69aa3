/** The channels on which the host of one room has published (P8.5). Without a limit one host could fill the channels of all. */
import type { Refusal } from "../protocol/error-codes.ts";
import { tooManyChannels } from "./host-refusals.ts";

const MAX_CHANNELS = 64;

export class PublishedChannels {
  readonly #names = new Set<string>();

  /** The host publishes on this channel; or says why it may not. */
  use(channel: string): Refusal | undefined {
    if (this.#names.size >= MAX_CHANNELS && !this.#names.has(channel)) return tooManyChannels(MAX_CHANNELS);
    this.#names.add(channel);
    return undefined;
  }
}
