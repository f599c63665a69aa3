/**
 * A room whose network, server and pages are one object: what the states of the SDK rest on, as P5 promises it, with each step taken by the
 * test. Lines are cut, pages are loaded again, and what a line had not carried when its page died is lost.
 */
import type { JsonChanges } from "../../src/sdk/state/state-changes.ts";
import { StateReader } from "../../src/sdk/state/state-reader.ts";
import { StateTeller } from "../../src/sdk/state/state-teller.ts";
import type { StateRetention } from "../../src/sdk/state/told-state.ts";

type Command =
  | {
      readonly cmd: "to";
      readonly to: readonly number[];
      readonly text: string;
      readonly retention: StateRetention | undefined;
    }
  | { readonly cmd: "save"; readonly changes: JsonChanges; readonly received: number | undefined };

type TvEvent =
  | { readonly is: "joined" | "left" | "missed"; readonly player: number }
  | { readonly is: "text"; readonly player: number; readonly text: string };

/** What a phone that is never told a number may say. */
const REFUSED_VALUE = "refused";

export interface SeenPair {
  readonly who: string;
  readonly values: readonly [unknown, unknown];
}

class Phone {
  readonly player: number;
  reader: StateReader;
  isUp = true;
  /** What this page has said and the line has not carried. */
  outbox: string[] = [];
  readonly refusals: string[] = [];
  /** Frames for this phone that no page has acknowledged, and how many of them this page got. */
  waiting: string[] = [];
  got = 0;
  retained = new Map<string, string[]>();
  readonly #world: StateWorld;

  constructor(player: number, world: StateWorld) {
    this.player = player;
    this.#world = world;
    this.reader = this.open();
  }

  open(): StateReader {
    const reader = new StateReader({
      isUp: () => this.isUp && this.reader === reader,
      send: (text) => {
        if (this.reader === reader) this.outbox.push(text);
        return true;
      },
      player: () => this.player,
      refused: (reason) => void this.refusals.push(reason),
      now: () => (this.#world.clock += 100),
      random: () => this.#world.random(),
    });
    for (const [state, who] of [
      [reader.shared, "shared"],
      [reader.mine, "mine"],
    ] as const) {
      state.on(() => {
        this.#world.seen.push({ who: `${who} of phone ${this.player}`, values: [state.get("a"), state.get("b")] });
        this.#world.seen.push({ who: `${who} of phone ${this.player}`, values: [state.get("x"), state.get("y")] });
      });
    }
    return reader;
  }

  heard(text: string): void {
    this.#world.bytesTo.set(this.player, (this.#world.bytesTo.get(this.player) ?? 0) + text.length);
    this.reader.heard(JSON.parse(text));
  }
}

export class StateWorld {
  readonly phones = new Map<number, Phone>();
  /** Each pair of keys that are always set together, whenever a listener was called. */
  readonly seen: SeenPair[] = [];
  readonly bytesTo = new Map<number, number>();
  readonly errors: unknown[] = [];
  clock = 0;
  teller: StateTeller;
  #roster: number[] = [];
  #isTvUp = true;
  #tvOutbox: Command[] = [];
  /** Of the server: what it keeps for the TV, all that was said to the TV, and how much of that this page of the TV got. */
  readonly #kept = new Map<string, string>();
  readonly #events: TvEvent[] = [];
  #got = 0;
  #pin = 0;
  #hasPin = false;
  #players = 0;
  #seed = 1;

  constructor() {
    this.teller = this.#openTv();
  }

  random(): number {
    this.#seed = (this.#seed * 48_271) % 2_147_483_647;
    return this.#seed / 2_147_483_647;
  }

  get roster(): readonly number[] {
    return this.#roster;
  }

  get isTvUp(): boolean {
    return this.#isTvUp;
  }

