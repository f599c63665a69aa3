/** The connection to the table: a plain WebSocket that speaks the wire of open rooms (docs/PROTOCOL.md, part 6), and connects again by itself. */

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 5_000;
/** After this long without an answer a page that has just woken up takes its connection for dead. */
const ANSWER_MS = 4_000;
const FINAL_CODE = 4500;
const ROOM_CLOSED = 1001;

/** The server's address, from a page of a game: what stands before `/games/`. */
export function serverUrl() {
  return location.origin + location.pathname.slice(0, Math.max(0, location.pathname.indexOf("/games/")));
}

/** The secret that brings this browser back to its seat. It is made once for each `key` and kept. */
export function sessionFor(key) {
  const known = read(key);
  if (known !== null) return known;
  const session = newSession();
  write(key, session);
  return session;
}

export function newSession() {
  return Array.from(crypto.getRandomValues(new Uint8Array(24)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @returns {string | null} `null` too where the browser keeps nothing, as in some private windows */
export function read(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function write(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // The browser keeps nothing: a reloaded page is a new guest.
  }
}

/**
 * @param {() => string} path with its query, asked before each attempt
 * @param {object} listener
 * @param {() => void} listener.onOpen
 * @param {(data: any) => void} listener.onData what the room says
 * @param {(event: any) => void} listener.onEvent what the wire says, such as `created` or an `error`
 * @param {(sentence: string) => void} listener.onStatus a sentence about the connection; "" when all is well
 * @param {(code: number, reason: string) => void} listener.onEnd it has ended for good
 */
export function connect(path, listener) {
  let socket;
  let attempt = 0;
  let timer;
  let lastHeardAt = 0;

  function open() {
    clearTimeout(timer);
    const opened = new WebSocket(serverUrl().replace(/^http/, "ws") + path());
    socket = opened;
    opened.addEventListener("open", () => {
      attempt = 0;
      listener.onStatus("");
      listener.onOpen();
    });
    opened.addEventListener("message", ({ data }) => {
      lastHeardAt = Date.now();
      if (typeof data === "string") hear(JSON.parse(data));
    });
    opened.addEventListener("close", ({ code, reason }) => {
      if (socket !== opened) return; // given up already
      if (code >= FINAL_CODE || code === ROOM_CLOSED) listener.onEnd(code, reason);
      else openSoon(reason);
    });
  }

  function openSoon(reason) {
    listener.onStatus(reason || "The connection is lost. It comes back by itself …");
    const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt);
    attempt += 1;
    timer = setTimeout(open, delay * (0.5 + Math.random() / 2));
  }

  function hear(frame) {
    if (frame.event !== undefined || frame.error !== undefined) listener.onEvent(frame);
    else if (frame.from === "") listener.onData(frame.data);
  }

  function send(data) {
    if (socket.readyState !== WebSocket.OPEN) return false;
    socket.send(JSON.stringify({ data }));
    return true;
  }

  /** A phone that wakes up may not know yet that its connection is dead: it asks. */
  function wake() {
    if (document.hidden) return;
    const [asked, askedAt] = [socket, Date.now()];
    if (!send({ type: "look" })) return asked.readyState === WebSocket.CLOSED ? open() : undefined;
    setTimeout(() => {
      if (socket !== asked || lastHeardAt >= askedAt) return;
      asked.close();
      open();
    }, ANSWER_MS);
  }

  open();
  document.addEventListener("visibilitychange", wake);
  addEventListener("online", wake);
  return { send };
}
