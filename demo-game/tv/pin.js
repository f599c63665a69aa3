/** The PIN that `?pin=1234` in the TV's address asks of phones. Empty: no PIN. */
export const PIN = new URLSearchParams(location.search).get("pin") ?? "";
