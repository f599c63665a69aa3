/**
 * Plays the host of a recording: opens a room, waits for phones to join it, and says what the host had said. Phones take the places of the recorded players
 * in the order in which they join. Something is said only after the phones have said what they had said in the recording by then.
 */
import { WebSocket } from "ws";
import { decodeCbor, type CborValue } from "../protocol/cbor-reader.ts";
import { encodeCbor } from "../protocol/cbor-writer.ts";
import type { PlayerId } from "../protocol/commands.ts";
import type { RecordedData, RecordedSaying } from "../recording/recording-file.ts";
import { Pace } from "./pace.ts";
import { isPlayed, type PlayedItem } from "./played-items.ts";
import { answering } from "./replies.ts";
import type { ReplayOptions, ReplayReport } from "./replay-report.ts";
import { LiveShowing, RecordedShowing } from "./shown.ts";
import { atThisTime } from "./times.ts";

/** One recorded player, and the phone that plays it here. */
interface Seat {
  readonly recorded: RecordedShowing;
  readonly live: LiveShowing;
  /** The player here; `undefined` while no phone has come. */
  here: PlayerId | undefined;
}

const LIMITS = { depth: 16, items: 65_536 };
const CLOSE_NORMAL = 1000;
/** A wait that is shorter delays nothing. */
const DELAY_MS = 20;
const OPEN_MS = 10_000;

type Fields = Readonly<Record<string, CborValue>>;

export class HostReplay {
  readonly #options: ReplayOptions;
  readonly #pace: Pace;
  /** By the ids of the recording. */
  readonly #seats = new Map<PlayerId, Seat>();
  /** Players here that have no part yet, in joining order. */
  readonly #waiting: PlayerId[] = [];
  readonly #byHere = new Map<PlayerId, Seat>();
  /** What each player here has said since it joined. */
  readonly #lives = new Map<PlayerId, LiveShowing>();
  readonly #wakes = new Set<() => void>();
  readonly #startedAt: number;
  #socket: WebSocket | undefined;
  #code: string | undefined;
  /** `state` events that answer a question whether all that was said has been followed. */
  #states = 0;
  #lastAt = 0;
  #frames = 0;
  #unsaid = 0;
  #unmatched = 0;
  #trouble: string | undefined;

  constructor(options: ReplayOptions) {
    this.#options = options;
    this.#pace = new Pace(options.speed);
    this.#startedAt = Date.parse(options.recording.header.at);
  }

  async run(): Promise<ReplayReport> {
    const { recording, server, say, stays, signal } = this.#options;
    const { header, items } = recording;
    await this.#open();
    if (!this.#isOver) {
      say(`The room ${this.#code ?? ""} is open: ${server}/${this.#code ?? ""}`);
      for (const { player, name } of header.players) await this.#await(player, name, 0);
      for (const item of items.filter(isPlayed)) {
        if (this.#isOver) break;
        await this.#follow(item);
      }
    }
    if (!this.#isOver) await this.#followed();
    if (stays && !this.#isOver) {
      say("That was all. The room stays until Ctrl-C.");
      await this.#news(() => this.#isOver);
    }
    await this.#close(signal.aborted);
    return { frames: this.#frames, unsaid: this.#unsaid, unmatched: this.#unmatched, trouble: this.#trouble };
  }

  get #isOver(): boolean {
    return this.#options.signal.aborted || this.#trouble !== undefined;
  }

  async #open(): Promise<void> {
    const { server, recording, signal } = this.#options;
    const { game, maxPlayers, meta } = recording.header;
    const socket = new WebSocket(`${server.replace(/^http/, "ws")}/CREATE?bytes=string`, {
      perMessageDeflate: false,
      handshakeTimeout: OPEN_MS,
    });
    this.#socket = socket;
    socket.on("error", () => {}); // `close` follows
    socket.on("open", () =>
      this.#send({ cmd: "prepare", name: game, max_players: maxPlayers, ...(meta !== undefined && { meta }) }),
    );
    socket.on("message", (data: Buffer) => this.#read(data));
    socket.on("close", (closeCode, reason) => {
      this.#trouble ??=
        this.#code === undefined
          ? `No room could be opened at ${server}. ${reason.toString()}`.trim()
          : `The server closed the room: ${reason.toString() || closeCode}`;
      this.#wake();
    });
    signal.addEventListener("abort", () => this.#wake(), { once: true });
    await this.#news(() => this.#code !== undefined || this.#isOver);
  }

  #read(frame: Buffer): void {
    const read = decodeCbor(frame, LIMITS);
    const event = read.ok ? fieldsOf(read.value) : undefined;
    if (event === undefined) return;
    const { cmd, key, player, from, data, reason } = event;
    if (cmd === "prepare_reply" && typeof key === "string") this.#code = key;
    if (cmd === "error" && this.#code === undefined && typeof reason === "string") {
      this.#trouble = `No room could be opened at ${this.#options.server}: ${reason}`;
    }
    if (cmd === "state") this.#states += 1;
    if (cmd === "player_joined" && typeof player === "number") {
      this.#waiting.push(player);
      this.#lives.set(player, new LiveShowing(this.#code ?? ""));
    }
    if (cmd === "player_left" && typeof player === "number") this.#leave(player);
    if (typeof from === "number" && (typeof data === "string" || data instanceof Uint8Array)) {
      this.#lives.get(from)?.add(data);
    }
    this.#wake();
  }

  #leave(player: PlayerId): void {
    const at = this.#waiting.indexOf(player);
    if (at >= 0) this.#waiting.splice(at, 1);
    const seat = this.#byHere.get(player);
    if (seat !== undefined) seat.here = undefined;
    this.#byHere.delete(player);
    this.#lives.delete(player);
  }

  async #follow(item: PlayedItem): Promise<void> {
    switch (item.is) {
      case "joined":
        return this.#await(item.player, item.name, item.t);
      case "from":
        this.#seats.get(item.player)?.recorded.add(item.data, item.t);
        return;
      case "to":
        return this.#speak(item);
      case "locked":
        return this.#command({ cmd: "start" }, item.t);
      case "opened":
        return this.#command({ cmd: "open" }, item.t);
      case "kicked": {
        const here = this.#seats.get(item.player)?.here;
        if (here === undefined) return;
        const { reason } = item;
        return this.#command({ cmd: "kick", player: here, ...(reason !== undefined && { reason }) }, item.t);
      }
      case "game": {
        const { name, joinUrl, maxPlayers } = item;
        const terms = {
          ...(joinUrl !== undefined && { join_url: joinUrl }),
          ...(maxPlayers !== undefined && { max_players: maxPlayers }),
        };
        return this.#command({ cmd: "game", name, ...terms }, item.t);
      }
      case "left":
        this.#seats.delete(item.player);
        return;
      case "away":
      case "back":
        return;
      default:
        item satisfies never;
    }
  }

