/**
 * Plays the players of a recording into a room. Order is kept over all players: what one says is in the room before the next one speaks. And a player says
 * something only after the host has shown it what it had shown it in the recording by then, so a host that takes its own time is waited for at any speed.
 */
import { CLOSE_CODES } from "../protocol/close-codes.ts";
import type { PlayerId } from "../protocol/commands.ts";
import { success, type Result } from "../protocol/result.ts";
import type { ReadRecording, RecordedData, RecordedItem, RecordedSaying } from "../recording/recording-file.ts";
import { Pace, pause } from "./pace.ts";
import { isPlayed, type PlayedItem } from "./played-items.ts";
import { answering } from "./replies.ts";
import { ReplayPhone } from "./replay-phone.ts";
import type { ReplayOptions, ReplayReport } from "./replay-report.ts";
import { LiveShowing, RecordedShowing } from "./shown.ts";

export interface PlayersReplayOptions extends ReplayOptions {
  readonly code: string;
  readonly pin: string | undefined;
}

/** After this time a host is told that a player is away, unless its server's option `awayMs` says else. */
const AWAY_MS = 3_000;
/** After that time it has been told. */
const TOLD_MS = AWAY_MS + 500;
/** A wait that is shorter delays nothing. */
const DELAY_MS = 20;
const ASK_AGAIN_MS = 500;

/** A player's connection is gone, of which the host is told later. */
interface Cut {
  readonly is: "cut";
  readonly player: PlayerId;
  readonly t: number;
}

interface Seat {
  readonly player: PlayerId;
  readonly label: string;
  readonly phone: ReplayPhone;
  readonly recorded: RecordedShowing;
  readonly live: LiveShowing;
  /** When it was cut off, of this process's clock. */
  awayAt: number | undefined;
  /** The host of the recording has removed it. */
  isKicked: boolean;
}

export class PlayersReplay {
  readonly #options: PlayersReplayOptions;
  readonly #pace: Pace;
  readonly #seats = new Map<PlayerId, Seat>();
  /** Who spoke last, while it is not known that the room has heard it. */
  #last: Seat | undefined;
  #lastAt = 0;
  #frames = 0;
  #unsaid = 0;
  #unmatched = 0;
  #trouble: string | undefined;

  constructor(options: PlayersReplayOptions) {
    this.#options = options;
    this.#pace = new Pace(options.speed);
  }

