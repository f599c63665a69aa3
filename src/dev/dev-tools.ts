/** Development: watches the files of the games, and joins their pages with the developer's terminal. */
import { realpathSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { PageSockets, type FileChange } from "./page-sockets.ts";
import { watchGames, type GamesWatch } from "./watch-games.ts";

/** The games that are there. */
export interface DevGames {
  readonly list: readonly { readonly name: string; readonly folder: string }[];
  /** Reads the folders again, so that `list` is of this moment. */
  refresh(): void;
}

/** Games that came and games that went, by name. */
export interface GamesChange {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

export interface DevToolsOptions {
  /** Folders that are a game, or that hold a folder for each game. */
  readonly folders: readonly string[];
  readonly games: DevGames;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Called with a sentence for each error in a page of this game. */
  readonly onReport: (sentence: string, game: string) => void;
  /** Called where a game came or went while the files were watched. */
  readonly onGames: (change: GamesChange) => void;
  readonly onError: (error: unknown) => void;
}

/** Where the pages connect. */
const SOCKET_PATH = "/dev/socket";

export class DevTools {
  readonly #options: DevToolsOptions;
  readonly #sockets: PageSockets;
  /** So that the pages of an earlier server are out of date. */
  readonly #startedAt = Date.now().toString(36);
  readonly #versions = new Map<string, number>();
  #watches: Promise<readonly GamesWatch[]> | undefined;
  #known: ReadonlySet<string> = new Set();
  #isClosed = false;

  constructor(options: DevToolsOptions) {
    this.#options = options;
    this.#sockets = new PageSockets({
      now: options.now,
      versionOf: (game) => this.versionOf(game),
      onReport: options.onReport,
    });
  }

  versionOf(game: string): string {
    return `${this.#startedAt}-${this.#versions.get(game) ?? 0}`;
  }

  isSocketPath(url: string): boolean {
    return url.split("?", 1)[0] === SOCKET_PATH;
  }

  accept(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    this.#sockets.accept(request, stream, head);
  }

  /** Begins to watch. Safe twice. A folder that cannot be watched is told, and pages are served all the same. */
  async start(): Promise<void> {
    if (this.#isClosed) return;
    const { folders, onError } = this.#options;
    if (this.#watches === undefined) this.#known = this.#names();
    this.#watches ??= Promise.all(folders.map((folder) => this.#watch(realpathSync(folder))));
    await this.#watches.catch(onError);
  }

  /** Safe twice. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#sockets.close();
    const watches = (await this.#watches?.catch(() => undefined)) ?? [];
    await Promise.all(watches.map((watch) => watch.close()));
  }

  async #watch(root: string): Promise<GamesWatch> {
    return watchGames(root, (paths) => this.#changed(root, paths), this.#options.onError);
  }

  #changed(root: string, paths: readonly string[]): void {
    this.#tellGames();
    const changes = paths.flatMap((path) => this.#changeAt(root, path) ?? []);
    for (const game of new Set(changes.map((change) => change.game))) {
      this.#versions.set(game, (this.#versions.get(game) ?? 0) + 1);
    }
    this.#sockets.tellChanges(changes);
  }

  /** A game is there once both its pages are. */
  #tellGames(): void {
    this.#options.games.refresh();
    const before = this.#known;
    const now = this.#names();
    this.#known = now;
    const added = [...now].filter((name) => !before.has(name));
    const removed = [...before].filter((name) => !now.has(name));
    if (added.length > 0 || removed.length > 0) this.#options.onGames({ added, removed });
  }

  #names(): ReadonlySet<string> {
    return new Set(this.#options.games.list.map(({ name }) => name));
  }

  #changeAt(root: string, path: string): FileChange | undefined {
    const ofRoot = this.#options.games.list.find(({ folder }) => folder === root);
    if (ofRoot !== undefined) return { game: ofRoot.name, file: path };
    const [game = "", ...rest] = path.split("/");
    return rest.length === 0 ? undefined : { game, file: rest.join("/") };
  }
}
