/** Whether there is a server at all: without one no rule can be checked. */
import { networkFault } from "./broken-rule.ts";
import type { ConformanceTarget } from "./conformance-target.ts";
import { shakeHands, WireLine } from "./wire-line.ts";

/** Tries to connect. Resolves with what is in the way, as a sentence, and with `undefined` where something answers. */
export async function problemOfReaching(target: ConformanceTarget): Promise<string | undefined> {
  const { host, port } = target.address;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`What is at ${host}:${port} does not answer.`), target.timeoutMs);
  });
  const asked = shakeHands(target.address, { path: `${target.basePath}/CREATE` }).then(
    (line) => {
      if (line instanceof WireLine) line.cut();
      return undefined;
    },
    (error: unknown) => `Nothing answers at ${host}:${port}: ${networkFault(error)}`,
  );
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}
