/** The moments at which a page should stop waiting and try again. */

/**
 * Calls back when the network returns, when the page is seen again, and when it comes back from the back/forward
 * cache (iOS tells that by `pageshow` alone). Returns what ends it. Without a page there is nothing to hear.
 */
export function onWake(wake: () => void): () => void {
  if (typeof window === "undefined" || typeof document === "undefined") return () => undefined;
  const seen = (): void => {
    if (document.visibilityState === "visible") wake();
  };
  window.addEventListener("online", wake);
  window.addEventListener("pageshow", wake);
  document.addEventListener("visibilitychange", seen);
  return () => {
    window.removeEventListener("online", wake);
    window.removeEventListener("pageshow", wake);
    document.removeEventListener("visibilitychange", seen);
  };
}

/** Whether anybody looks at the page; without a page, somebody is taken to. */
export function isVisible(): boolean {
  return typeof document === "undefined" || document.visibilityState === "visible";
}
