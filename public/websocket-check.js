/** Whether WebSockets get through to the server: some proxies and filters pass pages on and stop everything else. */

/** Where the server begins: this file lies at its start, which a proxy may have put below a path of its own. */
export const SERVER = new URL(".", import.meta.url);

/** A connection that takes longer is slow, not blocked. */
const PATIENCE_MS = 5_000;

let asked;

/** Resolves to `true` only where the server answers pages and no WebSocket opens. Asked once; again where the server did not answer at all. */
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

/** Opens a host's connection, which costs the server nothing, and closes it. */
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
