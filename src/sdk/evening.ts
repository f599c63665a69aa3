/** An evening: one room goes from game to game, with the same code and the same seats. What a page hands over to the next one, and how it leaves. */
import { CouchwireError } from "./couchwire-error.ts";
import { invalid, quote } from "./invalid-argument.ts";

/** The name of the launcher's room, which `/tv` opens. */
export const LAUNCHER_GAME = "tv";

/** What one game's page hands over to the next, beside the session and its notes. */
export interface EveningNotes {
  /** The next page is loaded for the first time: to its game the room is a new one, in which the players already are. */
  readonly isNew: boolean;
  /** Players whose phones may lead back to the launcher: the first of them that is in the room does. */
  readonly remote: readonly number[];
}

/** `undefined` where nothing was handed over. */
export function readEveningNotes(stored: unknown): EveningNotes | undefined {
  if (typeof stored !== "object" || stored === null) return undefined;
  const remote: unknown = Reflect.get(stored, "remote");
  return {
    isNew: Reflect.get(stored, "isNew") === true,
    remote: Array.isArray(remote) ? remote.filter((player) => typeof player === "number") : [],
  };
}

/** The TV's page of a game on this server. */
export function pageOfGame(server: string, game: string): string {
  return `${server}/games/${encodeURIComponent(game)}/`;
}

/** Leaves for another page, which takes this one's place in the history: "back" never leads into a game that is over. `false` where there is no page. */
export function goToPage(address: string): boolean {
  if (typeof document === "undefined") return false;
  location.replace(address);
  return true;
}

/** @throws {CouchwireError} `invalid_argument` */
export function checkGameName(name: unknown): void {
  if (typeof name === "string" && name !== "") return;
  throw invalid(`\`startGame\` takes the name of a game's folder, such as "quiz"; this is ${quote(name)}.`);
}

/** A `game` command that the server has not answered yet. */
export class GameChange {
  #asked: { readonly name: string; readonly settle: (error?: CouchwireError) => void } | undefined;

  /** Resolves when the room is this game's. `tell` sends the command. */
  ask(name: string, tell: () => boolean): Promise<void> {
    if (this.#asked !== undefined) {
      return Promise.reject(invalid(`The room is on its way to ${quote(this.#asked.name)} already.`));
    }
    return new Promise((resolve, reject) => {
      const settle = (error?: CouchwireError): void => {
        this.#asked = undefined;
        if (error === undefined) resolve();
        else reject(error);
      };
      this.#asked = { name, settle };
      if (!tell()) this.end();
    });
  }

  /** The server says whose room it is. */
  told(name: string | undefined): void {
    if (name !== undefined && name === this.#asked?.name) this.#asked.settle();
  }

  refuse(code: string, reason: string): void {
    this.#asked?.settle(new CouchwireError(code, reason));
  }

  /** The room is over, or the server has lost it. */
  end(): void {
    this.refuse("closed", "The room is over.");
  }
}
