/**
 * The sockets of the pages of a developer's games, at `/dev/socket`: a page is told when its files change, and tells what fails in it. Errors of phones
 * reach the pages of the TV too.
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocket, WebSocketServer } from "ws";
import { describeReport, parseReport } from "./page-report.ts";

/** A saved file, as a path in its game's folder. */
export interface FileChange {
  readonly game: string;
  readonly file: string;
}

export interface PageSocketsOptions {
  readonly versionOf: (game: string) => string;
  /** Called with a sentence for each report of a page of this game. */
  readonly onReport: (sentence: string, game: string) => void;
  readonly now: () => number;
}

/** Pages at the same time, and bytes in one frame of a page. */
const MAX_PAGES = 500;
const MAX_PAYLOAD = 16_384;
/** Reports of one page in each second. */
const MAX_REPORTS = 10;
const WINDOW_MS = 1_000;
/** What phones told last is told to a TV that connects so soon after: a saved file reloads the TV and the phones at the same time. */
const RECENT_MS = 5_000;
const MAX_RECENT = 50;
/** A page that has not read so many bytes misses what follows. */
const MAX_QUEUED = 1_048_576;
/** The pages connect again: this server is replaced by another. */
const RESTARTING = 1012;

interface PageSocket {
  readonly socket: WebSocket;
  readonly game: string;
  readonly page: string;
  windowSince: number;
  reports: number;
}

export class PageSockets {
  readonly #options: PageSocketsOptions;
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_PAYLOAD,
    perMessageDeflate: false,
  });
  readonly #pages = new Set<PageSocket>();
  readonly #recent: { readonly game: string; readonly at: number; readonly message: object }[] = [];

  constructor(options: PageSocketsOptions) {
    this.#options = options;
  }

  /** Takes the connection over. Pages of other sites are refused. At the limit the oldest page gives way, since a phone may have gone without a word. */
  accept(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    if (!isOfThisHost(request)) {
      stream.on("error", () => {}); // the peer need not read the answer
      stream.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    if (this.#pages.size >= MAX_PAGES) for (const { socket } of [...this.#pages].slice(0, 1)) socket.terminate();
    const query = new URL(request.url ?? "/", "http://localhost").searchParams;
    const game = query.get("game") ?? "";
    const page = query.get("page") ?? "";
    this.#server.handleUpgrade(request, stream, head, (socket) => {
      const entry: PageSocket = { socket, game, page, windowSince: this.#options.now(), reports: 0 };
      this.#pages.add(entry);
      socket.on("error", () => socket.terminate()); // such as a frame that is too large; the page's next connection begins anew
      socket.on("close", () => this.#pages.delete(entry));
      socket.on("message", (data) => this.#hear(entry, Buffer.isBuffer(data) ? data.toString("utf8") : ""));
      tell(socket, { version: this.#options.versionOf(game) });
      if (page === "tv") this.#tellRecent(entry);
    });
  }

  /** Tells the pages of each game which of its files were saved. */
  tellChanges(changes: readonly FileChange[]): void {
    for (const { socket, game } of this.#pages) {
      const files = changes.filter((change) => change.game === game).map(({ file }) => file);
      if (files.length > 0) tell(socket, { version: this.#options.versionOf(game), files });
    }
  }

  /** Closes all connections. Safe twice. */
  close(): void {
    for (const { socket } of this.#pages) {
      socket.close(RESTARTING);
      socket.terminate();
    }
  }

  #hear(entry: PageSocket, text: string): void {
    const now = this.#options.now();
    if (now - entry.windowSince >= WINDOW_MS) Object.assign(entry, { windowSince: now, reports: 0 });
    entry.reports += 1;
    if (entry.reports > MAX_REPORTS) return;
    const report = parseReport(text);
    if (report === undefined) return;
    const sentence = describeReport(report, entry.page);
    this.#options.onReport(sentence, entry.game);
    if (entry.page === "tv") return;
    const message = { report, sentence };
    this.#recent.push({ game: entry.game, at: now, message });
    if (this.#recent.length > MAX_RECENT) this.#recent.shift();
    for (const { socket, game, page } of this.#pages) {
      if (page === "tv" && game === entry.game) tell(socket, message);
    }
  }

  #tellRecent({ socket, game, windowSince }: PageSocket): void {
    for (const told of this.#recent) {
      if (told.game === game && windowSince - told.at < RECENT_MS) tell(socket, told.message);
    }
  }
}

function tell(socket: WebSocket, message: object): void {
  if (socket.readyState === WebSocket.OPEN && socket.bufferedAmount < MAX_QUEUED) socket.send(JSON.stringify(message));
}

/** Browsers name the site of the page in `Origin`. A page on another port of this machine, such as Vite's, is of the developer too. */
function isOfThisHost({ headers }: IncomingMessage): boolean {
  const { origin, host = "" } = headers;
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).hostname === hostnameOf(host);
}

function hostnameOf(host: string): string | undefined {
  const address = `http://${host}`;
  return URL.canParse(address) ? new URL(address).hostname : undefined;
}