  /** A phone has to take the part of this player, however long that takes. */
  async #await(player: PlayerId, name: string | undefined, t: number): Promise<void> {
    await this.#pace.until(t, this.#options.signal);
    const label = name === undefined ? `player ${player}` : `${name} (player ${player})`;
    if (this.#waiting.length === 0 && !this.#isOver) this.#options.say(`A phone is awaited, for ${label}.`);
    const from = performance.now();
    await this.#news(() => this.#waiting.length > 0 || this.#isOver);
    if (performance.now() - from > DELAY_MS) this.#pace.restart(t);
    const here = this.#waiting.shift();
    if (here === undefined) return;
    const seat: Seat = {
      recorded: new RecordedShowing(this.#options.recording.header.room),
      live: this.#lives.get(here) ?? new LiveShowing(this.#code ?? ""),
      here,
    };
    this.#seats.set(player, seat);
    this.#byHere.set(here, seat);
    this.#lastAt = t;
  }

  async #speak({ to, except, data, terms, isKept, t }: RecordedSaying & { readonly t: number }): Promise<void> {
    await this.#pace.until(t, this.#options.signal);
    const addressed = to === undefined ? [...this.#seats.keys()] : to;
    const seats = addressed.flatMap((player) => (except.includes(player) ? [] : (this.#seats.get(player) ?? [])));
    const here = seats.flatMap((seat) => seat.here ?? []);
    if (seats.length === 0) return; // as in the recording
    if (here.length === 0) {
      this.#unsaid += 1;
      return;
    }
    for (const seat of seats) await this.#seen(seat, data, t);
    const recordedMs = this.#startedAt + t;
    const [first] = seats;
    const answer = first === undefined ? data : answering(data, first.recorded.asks, first.live.asks);
    const frame = atThisTime(answer, recordedMs, Date.now());
    const isText = typeof frame === "string";
    this.#send({ cmd: isText ? "to_str" : "to", to: here, data: frame, ...(!isKept && terms) });
    this.#frames += 1;
    this.#lastAt = t;
  }

  async #command(command: object, t: number): Promise<void> {
    await this.#pace.until(t, this.#options.signal);
    this.#send(command);
  }

  async #seen({ recorded, live }: Seat, data: RecordedData, t: number): Promise<void> {
    const { patienceMs, signal } = this.#options;
    const from = performance.now();
    const ms = Math.max(0, recorded.lastAt - this.#lastAt) + patienceMs;
    const missing = await live.until(recorded.neededFor(data), ms, signal);
    recorded.settle();
    if (performance.now() - from > DELAY_MS) this.#pace.restart(t);
    if (missing.length > 0) this.#unmatched += 1;
  }

  /** Resolves when the server has followed all that was said. */
  async #followed(): Promise<void> {
    const { signal } = this.#options;
    await this.#pace.until(this.#options.recording.items.at(-1)?.t ?? 0, signal);
    const before = this.#states;
    this.#send({ cmd: "kick", player: 0 }); // no player has the id 0, so the answer is a `state` and nothing changes
    await this.#news(() => this.#states > before || this.#isOver);
  }

  async #close(isAtOnce: boolean): Promise<void> {
    const socket = this.#socket;
    if (socket === undefined || socket.readyState === WebSocket.CLOSED) return;
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    const timer = setTimeout(() => socket.terminate(), OPEN_MS);
    this.#trouble ??= ""; // what closes now is no trouble
    if (isAtOnce && socket.readyState !== WebSocket.OPEN) socket.terminate();
    else socket.close(CLOSE_NORMAL);
    await closed;
    clearTimeout(timer);
    if (this.#trouble === "") this.#trouble = undefined;
  }

  #send(command: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(encodeCbor(command));
  }

  #wake(): void {
    for (const wake of this.#wakes) wake();
  }

  async #news(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#wakes.delete(wake);
          resolve();
        };
        this.#wakes.add(wake);
      });
    }
  }
}

function fieldsOf(value: CborValue): Fields | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Uint8Array)
    return undefined;
  return Object.fromEntries(Object.entries(value));
}
