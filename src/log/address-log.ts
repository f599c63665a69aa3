/** Sentences about the peers of an address, which must not fill the disk however often the peers come. */
import type { Logger } from "pino";

/** Logs a sentence about an address, once a minute for each. It remembers a limited number of addresses. */
export function createAddressLog(
  logger: Logger,
  now: () => number,
  sentence: string,
): (address: string, details?: object) => void {
  const saidAt = new Map<string, number>();
  return (address, details) => {
    const last = saidAt.get(address);
    if (last !== undefined && now() - last < ADDRESS_LOG_MS) return;
    saidAt.delete(address);
    saidAt.set(address, now());
    const [oldest] = saidAt.keys();
    if (saidAt.size > MAX_LOGGED_ADDRESSES && oldest !== undefined) saidAt.delete(oldest);
    logger.warn({ address, ...details }, sentence);
  };
}

const ADDRESS_LOG_MS = 60_000;
const MAX_LOGGED_ADDRESSES = 1_000;
