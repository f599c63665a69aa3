/** Sentences about the peers of an address, which must not fill the disk however often the peers come. */
import type { Logger } from "pino";
import { networkOf } from "../hub/ip-prefix.ts";

/** Logs a sentence about an address, once a minute for each network: one IPv6 host has many addresses. It remembers a limited number of networks. */
export function createAddressLog(
  logger: Logger,
  now: () => number,
  sentence: string,
): (address: string, details?: object) => void {
  const saidAt = new Map<string, number>();
  return (address, details) => {
    const network = networkOf(address);
    const last = saidAt.get(network);
    if (last !== undefined && now() - last < ADDRESS_LOG_MS) return;
    saidAt.delete(network);
    saidAt.set(network, now());
    const [oldest] = saidAt.keys();
    if (saidAt.size > MAX_LOGGED_NETWORKS && oldest !== undefined) saidAt.delete(oldest);
    logger.warn({ address, ...details }, sentence);
  };
}

const ADDRESS_LOG_MS = 60_000;
const MAX_LOGGED_NETWORKS = 1_000;
