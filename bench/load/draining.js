/** Waits for frames that are under way. */

/** How long nothing may arrive any more before what is missing counts as lost. */
const DRAINED_AFTER_MS = 1500;
const LOOK_EVERY_MS = 20;

/**
 * Resolves when all has come, or nothing comes any more.
 * @param {{ missing: () => number, delivered: () => number, look?: () => Promise<void> }} counts `look`: asks for what another process knows
 * @returns {Promise<number>} how many frames are still missing
 */
export async function drained({ missing, delivered, look }) {
  let came;
  let quietMs = 0;
  while (quietMs < DRAINED_AFTER_MS && (missing() > 0 || came !== delivered())) {
    quietMs = came === delivered() ? quietMs + LOOK_EVERY_MS : 0;
    came = delivered();
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    await look?.();
  }
  return missing();
}
