/** The line of a page to an open room: plain WebSocket and JSON, as docs/PROTOCOL.md part 6 has them. It comes back by itself. */
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 4_000;
/** After these the room is over, or this page may not come in: a line that is closed so stays closed. */
const isFinal = (code) => code === 1000 || code === 1001 || code >= 4500;

/** The server is two folders up: the pages are at `/games/NAME/`. */
const serverUrl = new URL("../../", location.href);

/**
 * @param {string} path `CREATE`, or the code of a room
 * @param {Record<string, string>} query
 * @param {object} listeners
 * @param {(room: { code: string }) => void} [listeners.onCreated]
 * @param {(me: string, members: { id: string, name: string, role: string }[]) => void} [listeners.onJoined]
 * @param {(data: any, from: string, at?: string) => void} listeners.onData `at` for what is of the past
 * @param {(error: { code: string, message: string }) => void} listeners.onError
 * @param {() => void} listeners.onOpen
 * @param {(end: { code: number, reason: string }) => void} listeners.onClose The line is closed for good.
 * @param {() => void} listeners.onCut It is cut, and comes back.
 */
export function openLine(path, query, { onCreated, onJoined, onData, onError, onOpen, onClose, onCut }) {
  let socket;
  let retryMs = FIRST_RETRY_MS;
  let isClosed = false;
  let timer;
  // A room that this page has opened is joined by its code when the line comes back.
  let target = { path, query };

  function connect() {
    const url = new URL(target.path, serverUrl);
    url.protocol = url.protocol.replace("http", "ws");
    for (const [name, value] of Object.entries(target.query)) url.searchParams.set(name, value);
    socket = new WebSocket(url);
    socket.addEventListener("message", ({ data }) => hear(JSON.parse(data)));
    socket.addEventListener("open", () => {
      retryMs = FIRST_RETRY_MS;
      onOpen();
    });
    socket.addEventListener("close", ({ code, reason }) => {
      if (isClosed) return;
      if (isFinal(code)) {
        isClosed = true;
        onClose({ code, reason });
        return;
      }
      onCut();
      timer = setTimeout(connect, retryMs);
      retryMs = Math.min(LONGEST_RETRY_MS, retryMs * 2);
    });
  }

  function hear(frame) {
    if (frame.error !== undefined) onError(frame.error);
    else if (frame.event === "created") {
      target = { path: frame.code, query: { role: "spectator" } };
      if (onCreated !== undefined) onCreated(frame);
    } else if (frame.event === "joined") {
      if (onJoined !== undefined) onJoined(frame.you, frame.members);
    } else if (frame.event === undefined) onData(frame.data, frame.from, frame.at);
  }

  // Phones stop the timers of a page that is not looked at.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible" || isClosed || socket.readyState !== WebSocket.CLOSED) return;
    clearTimeout(timer);
    connect();
  });
  connect();

  return {
    /** Says something to the room. A line that is cut says nothing, and answers `false`. */
    send(data) {
      if (socket.readyState !== WebSocket.OPEN) return false;
      socket.send(JSON.stringify({ data }));
      return true;
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
      socket.close(1000);
    },
  };
}

/** What people open to join the room: the server knows its address in the network. @param {string} code */
export async function joinUrlOf(code) {
  const answer = await fetch(new URL(code, serverUrl), { headers: { Accept: "application/json" } });
  const { joinUrl } = await answer.json();
  return joinUrl;
}

/** A secret of this tab, by which the server knows it again. @param {string} code */
export function sessionOf(code) {
  const key = `session ${code}`;
  const known = sessionStorage.getItem(key);
  if (known !== null) return known;
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const session = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  sessionStorage.setItem(key, session);
  return session;
}
