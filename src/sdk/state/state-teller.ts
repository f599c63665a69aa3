/**
 * The states of a room on its TV: the room's own, which all phones see, and one for each player, which that player's phone sees. It tells
 * the phones, hears what phones write, and keeps a checkpoint. It knows no socket.
 */
import { TokenBucket } from "../../protocol/token-bucket.ts";
import { CouchwireError } from "../couchwire-error.ts";
import { quote } from "../invalid-argument.ts";
import { reportUncaught } from "../report-uncaught.ts";
import { CheckpointKeys } from "./checkpoint-keys.ts";
import { checkpointKey, MAX_PHONE_BYTES, PlayerState } from "./player-state.ts";
import { SharedState, type StateSource } from "./shared-state.ts";
import {
  isReserved,
  problemOfKey,
  readChanges,
  valueOf,
  writeChanges,
  type JsonBefore,
  type JsonChanges,
} from "./state-changes.ts";
import { TellOrder, type StateOwner } from "./tell-order.ts";
import { ToldState, type StateRetention } from "./told-state.ts";

export interface StateTellerPort {
  /** Whether the room is there and the connection to it is up. While it is not, changes wait for `connected`. */
  isUp(): boolean;
  /** The players in the room. */
  players(): readonly number[];
  /** Sends text to these players. `false` where it is neither sent nor kept. */
  send(to: readonly number[], text: string, retention?: StateRetention): boolean;
  /** Keeps keys at the server. `isGames`: the game's own state is among what is kept, so it is a checkpoint of the game. */
  save(changes: JsonChanges, isGames: boolean): void;
  /** The game's word on what a phone writes: a sentence refuses it. */
  refusal(player: number, changes: object): string | undefined;
  /** The SDK's word on a key of its own (`cw:`) that a phone writes: a sentence refuses it. */
  ownRefusal(key: string, value: unknown): string | undefined;
  /** A listener was added. */
  listened(): void;
  /** Milliseconds of a clock that never goes back. */
  now(): number;
}

/** A frame of the states (P5.10.2), of which nothing is checked yet. */
export interface StateFrame {
  readonly cw?: unknown;
  readonly set?: unknown;
  readonly player?: unknown;
  readonly all?: unknown;
  readonly again?: unknown;
  readonly v?: unknown;
  readonly n?: unknown;
  readonly get?: unknown;
  readonly error?: unknown;
}

/** How often a phone may ask for the whole: an honest one does after a gap. */
const ASKS = { perSecond: 1, size: 8 };
/** Bytes that all phones together may keep: half of the checkpoint is the TV's. */
const MAX_BYTES_OF_PHONES = 131_072;
/** Keys that are set back by one refusal. A phone has no more of its own. */
const MAX_SET_BACK = 256;

const PLAYERS_KEY = "cw:players";

export class StateTeller {
  readonly source: StateSource;
  /** The game's keys of the room's state. */
  readonly shared: SharedState;
  /** The SDK's keys of the room's state. */
  readonly own: SharedState;
  readonly #port: StateTellerPort;
  readonly #shared: ToldState;
  readonly #players = new Map<number, PlayerState>();
  readonly #order = new TellOrder();
  #checkpoint = new CheckpointKeys();
  #bytesOfPhones = 0;
  #isGames = false;
  #isAgain = false;
  #isScheduled = false;
  #isSaveDue = false;

  constructor(port: StateTellerPort) {
    this.#port = port;
    const shared = new ToldState({
      retain: "cw:state",
      player: undefined,
      isAgain: () => false,
      send: (to, text, retention) => port.send(to, text, retention),
    });
    this.#shared = shared;
    this.source = {
      json: (key: string) => shared.values.get(key),
      keys: () => shared.values.keys(),
      listeners: shared.listeners,
      write: (changes: JsonChanges) => this.writeShared(changes),
      listened: () => port.listened(),
    };
    this.shared = new SharedState(this.source);
    this.own = new SharedState(this.source, true);
  }

