/**
 * Development only: every page of a game gets this script in front of its own. The page reloads when a file of the game is saved, and tells the
 * terminal what fails in it. What fails on a phone shows in the console of the TV's page too.
 */
(() => {
  const { currentScript } = document;
  const { game, page } = currentScript.dataset;
  const SOCKET = Object.assign(new URL("socket", currentScript.src), {
    protocol: location.protocol === "https:" ? "wss:" : "ws:",
    search: new URLSearchParams({ game, page }),
  });
  const FOLDER = new URL(`../games/${encodeURIComponent(game)}/`, currentScript.src).href;
  const RETRY_MS = 1_000;
  const MAX_WAITING = 50;
  const MAX_TEXT = 2_000;
  const RELOADED = "couchwire-dev-reloaded";
  const PLAYER = "couchwire-dev-player";

  let { version } = currentScript.dataset;
  let socket;
  let waiting = [];
  const Socket = window.WebSocket;
  const { error: consoleError } = console;

  function connect() {
    socket = new Socket(SOCKET.href);
    socket.addEventListener("open", () => {
      for (const text of waiting) socket.send(text);
      waiting = [];
    });
    socket.addEventListener("message", ({ data }) => hear(JSON.parse(data)));
    socket.addEventListener("close", () => setTimeout(connect, RETRY_MS));
  }

  function hear({ version: newest, files, report, sentence }) {
    if (report !== undefined) consoleError.call(console, `${sentence}${report.stack ? `\n${report.stack}` : ""}`);
    if (newest === undefined || newest === version) return;
    if (files !== undefined && files.every(isOfOtherPage)) version = newest;
    else if (files !== undefined && files.every(restyle)) version = newest;
    else reload(newest);
  }

  /** The two pages of a game load each other's HTML file nowhere. */
  function isOfOtherPage(file) {
    return (page === "tv" && file === "player.html") || (page === "phone" && file === "index.html");
  }

  /** The session keeps the seat and the room. A page that a browser's cache keeps at its old version reloads once for each new one. */
  function reload(newest) {
    if (sessionStorage.getItem(RELOADED) === newest) return;
    sessionStorage.setItem(RELOADED, newest);
    location.reload();
  }

  /** Loads a style sheet anew, and takes the old one away when the new one is there. Returns false for other files. */
  function restyle(file) {
    const address = new URL(file.split("/").map(encodeURIComponent).join("/"), FOLDER).href;
    const links = [...document.querySelectorAll('link[rel~="stylesheet"]')].filter(
      ({ href }) => bare(href) === address,
    );
    for (const link of links) {
      const fresh = link.cloneNode();
      fresh.href = `${address}?${Date.now()}`;
      fresh.addEventListener("load", () => link.remove());
      link.after(fresh);
    }
    return links.length > 0;
  }

  function bare(address) {
    return address.replace(/[?#].*$/, "");
  }

  /** The page, as a file of the game. */
  const file = short(bare(location.href));
  /** Who the page has a seat as. A page that is loaded again may fail before it knows. */
  const player = JSON.parse(sessionStorage.getItem(PLAYER)) || {};

  function keepPlayer(name, id) {
    if (typeof name === "string" && name !== "") player.name = name;
    if (Number.isInteger(id)) player.id = id;
    sessionStorage.setItem(PLAYER, JSON.stringify(player));
  }

  /** The SDK says there that a player has another name. */
  function readProfile(frame) {
    if (typeof frame === "string" && frame.startsWith('{"cw":"event","name":"cw:profile"')) {
      keepPlayer(JSON.parse(frame).data.name);
    }
  }

  /** Reads from the page's own WebSockets which player it is. */
  window.WebSocket = new Proxy(Socket, {
    construct(target, words, newTarget) {
      const made = Reflect.construct(target, words, newTarget);
      const { pathname, searchParams } = new URL(made.url);
      if (!/\/[a-z]{4}$/i.test(pathname)) return made;
      keepPlayer(searchParams.get("name"));
      made.send = (data) => {
        readProfile(data);
        target.prototype.send.call(made, data);
      };
      made.addEventListener("message", ({ data }) => {
        if (typeof data !== "string" || !data.startsWith("\0hello ")) return;
        const { player: id } = JSON.parse(data.slice("\0hello ".length));
        keepPlayer(undefined, id);
      });
      return made;
    },
  });

  /** By the text of a report: how often it came since it was sent last. A game that fails in each frame of its animation fails in one line. */
  const repeated = new Map();

  function tell(message, at, stack) {
    const report = { message: message.slice(0, MAX_TEXT), at: short(at), stack: short(framesOf(stack)), player, file };
    const key = `${report.message} ${report.at}`;
    if (repeated.has(key)) {
      repeated.set(key, repeated.get(key) + 1);
      return;
    }
    repeated.set(key, 0);
    setTimeout(() => {
      const times = repeated.get(key);
      repeated.delete(key);
      if (times > 0) send({ ...report, times });
    }, 1_000);
    send(report);
  }

  function send(report) {
    const text = JSON.stringify(report);
    if (socket !== undefined && socket.readyState === Socket.OPEN) socket.send(text);
    else if (waiting.length < MAX_WAITING) waiting.push(text);
  }

  /** Addresses of the game's own files without what they have in common. The TV's page is open at the folder's own address. */
  function short(text) {
    return text === undefined
      ? undefined
      : text
          .replace(new RegExp(`${FOLDER.replace(/[^\w/]/g, "\\$&")}(?=[?#]|:\\d|$)`, "g"), "index.html")
          .split(FOLDER)
          .join("")
          .replace(/\?[^:\s)]*(?=:\d)/g, "")
          .slice(0, MAX_TEXT);
  }

  /** File, line and column of the first place in the game's own files, in a stack as Chromium, Safari or Firefox write it. */
  function placeIn(stack) {
    const places = String(stack).match(/https?:\/\/[^\s)]+:\d+:\d+/g) || [];
    return places.find(isOwn) || places[0];
  }

  function isOwn(place) {
    return place !== undefined && place.startsWith(FOLDER);
  }

  function describe(value) {
    if (value instanceof Error) return `${value.name}: ${value.message}`;
    if (typeof value !== "object" || value === null) return String(value);
    try {
      return JSON.stringify(value);
    } catch {
      return String(value);
    }
  }

  /** The stack's places without the message, with which Chromium begins it. */
  function framesOf(stack) {
    if (stack === undefined) return undefined;
    return stack
      .split("\n")
      .filter((line) => /:\d+:\d+/.test(line))
      .join("\n");
  }

  function stackOf(value) {
    return value instanceof Error ? String(value.stack) : undefined;
  }

  addEventListener(
    "error",
    (event) => {
      const { target, message, filename, lineno, colno, error } = event;
      // Browsers only note there that they put off what a page observes to the next frame. Nothing has failed.
      if (target === window && message.startsWith("ResizeObserver loop ")) return;
      if (target === window) {
        // What the SDK has caught for a listener is thrown again by the SDK: its stack says where it was thrown first.
        const thrown = placeIn(stackOf(error));
        const at = filename && !isOwn(thrown) ? `${filename}:${lineno}:${colno}` : thrown;
        tell(error instanceof Error ? describe(error) : message.replace(/^Uncaught /, ""), at, stackOf(error));
      } else if (target instanceof Element) {
        const address = target.src || target.href || "";
        tell(`<${target.localName}> could not load ${short(address)}, or what it imports`);
      }
    },
    true, // an element that cannot load its file tells it to itself alone
  );
  addEventListener("unhandledrejection", ({ reason }) => {
    tell(`Unhandled rejection: ${describe(reason)}`, placeIn(stackOf(reason)), stackOf(reason));
  });
  // On the TV the developer's own console shows errors with the place where they were written.
  if (page !== "tv") {
    console.error = (...values) => {
      consoleError.apply(console, values);
      const error = values.find((value) => value instanceof Error);
      const stack = new Error("console.error").stack.split("\n").filter((line) => !line.includes("/dev/client.js"));
      tell(
        values.map(describe).join(" "),
        placeIn(error === undefined ? stack.join("\n") : stackOf(error)),
        stackOf(error),
      );
    };
  }
  connect();
})();
