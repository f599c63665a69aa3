/** What a room is, said a second time and as plainly as possible: the fuzz compares the two after every step. */

export type ModelFrame = string | number[];

export interface ModelPlayer {
  readonly id: number;
  isIn: boolean;
  isPaused: boolean;
  isSlow: boolean;
  closing: string | undefined;
  /** Frames since the last look. */
  frames: ModelFrame[];
}

/** One event as its fields; for errors only the code and the command count. */
export type ModelEvent = Readonly<Record<string, unknown>>;

export class RoomModel {
  readonly players: ModelPlayer[] = [];
  /** Events for the host since the last look. */
  events: ModelEvent[] = [];
  hostClosing: string | undefined;
  isHostSlow = false;
  isCongested = false;
  #isPrepared = false;
  #isOpen = false;
  #name = "";
  #maxPlayers = 0;
  readonly #code: string;
  readonly #mostPlayers: number;

  constructor(code: string, mostPlayers: number) {
    this.#code = code;
    this.#mostPlayers = mostPlayers;
    this.#state();
  }

  get isClosed(): boolean {
    return this.hostClosing !== undefined;
  }

  get isListed(): boolean {
    return this.#isPrepared && !this.isClosed;
  }

  get members(): ModelPlayer[] {
    return this.players.filter(({ isIn }) => isIn);
  }

  prepare(maxPlayers: number, name: string, isCodeLeft: boolean): void {
    if (this.isClosed) return;
    if (!this.#isPrepared) {
      if (!isCodeLeft) return this.error("room_limit", "prepare");
      this.#isPrepared = true;
      this.#isOpen = true;
      this.#name = name;
      this.#maxPlayers = Math.min(maxPlayers, this.#mostPlayers);
      this.#state();
    }
    this.#tell({ cmd: "prepare_reply", key: this.#code });
  }

  start(): void {
    if (this.isClosed) return;
    this.#isOpen = false;
    this.#state();
  }

  open(): void {
    if (this.isClosed) return;
    if (!this.#isPrepared) return this.error("not_prepared", "open");
    this.#isOpen = true;
    this.#state();
  }

  kick(id: number): void {
    if (this.isClosed) return;
    const player = this.members.find((member) => member.id === id);
    if (player === undefined) return this.#state();
    player.closing = "kicked";
    this.leave(player);
  }

  /** `to` as it is on the wire, holes and all. */
  send(to: readonly (number | null)[], frame: ModelFrame): void {
    if (this.isClosed) return;
    const ids = to.length === 0 ? this.members.map(({ id }) => id) : to;
    for (const id of ids) {
      const player = this.members.find((member) => member.id === id);
      if (player === undefined) continue;
      if (player.isSlow) {
        player.closing = "slow_consumer";
        this.leave(player);
      } else {
        player.frames.push(frame);
      }
    }
  }

  stop(): void {
    if (this.isClosed) return;
    this.hostClosing = "room_closed";
    for (const player of this.members) {
      player.closing = "room_closed";
      player.isIn = false;
    }
  }

  error(code: string, command?: string): void {
    if (!this.isClosed) this.#tell({ cmd: "error", code, ...(command !== undefined && { in: command }) });
  }

  /** The new player, or why there is none. */
  join(): ModelPlayer | string {
    if (this.isClosed || !this.#isPrepared) return "room_not_found";
    if (!this.#isOpen) return "room_locked";
    if (this.members.length >= this.#maxPlayers) return "room_full";
    const player: ModelPlayer = {
      id: this.players.length + 1,
      isIn: true,
      isPaused: this.isCongested,
      isSlow: false,
      closing: undefined,
      frames: [],
    };
    this.players.push(player);
    this.#tell({ cmd: "player_joined", player: player.id });
    this.#state();
    return player;
  }

  leave(player: ModelPlayer): void {
    if (!player.isIn) return;
    player.isIn = false;
    this.#tell({ cmd: "player_left", player: player.id });
    this.#state();
  }

  say(player: ModelPlayer, frame: ModelFrame): void {
    if (!player.isIn) return;
    this.#tell({ cmd: typeof frame === "string" ? "from_str" : "from", from: player.id, data: frame });
    if (this.isHostSlow) this.#congest(true);
  }

  hostDrained(): void {
    if (!this.isClosed && !this.isHostSlow) this.#congest(false);
  }

  #congest(isCongested: boolean): void {
    if (this.isCongested === isCongested) return;
    this.isCongested = isCongested;
    for (const player of this.members) player.isPaused = isCongested;
  }

  #state(): void {
    const players = this.members.map(({ id }) => id);
    this.#tell({
      cmd: "state",
      name: this.#name,
      players,
      max_players: this.#maxPlayers,
      accept_conns: this.#isPrepared && this.#isOpen && players.length < this.#maxPlayers,
    });
  }

  #tell(event: ModelEvent): void {
    this.events.push(event);
  }
}
