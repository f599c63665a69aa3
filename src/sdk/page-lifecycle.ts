/** The events at which a page should reconnect at once. */

/** `isRestored`: the page comes from the back/forward cache, and another page may have used its seat meanwhile. */
export type Wake = (isRestored: boolean) => void;

/**
 * Calls back when the network returns, when the page is seen again, and when it comes back from the back/forward
 * cache (iOS tells that by `pageshow` alone). Returns what ends it. Without a page there is nothing to hear.
 */
export function onWake(wake: Wake): () => void {
  if (typeof window === "undefined" || typeof document === "undefined") return () => undefined;
  const online = (): void => wake(false);
  const shown = ({ persisted }: PageTransitionEvent): void => wake(persisted);
  const seen = (): void => {
    if (document.visibilityState === "visible") wake(false);
  };
  window.addEventListener("online", online);
  window.addEventListener("pageshow", shown);
  document.addEventListener("visibilitychange", seen);
  return () => {
    window.removeEventListener("online", online);
    window.removeEventListener("pageshow", shown);
    document.removeEventListener("visibilitychange", seen);
  };
}

/** Whether the page is visible; always true outside a page. */
export function isVisible(): boolean {
  return typeof document === "undefined" || document.visibilityState === "visible";
}
