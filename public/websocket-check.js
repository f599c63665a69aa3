/** Finds out whether WebSockets reach the server: some proxies and filters pass pages on and block WebSockets. */

/** The server's address, from the address of this file. A proxy may have put it below a path. */
export const SERVER = new URL(".", import.meta.url);

/** A connection that takes longer is slow, not blocked. */
const PATIENCE_MS = 5_000;

let asked;

/** Resolves to `true` if the server answers over HTTP and no WebSocket opens. Asks once, and again if the server did not answer at all. */
export function areWebSocketsBlocked() {
  asked = asked || ask();
  return asked;
}

async function ask() {
  if (await opens()) return false;
  if (await answers()) return true;
  asked = undefined;
  return false;
}

/** Opens a host connection, which opens no room, and closes it. */
function opens() {
  const url = new URL("CREATE", SERVER);
  url.protocol = url.protocol.replace("http", "ws");
  return new Promise((resolve) => {
    const socket = new WebSocket(url.href);
    const patience = setTimeout(() => finish(true), PATIENCE_MS);
    function finish(isOpen) {
      clearTimeout(patience);
      resolve(isOpen);
      socket.close();
    }
    socket.addEventListener("open", () => finish(true));
    socket.addEventListener("close", () => finish(false));
  });
}

async function answers() {
  try {
    return (await fetch(new URL("healthz", SERVER), { cache: "no-store" })).ok;
  } catch {
    return false;
  }
}
