/** An evening, on the TV: one room goes from game to game, with the same code, seats and players (P5.9.7). */
import { listPlayers, type PlayerRefs } from "./addressing.ts";
import { eventText } from "./conversation.ts";
import { CouchwireError } from "./couchwire-error.ts";
import { gameCommand, type HostRoomPlan } from "./host-room-plan.ts";
import type { RoomError, WireCommand } from "./host-wire.ts";
import { invalid, quote } from "./invalid-argument.ts";
import { checkOptions, type KnownOptions } from "./known-options.ts";
import { hasPage, isMissing, leaveFor, loadWayBack, pageOfGame } from "./game-pages.ts";
import { LAUNCHER_GAME, parseEveningNotes, type EveningNotes } from "./evening-notes.ts";

/** Options of `startGame`. */
export interface StartGameOptions {
  /**
   * Whose phone may lead back to the launcher at `/tv`: the first of these who is in the room. @default those of the game before, or all players in
   * joining order
   */
  readonly remote?: PlayerRefs;
}

const START_OPTIONS: KnownOptions<StartGameOptions> = { remote: true };

/** The event that tells a phone that it is the remote, and the request by which it leads back to the games (P5.10.3). */
export const REMOTE = "cw:remote";
export const GAMES_REQUEST = "cw:games";

type EveningPlan = Pick<
  HostRoomPlan,
  "game" | "server" | "session" | "maxPlayers" | "foreignJoinUrl" | "handOver" | "pin" | "meta" | "warn"
>;

const KEEPS_ITS_OWN =
  "Couchwire: `pin` and `meta` are of the room, and this room was opened by another game: it keeps the PIN and the meta that it has.";

/** What an evening needs of its room. */
export interface EveningPort {
  /** Sends a command to the server; `false` after the end. */
  tell(command: WireCommand): boolean;
  /** The ids of those who have a seat. */
  players(): readonly number[];
  /** Ends the connection and keeps the room. */
  detach(): void;
  /** The room goes on as the next game's, without another page. */
  beginGame(): void;
}

/** The name of the room's game, and what the game's page handed over to this one and will hand over to the next. */
export class Evening {
  readonly #plan: EveningPlan;
  readonly #port: EveningPort;
  #game: string;
  /** `undefined`: no other game's page has handed anything over. */
  #notes: EveningNotes | undefined;
  #isLeaving = false;
  #asked: { readonly name: string; readonly settle: (error?: CouchwireError) => void } | undefined;
  /** The player who was told that its phone is the remote. */
  #toldRemote: number | undefined;

  constructor(plan: EveningPlan, port: EveningPort) {
    this.#plan = plan;
    this.#port = port;
    this.#game = plan.game;
    this.#notes = parseEveningNotes(plan.session.evening);
  }

  /** Whose room it is. */
  get game(): string {
    return this.#game;
  }

  /** The page is the first of its game: what the room has of another game's page is not for it. */
  get isNew(): boolean {
    return this.#notes?.isNew === true;
  }

  /** The room comes from another game's page. */
  get isOn(): boolean {
    return this.#notes !== undefined;
  }

  /** A game other than the launcher is on, and this is a page: the launcher is where it ends. */
  get isAtGame(): boolean {
    return this.#notes !== undefined && this.#game !== LAUNCHER_GAME && hasPage();
  }

  /** The room was there when the page came, and is of this game. */
  found(name: string): void {
    if (!this.isNew && name === this.#game) return;
    if (this.#plan.pin !== undefined || this.#plan.meta !== undefined) this.#plan.warn(KEEPS_ITS_OWN);
    this.#port.tell(gameCommand(this.#game, this.#plan));
    this.#port.tell({ cmd: "open" });
    this.#notes = { remote: [], ...this.#notes, isNew: false };
    this.#plan.session.noteEvening(this.#notes);
  }

  /** The room is open: the TV has a way back, and so has the phone with the remote. */
  opened(): void {
    if (!this.isAtGame) return;
    this.playersChanged();
    loadWayBack(this.#plan.server, true, () => this.leave());
  }

  /** A player came or left: the remote may be another's. */
  playersChanged(): void {
    if (!this.isAtGame) return;
    const remote = this.remote;
    if (remote === undefined || remote === this.#toldRemote) return;
    this.#toldRemote = remote;
    // The server keeps it, for a phone page that is loaded again.
    this.#port.tell({ cmd: "to_str", to: [remote], data: eventText(REMOTE, undefined), retain: REMOTE });
  }

  /** A phone asks to go back to the games: that with the remote may. */
  leadBack(player: number): void {
    if (this.isAtGame && player === this.remote) this.leave();
  }

  /** Resolves when the room is this game's, and the page is on its way to the game's own. */
  async start(name: string, options: StartGameOptions = {}): Promise<void> {
    checkOptions(options, START_OPTIONS, "startGame");
    if (typeof name !== "string" || name === "") {
      throw invalid(`\`startGame\` takes the name of a game's folder, such as "quiz"; this is ${quote(name)}.`);
    }
    const { remote = this.#notes?.remote ?? this.#port.players() } = options;
    const notes = { isNew: true, remote: listPlayers(remote, "remote") };
    if (name !== LAUNCHER_GAME && (await isMissing(this.#plan.server, name))) {
      throw new CouchwireError("game_not_found", `The server at ${this.#plan.server} has no game ${quote(name)}.`);
    }
    await this.ask(name);
    this.#game = name;
    if (this.#plan.handOver(name, notes)) this.#port.detach();
    else if (!hasPage()) this.goOn();
    leaveFor(pageOfGame(this.#plan.server, name));
  }

  /** Whether the room is on its way to another game, or has gone there. */
  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  /** The server says whose room it is. */
  told(name: string | undefined): void {
    if (name !== undefined && name === this.#asked?.name) this.#asked.settle();
  }

  refused({ code, reason }: Pick<RoomError, "code" | "reason">): void {
    this.#asked?.settle(new CouchwireError(code, reason));
  }

  /** The room is over, or the server has lost it. */
  end(): void {
    this.refused({ code: "closed", reason: "The room is over." });
  }

  /** Neither another page nor another `createRoom` takes the room: this program plays the next game, too. */
  private goOn(): void {
    this.#isLeaving = false;
    this.#port.beginGame();
  }

  /** A refusal is told as the room's event `error`; the game goes on. */
  private leave(): void {
    this.start(LAUNCHER_GAME).catch(() => undefined);
  }

  private get remote(): number | undefined {
    const players = this.#port.players();
    return this.#notes?.remote.find((id) => players.includes(id));
  }

  private ask(name: string): Promise<void> {
    if (this.#asked !== undefined) {
      return Promise.reject(invalid(`The room is on its way to ${quote(this.#asked.name)} already.`));
    }
    return new Promise((resolve, reject) => {
      const settle = (error?: CouchwireError): void => {
        this.#asked = undefined;
        this.#isLeaving = error === undefined;
        if (error === undefined) resolve();
        else reject(error);
      };
      this.#asked = { name, settle };
      if (this.#port.tell({ cmd: "game", name })) this.#isLeaving = true;
      else this.end();
    });
  }
}
