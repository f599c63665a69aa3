/** Where the TV's sessions are stored: one for each game of a server. In an evening a session moves from game to game. */
import { LAUNCHER_GAME, type EveningNotes } from "./evening-notes.ts";
import {
  claimSession,
  moveSession,
  nameInFrame,
  pageStorage,
  type SessionStorage,
  type TransferableSession,
} from "./session.ts";

export class HostSessions {
  readonly #storage: SessionStorage | undefined;
  readonly #isOfFrame: boolean;
  readonly #server: string;

  /** `"frame"`: a session for this frame of the page alone. */
  constructor(storage: SessionStorage | "frame" | undefined, server: string) {
    this.#isOfFrame = storage === "frame";
    this.#storage = storage === "frame" || storage === undefined ? pageStorage() : storage;
    this.#server = server;
  }

  /** The session of this game's page. The launcher finds the evening's, whichever game it is at: the TV was sent to `/tv` by hand. */
  claim(game: string): TransferableSession {
    const name = this.name(`host:${this.#server}/${game}`);
    const whereabouts = game === LAUNCHER_GAME ? this.read() : undefined;
    if (whereabouts !== undefined) moveSession(this.#storage, this.name(`host:${this.#server}/${whereabouts}`), name);
    return claimSession(this.#storage, name);
  }

  /** Gives the session to the page of another game; `false` where nothing can be stored. */
  handOver(session: TransferableSession, game: string, notes: EveningNotes): boolean {
    if (!session.handOver(this.name(`host:${this.#server}/${game}`), notes)) return false;
    try {
      this.#storage?.setItem(this.name(`evening:${this.#server}`), game);
    } catch {
      // The storage is full: only the launcher misses it.
    }
    return true;
  }

  /** The game that the evening is at. */
  private read(): string | undefined {
    try {
      return this.#storage?.getItem(this.name(`evening:${this.#server}`)) ?? undefined;
    } catch {
      return undefined; // Browsers that block storage throw on access.
    }
  }

  private name(suffix: string): string {
    const name = `couchwire:${suffix}`;
    return this.#isOfFrame ? nameInFrame(name) : name;
  }
}