  /** Whether anything is on its way. */
  get isQuiet(): boolean {
    if (this.#tvOutbox.length > 0 || this.#got < this.#events.length) return false;
    return [...this.phones.values()].every((phone) => phone.outbox.length === 0 && phone.got === phone.waiting.length);
  }

  join(): number {
    const player = ++this.#players;
    this.phones.set(player, new Phone(player, this));
    this.#events.push({ is: "joined", player });
    this.phone(player)?.reader.opened();
    return player;
  }

  leave(player: number): void {
    if (this.phones.delete(player)) this.#events.push({ is: "left", player });
  }

  phone(player: number): Phone | undefined {
    return this.phones.get(player);
  }

  /** The phone's line carries so many of its frames, if it is up. */
  carryFromPhone(player: number, count: number): void {
    const phone = this.phone(player);
    if (phone === undefined || !phone.isUp) return;
    for (const text of phone.outbox.splice(0, count)) this.#events.push({ is: "text", player, text });
  }

  carryToPhone(player: number, count: number, isAcknowledged: boolean): void {
    const phone = this.phone(player);
    if (phone === undefined || !phone.isUp) return;
    const next = phone.waiting.slice(phone.got, phone.got + count);
    phone.got += next.length;
    for (const text of next) phone.heard(text);
    if (!isAcknowledged) return;
    phone.waiting.splice(0, phone.got);
    phone.got = 0;
  }

  setPhoneUp(player: number, isUp: boolean): void {
    const phone = this.phone(player);
    if (phone === undefined || phone.isUp === isUp) return;
    phone.isUp = isUp;
    if (isUp) phone.reader.opened();
  }

  /** Another page begins from nothing: what the old one had said and the line had not carried is lost. */
  reloadPhone(player: number): void {
    const phone = this.phone(player);
    if (phone === undefined) return;
    phone.reader.close();
    phone.isUp = true;
    phone.outbox = [];
    phone.reader = phone.open();
    phone.got = 0;
    phone.reader.opened();
    const waiting = new Set(phone.waiting);
    for (const texts of phone.retained.values()) {
      for (const text of texts) if (!waiting.has(text)) phone.heard(text);
    }
  }

  /** The server's buffer for this phone did not hold. */
  loseForPhone(player: number): void {
    const phone = this.phone(player);
    if (phone === undefined || phone.got === phone.waiting.length) return;
    phone.waiting = [];
    phone.got = 0;
    phone.retained.clear();
    this.#events.push({ is: "missed", player });
  }

  /** The server's buffer for the TV did not hold: what phones said and the TV did not hear is lost. */
  loseOfTv(): void {
    const kept = this.#events.slice(this.#got).filter(({ is }) => is !== "text");
    if (this.#got + kept.length === this.#events.length) return;
    this.#events.splice(this.#got, Infinity, ...kept);
    this.teller.tellAllAgain();
  }

  /** The phone's buffer did not hold. */
  loseOfPhone(player: number): void {
    const phone = this.phone(player);
    if (phone === undefined || phone.outbox.length === 0) return;
    phone.outbox = [];
    phone.reader.writeAgain();
  }

  carryFromTv(count: number): void {
    if (!this.#isTvUp) return;
    for (const command of this.#tvOutbox.splice(0, count)) this.#obey(command);
  }

  carryToTv(count: number): void {
    if (!this.#isTvUp) return;
    for (let left = count; left > 0 && this.#got < this.#events.length; left--) {
      const event = this.#events[this.#got];
      this.#got += 1;
      if (event !== undefined) this.#happened(event);
    }
  }

  setTvUp(isUp: boolean): void {
    if (this.#isTvUp === isUp) return;
    this.#isTvUp = isUp;
    if (isUp) this.teller.endTurn();
  }

  /** Another page of the TV begins with what the server kept, and hears what came after that. */
  reloadTv(): void {
    this.#isTvUp = true;
    this.#tvOutbox = [];
    this.teller = this.#openTv();
    if (this.#hasPin) this.#got = this.#pin;
    const kept = new Map(this.#kept);
    const players = this.teller.restore(kept);
    this.#roster = [...(players ?? this.#present())];
    if (players === undefined) this.teller.keepOnly(this.#roster);
    for (const player of this.#roster) this.teller.tellWhole(player);
    this.teller.endTurn();
  }

  /** What the server keeps under this key. */
  kept(key: string): unknown {
    const json = this.#kept.get(key);
    return json === undefined ? undefined : JSON.parse(json);
  }

  keptFrames(player: number): readonly string[] {
    return [...(this.phone(player)?.retained.values() ?? [])].flat();
  }

  /** Joined, whether the TV knows it yet or not, as the server would say at the TV's return. */
  #present(): number[] {
    const joined = this.#events.slice(0, this.#got).filter(({ is }) => is === "joined");
    const left = new Set(this.#events.slice(0, this.#got).flatMap(({ is, player }) => (is === "left" ? [player] : [])));
    return joined.map(({ player }) => player).filter((player) => !left.has(player));
  }

  #openTv(): StateTeller {
    const teller: StateTeller = new StateTeller({
      isUp: () => this.#isTvUp && this.teller === teller,
      players: () => this.#roster,
      send: (to, text, retention) => {
        if (this.teller === teller) this.#tvOutbox.push({ cmd: "to", to: [...to], text, retention });
        return true;
      },
      save: (changes, isGames) => {
        if (this.teller !== teller) return;
        this.#tvOutbox.push({ cmd: "save", changes, received: isGames ? this.#got : undefined });
      },
      refusal: (_player, changes) => (Reflect.get(changes, "x") === REFUSED_VALUE ? "Not this." : undefined),
      ownRefusal: () => "Not these.",
      listened: () => undefined,
      now: () => (this.clock += 100),
    });
    teller.shared.on(
      () => void this.seen.push({ who: "TV", values: [teller.shared.get("a"), teller.shared.get("b")] }),
    );
    return teller;
  }

  #happened(event: TvEvent): void {
    const { player } = event;
    switch (event.is) {
      case "joined":
        if (this.#roster.includes(player)) return;
        this.#roster.push(player);
        this.teller.of(player).game.on(() => {
          const { game } = this.teller.of(player);
          this.seen.push({ who: `player ${player} on the TV`, values: [game.get("x"), game.get("y")] });
        });
        return this.teller.tellWhole(player);
      case "left":
        this.#roster = this.#roster.filter((other) => other !== player);
        return this.teller.left(player);
      case "missed":
        return this.teller.tellWhole(player);
      case "text":
        return this.teller.heard(player, JSON.parse(event.text));
      default:
        event satisfies never;
    }
  }

  #obey(command: Command): void {
    if (command.cmd === "save") {
      for (const [key, json] of command.changes) {
        if (json === null) this.#kept.delete(key);
        else this.#kept.set(key, json);
      }
      if (command.received === undefined) return;
      this.#hasPin = true;
      this.#pin = command.received;
      return;
    }
    for (const player of command.to) {
      const phone = this.phone(player);
      if (phone === undefined) continue;
      const { retention, text } = command;
      if (retention !== undefined) {
        const kept = retention.append === true ? (phone.retained.get(retention.retain) ?? []) : [];
        phone.retained.delete(retention.retain);
        phone.retained.set(retention.retain, [...kept, text]);
      }
      if (retention?.silent !== true) phone.waiting.push(text);
    }
  }
}