  /** The game keeps its own state here, so that what the server keeps is a checkpoint of the game. */
  get isGames(): boolean {
    return this.#isGames;
  }

  /** The state of a player; one that is not known gets an empty one. */
  of(player: number): PlayerState {
    const known = this.#players.get(player);
    if (known !== undefined) return known;
    const state = new PlayerState({
      id: player,
      told: new ToldState({
        retain: "cw:player",
        player,
        isAgain: () => this.#isAgain && this.#isGames,
        send: (to, text, retention) => this.#port.send(to, text, retention),
      }),
      asks: new TokenBucket(ASKS, this.#port.now()),
      write: (written, changes) => this.writePlayer(written, changes, false),
      listened: () => this.#port.listened(),
    });
    this.#players.set(player, state);
    return state;
  }

  /** Tells the phones what they do not know yet. Call before anything else is sent, so that they get it in order. */
  flush(): void {
    const players = this.#port.players();
    const { before, after } = this.#order.take();
    const present = new Set(before.length + after.length > 0 ? players : []);
    const tell = (untold: readonly number[]): void => {
      for (const player of untold) if (present.has(player)) this.#players.get(player)?.told.tell([player]);
    };
    tell(before);
    this.#shared.tell(players);
    tell(after);
  }

  /** This state changes now. While the line is down, all that is set is told together. */
  private turnTo(owner: StateOwner): void {
    if (this.#order.isDueBefore(owner) && this.#port.isUp()) this.flush();
    this.#order.note(owner);
  }

  /** Sends and saves what has changed, and ends the turn for it. Call when the connection is up, or ends. */
  endTurn(): void {
    if (!this.#port.isUp()) return;
    if (this.#isGames) this.#checkpoint.trySet(new Map([[PLAYERS_KEY, JSON.stringify(this.#port.players())]]));
    // What the phones have seen is to be there after a reload, so it is saved first.
    const unsaved = this.#checkpoint.takeUnsaved();
    if (unsaved.size > 0 || this.#isSaveDue) this.#port.save(unsaved, this.#isGames);
    this.#isSaveDue = false;
    this.flush();
  }

  /** Saves at the end of the turn, even if nothing has changed: with each save the server is told what is part of the checkpoint. */
  saveSoon(): void {
    this.#isSaveDue = true;
    this.schedule();
  }

  /** A player came, or what it was sent did not all arrive: it gets the states whole. */
  tellWhole(player: number): void {
    this.#shared.forget(player);
    this.of(player).told.forget(player);
    this.#order.noteBoth(player);
    this.schedule();
  }

  /** Frames of phones, or for them, were lost: all get the states whole, and send again what they wrote and this TV did not hear. */
  tellAllAgain(): void {
    this.#isAgain = true;
    for (const player of this.#port.players()) this.tellWhole(player);
  }

  /** A player has left for good. Its state is not kept any longer. */
  left(player: number): void {
    const state = this.#players.get(player);
    this.#shared.forget(player);
    if (state !== undefined) {
      state.isGone = true;
      this.#players.delete(player);
      this.#order.drop(player);
      this.#bytesOfPhones -= state.phoneBytes;
      const prefixes = [checkpointKey(player, "", true), checkpointKey(player, "", false)];
      const kept = [...this.#checkpoint.entries()].map(([key]) => key);
      const gone = kept.filter((key) => key === heardKey(player) || prefixes.some((prefix) => key.startsWith(prefix)));
      this.#checkpoint.set(new Map(gone.map((key) => [key, null])));
    }
    this.schedule();
  }

  /** Forgets the states of players that are not among these. */
  keepOnly(players: readonly number[]): void {
    const present = new Set(players);
    for (const player of this.#players.keys()) if (!present.has(player)) this.left(player);
  }

  /** The server has lost the room, and all that it kept. The room's state goes on in the next room; the players' do not. */
  lostRoom(): void {
    this.keepOnly([]);
    this.saveAgain(new Map());
  }

  /** The server has this checkpoint, which may be older: what has changed since is kept there again, and what is none of the states' goes. */
  saveAgain(kept: JsonBefore): void {
    this.#checkpoint.forgetSaved(kept);
  }

  /** The room is another game's, and the server has dropped all that this page said and saved: every state is empty. */
  beginGame(): void {
    this.#checkpoint = new CheckpointKeys();
    this.#bytesOfPhones = 0;
    this.#isGames = false;
    this.#isAgain = false;
    this.#isSaveDue = false;
    this.#order.clear();
    this.#shared.empty();
    for (const state of this.#players.values()) state.empty();
  }

  /** Begins with what the server has kept. Returns the players of that moment, where they were kept. */
  restore(kept: JsonChanges): readonly number[] | undefined {
    this.#checkpoint.restore(kept);
    this.#isAgain = true; // The page before this one may have been told of losses, too.
    for (const [key, json] of kept) if (json !== null && isJson(json)) this.restoreKey(key, json);
    const players: unknown = valueOf(this.#checkpoint.get(PLAYERS_KEY));
    return Array.isArray(players) ? players.filter((player) => typeof player === "number") : undefined;
  }

  /** Begins with nothing, though the server has kept states: another version of the game said them. Phones that have them are told. */
  discard(kept: JsonChanges): void {
    this.#isAgain = true;
    this.#isGames = [...kept.keys()].some((key) => /^[spf]:/.test(key));
    if (this.#isGames) this.#shared.tellNothingToo();
  }

  /** A phone said something of its state. */
  heard(player: number, frame: StateFrame): void {
    const state = this.of(player);
    const number = typeof frame.n === "number" && Number.isSafeInteger(frame.n) ? frame.n : undefined;
    if (frame.get === true) return this.asked(state, number);
    const changes = readChanges(frame.set);
    if (changes === undefined) return;
    const refusal = this.refusalOf(state, frame, changes) ?? this.tryToWrite(state, changes);
    if (refusal !== undefined) return this.refuse(state, changes, refusal, number);
    if (number !== undefined) {
      state.told.hear(number);
      this.#checkpoint.trySet(new Map([[heardKey(player), String(number)]]));
      this.#order.note(player);
      this.schedule();
    }
    state.told.listeners.tell();
  }

  private asked(state: PlayerState, number: number | undefined): void {
    if (!state.asks.take(1, this.#port.now())) return;
    if (number !== undefined) state.told.hear(number, true);
    this.flush();
    this.#shared.forget(state.id);
    state.told.forget(state.id);
    const present = this.#port.players().filter((player) => player === state.id);
    this.#shared.tell(present, true);
    state.told.tell(present, true);
  }

  private writeShared(changes: JsonChanges): void {
    this.#checkpoint.set(new Map([...changes].map(([key, json]) => [`s:${key}`, json])));
    this.noteGames(changes);
    if (this.#shared.values.differ(changes)) this.turnTo(undefined);
    this.#shared.apply(changes);
    this.schedule();
  }

  private writePlayer(state: PlayerState, changes: JsonChanges, isPhone: boolean): void {
    if (state.isGone) return state.apply(changes, false);
    this.#checkpoint.set(state.checkpointChanges(changes, isPhone));
    this.noteGames(changes);
    if (state.told.values.differ(changes)) this.turnTo(state.id);
    this.#bytesOfPhones -= state.phoneBytes;
    state.apply(changes, isPhone);
    this.#bytesOfPhones += state.phoneBytes;
    this.schedule();
  }

  /** Returns why not, where there is no room for it. */
  private tryToWrite(state: PlayerState, changes: JsonChanges): string | undefined {
    try {
      this.writePlayer(state, changes, true);
      return undefined;
    } catch (error) {
      if (error instanceof CouchwireError) return error.message;
      throw error;
    }
  }

  /** Why a phone may not write this; `undefined` where it may. */
  private refusalOf(state: PlayerState, frame: StateFrame, changes: JsonChanges): string | undefined {
    if (frame.player !== undefined && frame.player !== state.id) {
      return `A phone writes its own player's state, and this is player ${state.id}; the frame is about ${quote(frame.player)}.`;
    }
    const bytes = state.phoneBytesWith(changes);
    if (bytes > MAX_PHONE_BYTES && bytes > state.phoneBytes) {
      return `A phone may keep ${MAX_PHONE_BYTES} bytes of state; these would be ${bytes}.`;
    }
    const bytesOfAll = this.#bytesOfPhones - state.phoneBytes + bytes;
    if (bytesOfAll > MAX_BYTES_OF_PHONES && bytes > state.phoneBytes) {
      return `All phones together may keep ${MAX_BYTES_OF_PHONES} bytes of state; these would be ${bytesOfAll}.`;
    }
    for (const [key, json] of changes) {
      const refusal = this.refusalOfKey(state, key, json);
      if (refusal !== undefined) return refusal;
    }
    const games = [...changes].filter(([key]) => !isReserved(key));
    if (games.length === 0) return undefined;
    try {
      return this.#port.refusal(state.id, Object.fromEntries(games.map(([key, json]) => [key, valueOf(json) ?? null])));
    } catch (error) {
      reportUncaught(error);
      return "The TV could not check this.";
    }
  }

  private refusalOfKey(state: PlayerState, key: string, json: string | null): string | undefined {
    const problem = problemOfKey(key);
    if (problem !== undefined) return `A key of the state ${problem}`;
    if (isReserved(key)) return this.#port.ownRefusal(key, valueOf(json));
    const isShared = this.#shared.values.get(key) !== undefined && state.told.values.get(key) === undefined;
    return isShared ? `The key ${quote(key)} is the room's: only the TV writes it.` : undefined;
  }

  private refuse(state: PlayerState, changes: JsonChanges, sentence: string, number: number | undefined): void {
    this.flush(); // What was accepted before comes first.
    const keys = [...changes.keys()].slice(0, MAX_SET_BACK);
    const before = keys.map((key): [string, string | null] => [key, state.told.values.get(key) ?? null]);
    const heard = number === undefined ? "" : `,"n":${number}`;
    const error = JSON.stringify(sentence);
    if (number !== undefined) state.told.hear(number, true);
    const text = `{"cw":"state","player":${state.id},"set":${writeChanges(before)},"error":${error}${heard}}`;
    if (!this.#port.send([state.id], text)) this.tellWhole(state.id);
  }

  private restoreKey(key: string, json: string): void {
    if (key.startsWith("s:")) {
      if (problemOfKey(key.slice(2)) !== undefined) return;
      const changes = new Map([[key.slice(2), json]]);
      this.#shared.restore(changes);
      return this.noteGames(changes);
    }
    const found = /^([pfn]):(\d{1,10})(?::(.+))?$/s.exec(key);
    if (found === null) return;
    const [, kind, id, name] = found;
    const state = this.of(Number(id));
    this.#order.noteBoth(state.id);
    if (kind === "n") return state.told.hear(Number(json), true);
    if (name === undefined) return;
    this.#bytesOfPhones -= state.phoneBytes;
    state.restore(name, json, kind === "f");
    this.#bytesOfPhones += state.phoneBytes;
    this.noteGames(new Map([[name, json]]));
  }

  private noteGames(changes: JsonChanges): void {
    if (!this.#isGames) this.#isGames = [...changes.keys()].some((key) => !isReserved(key));
  }

  private schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.endTurn();
    });
  }
}

function heardKey(player: number): string {
  return `n:${player}`;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false; // Another program saved it.
  }
}
