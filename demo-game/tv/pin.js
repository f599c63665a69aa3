/** `?pin=1234` on the TV: phones have to show it. Empty: no PIN. */
export const PIN = new URLSearchParams(location.search).get("pin") ?? "";