  async run(): Promise<ReplayReport> {
    const { recording, signal, stays } = this.#options;
    for (const { player, name } of recording.header.players) await this.#join(player, name, 0);
    for (const { player, isAway } of recording.header.players) if (isAway) await this.#goAway(player, 0);
    for (const item of withCuts(recording)) {
      if (this.#isOver) break;
      await this.#follow(item);
    }
    if (!this.#isOver) await this.#seeTheEnd();
    if (stays && !this.#isOver) await this.#stay();
    if (!signal.aborted) await this.#last?.phone.confirmed();
    await Promise.all([...this.#seats.values()].map(({ phone }) => phone.cut()));
    return { frames: this.#frames, unsaid: this.#unsaid, unmatched: this.#unmatched, trouble: this.#trouble };
  }

  get #isOver(): boolean {
    return this.#options.signal.aborted || this.#trouble !== undefined;
  }

  async #follow(item: PlayedItem | Cut): Promise<void> {
    switch (item.is) {
      case "cut":
        return this.#cut(item.player, item.t);
      case "joined":
        return this.#join(item.player, item.name, item.t);
      case "from":
        return this.#speak(item.player, item.data, item.t);
      case "away":
        return this.#goAway(item.player, item.t);
      case "back":
        return this.#comeBack(item.player, item.t);
      case "left":
        return this.#leave(item.player, item.t);
      case "kicked": {
        const seat = this.#seats.get(item.player);
        if (seat !== undefined) seat.isKicked = true;
        return;
      }
      case "to":
        return this.#hear(item);
      case "locked":
      case "opened":
      case "game":
        return;
      default:
        item satisfies never;
    }
  }

  async #join(player: PlayerId, name: string | undefined, t: number): Promise<void> {
    const { code, signal, say } = this.#options;
    await this.#turn(undefined, t);
    if (this.#isOver) return;
    const label = name === undefined ? `Player ${player}` : `${name} (player ${player})`;
    const joined = await this.#sitDown(name, t);
    if (!joined.ok) {
      if (!signal.aborted) this.#trouble = `${label} cannot join the room ${code}: ${joined.failure}`;
      return;
    }
    const { phone, live } = joined.value;
    const isOther = phone.player !== undefined && phone.player !== player;
    say(`${label} is in${isOther ? `, as player ${phone.player}` : ""}.`);
    this.#seats.set(player, {
      player,
      label,
      phone,
      recorded: new RecordedShowing(this.#options.recording.header.room),
      live,
      awayAt: undefined,
      isKicked: false,
    });
    this.#lastAt = t;
  }

  /** The host may not have opened its room yet, as it had in the recording. */
  async #sitDown(name: string | undefined, t: number): Promise<Result<Pick<Seat, "phone" | "live">, string>> {
    const { server, code, pin, signal, patienceMs } = this.#options;
    const deadline = performance.now() + Math.max(0, t - this.#lastAt) + patienceMs;
    for (;;) {
      const live = new LiveShowing(code);
      const phone = new ReplayPhone({ server, code, pin, name, signal, onFrame: (frame) => live.add(frame) });
      const connected = await phone.connect();
      if (connected.ok) return success({ phone, live });
      const mayOpen = phone.endCode === CLOSE_CODES.room_locked.code || phone.endCode === CLOSE_CODES.room_full.code;
      if (!mayOpen || signal.aborted || performance.now() > deadline) return connected;
      await pause(ASK_AGAIN_MS, signal);
      this.#pace.restart(t);
    }
  }

  /** What the host said in the recording, to those that were there. */
  #hear({ to, except, data, terms, isKept, t }: RecordedSaying & { readonly t: number }): void {
    if (terms["silent"] === true) return;
    const isCertain = !isKept && (terms["volatile"] ?? false) === false && terms["ttl"] === undefined;
    for (const player of to ?? this.#seats.keys()) {
      if (!except.includes(player)) this.#seats.get(player)?.recorded.add(data, t, isCertain);
    }
  }

  async #speak(player: PlayerId, data: RecordedData, t: number): Promise<void> {
    const seat = this.#seats.get(player);
    await this.#turn(seat, t);
    if (this.#isOver) return;
    if (seat === undefined || seat.phone.end !== undefined) {
      this.#unsaid += 1;
      return;
    }
    const hasSeen = await this.#seen(seat, data, t);
    if (seat.awayAt !== undefined) await this.#return(seat);
    if (this.#isOver) return;
    if (seat.phone.over.aborted) {
      this.#unsaid += 1;
      this.#checkRoom();
      return;
    }
    if (!hasSeen) this.#unmatched += 1;
    await seat.phone.send(answering(data, seat.recorded.asks, seat.live.asks));
    this.#frames += 1;
    this.#last = seat;
    this.#lastAt = t;
  }

  async #cut(player: PlayerId, t: number): Promise<void> {
    const seat = this.#seats.get(player);
    await this.#turn(seat, t);
    if (seat === undefined || seat.phone.end !== undefined || seat.awayAt !== undefined) return;
    await seat.phone.confirmed();
    await seat.phone.cut();
    seat.awayAt = performance.now();
    this.#lastAt = t;
  }

  /** The host is told by then, before it hears what others say next. */
  async #goAway(player: PlayerId, t: number): Promise<void> {
    await this.#cut(player, t);
    const { awayAt } = this.#seats.get(player) ?? {};
    if (awayAt !== undefined) await this.#pauseUntil(awayAt + TOLD_MS, t);
  }

  async #comeBack(player: PlayerId, t: number): Promise<void> {
    const seat = this.#seats.get(player);
    await this.#turn(seat, t);
    if (seat?.awayAt === undefined || seat.phone.end !== undefined) return;
    await this.#return(seat);
    this.#lastAt = t;
  }

  async #return(seat: Seat): Promise<void> {
    seat.awayAt = undefined;
    const back = await seat.phone.connect();
    if (!back.ok && !this.#options.signal.aborted) this.#trouble ??= `${seat.label} cannot come back: ${back.failure}`;
  }

  async #pauseUntil(moment: number, t: number): Promise<void> {
    const ms = moment - performance.now();
    await pause(ms, this.#options.signal);
    if (ms > DELAY_MS) this.#pace.restart(t);
  }

  async #leave(player: PlayerId, t: number): Promise<void> {
    const seat = this.#seats.get(player);
    await this.#turn(seat, t);
    if (seat === undefined) return;
    // The host removes it here, too; where it does not, the player goes.
    if (seat.isKicked) await seat.phone.out(this.#options.patienceMs);
    await seat.phone.confirmed();
    await seat.phone.leave();
    this.#seats.delete(player);
    this.#lastAt = t;
  }

  /** It is this player's turn at that moment: what another one has said is in the room. */
  async #turn(seat: Seat | undefined, t: number): Promise<void> {
    const { signal } = this.#options;
    const last = this.#last;
    if (last !== undefined && last !== seat) {
      this.#last = undefined;
      await last.phone.confirmed();
      this.#checkRoom();
    }
    await this.#pace.until(t, signal);
  }

  /** Waits until the host has shown this player what it had shown it in the recording. */
  async #seen({ label, recorded, live, phone }: Seat, data: RecordedData, t: number): Promise<boolean> {
    const { patienceMs, say } = this.#options;
    const signal = AbortSignal.any([this.#options.signal, phone.over]);
    const needed = recorded.neededFor(data);
    if (live.lacks(needed).length > 0) await this.#last?.phone.confirmed();
    const from = performance.now();
    const missing = await live.until(needed, Math.max(0, recorded.lastAt - this.#lastAt) + patienceMs, signal);
    recorded.settle();
    if (performance.now() - from > DELAY_MS) this.#pace.restart(t);
    if (missing.length > 0 && !signal.aborted) say(`${label} was not shown what it had been: ${missing.join(", ")}.`);
    return missing.length === 0;
  }

  /** The last frames of the host are waited for: a game may go on by itself to its end. */
  async #seeTheEnd(): Promise<void> {
    const t = this.#options.recording.items.at(-1)?.t ?? 0;
    await this.#last?.phone.confirmed();
    const here = [...this.#seats.values()].filter(
      ({ phone, awayAt }) => phone.end === undefined && awayAt === undefined,
    );
    const seen = await Promise.all(here.map((seat) => this.#seen(seat, "", t)));
    this.#unmatched += seen.filter((hasSeen) => !hasSeen).length;
  }

  async #stay(): Promise<void> {
    this.#options.say("That was all. The players stay until Ctrl-C.");
    await Promise.all([...this.#seats.values()].map(({ phone }) => phone.out()));
  }

  /** Where all are out whom the recording has in the room, there is no one left to play. */
  #checkRoom(): void {
    const seats = [...this.#seats.values()].filter(({ isKicked }) => !isKicked);
    const [first] = seats;
    if (first !== undefined && seats.every(({ phone }) => phone.end !== undefined)) {
      this.#trouble = `All players are out: ${first.phone.end}`;
    }
  }
}

/** What a recording's players do, with the moment at which each connection must have been lost of which the host was told later. */
function withCuts({ items }: ReadRecording): readonly (PlayedItem | Cut)[] {
  const all: (RecordedItem | Cut)[] = [];
  for (const item of items) {
    if (item.is === "away") {
      const { player } = item;
      const last = all.findLastIndex((each) => "player" in each && each.player === player);
      const t = Math.max(all[last]?.t ?? 0, item.t - AWAY_MS);
      const at = all.findIndex((each, index) => index > last && each.t >= t);
      all.splice(at < 0 ? all.length : at, 0, { is: "cut", player, t });
    }
    all.push(item);
  }
  return all.filter((item) => item.is === "cut" || isPlayed(item));
}
