/**
 * A room under random operations, good and bad. After each one the fuzzer compares the room with what it has to be, and throws at
 * the first difference. It sees the room from the outside only: ports, events, results. Its host writes CBOR with another library than
 * the server's, or JSON.
 */
import { isDeepStrictEqual } from "node:util";
import { encode } from "cborg";
import { z } from "zod";
import type { DepartureReason } from "../../../src/room/ports.ts";
import type { JoinRequest } from "../../../src/room/player-manager.ts";
import type { SeatConnection } from "../../../src/room/seat.ts";
import type { SeededRandom } from "../seeded-random.ts";
import type { HostNews } from "../host-client.ts";
import { bytes, FakePort } from "./fake-port.ts";
import { FakeRoom } from "./fake-room.ts";

const HEALTH = z.record(z.string(), z.object({ queued: z.number(), away: z.boolean() }));

const MAX_PLAYERS = 6;
const SEAT_BUFFER = 2_000;
const SEND_QUEUE = 500;
const LONGEST_FRAME = 40;
const SESSIONS = Array.from({ length: 10 }, (_, index) => `session-${index}`);
const GAMES = ["fuzz", "quiz", "duck"] as const;
const KEYS = ["a", "b", "c"] as const;
/** More than may be kept under all keys together. */
const TOO_LARGE = "x".repeat(262_145);
const CUTS: readonly DepartureReason[] = ["cut", "cut", "timeout", "left", "slow_consumer", "frame_too_large"];

/** Frames that are refused, and the error that says so. */
const GARBAGE = [
  { fields: { cmd: 7 }, error: { code: "invalid_message" } },
  { fields: { cmd: "dance" }, error: { code: "unknown_command", in: "dance" } },
  { fields: { cmd: "kick", player: "1" }, error: { code: "invalid_field", in: "kick" } },
  { fields: { cmd: "to", to: [1], data: [256] }, error: { code: "invalid_field", in: "to" } },
] as const;

const NOTHING = { cmd: "state", name: "", players: [], max_players: 0, accept_conns: false };
/** Commands before `prepare`, and what the host hears for them. */
const BEFORE_PREPARE = [
  { fields: { cmd: "start" }, answer: NOTHING },
  { fields: { cmd: "kick", player: 1 }, answer: NOTHING },
  { fields: { cmd: "open" }, answer: { cmd: "error", code: "not_prepared", in: "open" } },
  {
    fields: { cmd: "prepare", max_players: 1, name: "early" },
    answer: { cmd: "error", code: "room_limit", in: "prepare" },
  },
] as const;
const EXPECTED_ERRORS: ReadonlySet<unknown> = new Set([
  ...GARBAGE.map(({ error }) => error.code),
  "not_prepared",
  "room_limit",
  "too_large",
  "unauthorized",
]);

interface Guest {
  readonly connection: SeatConnection;
  readonly port: FakePort;
  readonly isReliable: boolean;
  /** It may come back, so that frames may wait for it. */
  readonly hasSession: boolean;
  /** Frames that it has to get, where it has no session. */
  readonly owed: string[];
  /** The transport has told the room that the connection is gone. */
  isReported: boolean;
  /** It goes to another game's page where it is told to. */
  readonly isFollowing: boolean;
  /** It was told to go to another game's page: this connection is heard no more, and is sent no data. */
  isParked: boolean;
}

export class RoomFuzzer {
  readonly #random: SeededRandom;
  readonly #room: FakeRoom;
  readonly #pin: string | undefined;
  readonly #guests: Guest[] = [];
  readonly #sessionOf = new Map<number, string | undefined>();
  readonly #formerSessionsOf = new Map<number, string[]>();
  readonly #banned = new Set<string>();
  /** Players of whom the host has a frame: their seats do not give way while they are away. */
  readonly #spoke = new Set<number>();
  readonly #tokens: { token: string; player: number; at: number }[] = [];
  /** What the host makes of its counted events. */
  readonly #story: number[] = [];
  #lastJoined = 0;
  #isLocked = false;
  #epoch = "";
  #count = 0;
  #said = 0;
  #heardSaid = 0;
  #sent = 0;
  /** The number of the first frame of the present game. */
  #firstSent = 1;
  #game: string = GAMES[0];
  #maxPlayers = MAX_PLAYERS;
  #hasChangedGame = false;
  /** What the host has saved of the present game, without a key and with keys. */
  #savedData: string | undefined;
  readonly #savedKeys = new Map<string, string>();
  /** Frames that may wait, be replaced or expire. */
  readonly #passing = new Set<string>();
  /** A player has come or gone, and the state that follows has not been told. */
  #owesState = false;
  isOver = false;

  constructor(random: SeededRandom) {
    this.#random = random;
    this.#pin = random.chance(0.2) ? "12" : undefined;
    const limits = { seatBuffer: SEAT_BUFFER, hostBuffer: 1e9, sendQueue: SEND_QUEUE, playerRate: 50, playerBurst: 20 };
    this.#room = new FakeRoom({ ...limits, codes: [] }, { isReliable: true, sessionHash: "tv" });
    while (random.chance(0.5)) {
      const { fields, answer } = random.pick(BEFORE_PREPARE) ?? BEFORE_PREPARE[0];
      this.#answers(fields, answer);
    }
    this.#room.directory.refill("BCDF");
    const pin = this.#pin === undefined ? {} : { pin: this.#pin };
    this.#command({ cmd: "prepare", max_players: MAX_PLAYERS, name: this.#game, ...pin });
  }

  step(): void {
    const roll = this.#random.next();
    if (roll < 0.2) this.#join();
    else if (roll < 0.3) this.#cut();
    else if (roll < 0.5) this.#say();
    else if (roll < 0.7) this.#send();
    else if (roll < 0.78) this.#changeSpeed();
    else if (roll < 0.83) this.#room.clock.pass(this.#random.pick([1, 100, 2_999, 3_000, 10_000, 119_999]) ?? 0);
    else if (roll < 0.88) this.#host();
    else if (roll < 0.895) this.#play();
    else if (roll < 0.91) this.#save();
    else if (roll < 0.9995) this.#rule();
    else this.#end();
    this.#reportClosedLines();
    this.#check();
  }

  get #isHostHere(): boolean {
    return this.#room.hostPort.closing === undefined;
  }

  /** As CBOR, padded now and then as just-party pads, or as JSON. A host that is away commands nothing. */
  #command(fields: object): void {
    if (!this.#isHostHere) return;
    const random = this.#random;
    const isText = random.chance(0.3);
    const item = isText ? Buffer.from(JSON.stringify(fields, asJson)) : Buffer.from(encode(fields));
    const padding = Buffer.alloc(!isText && random.chance(0.3) ? random.below(40) : 0, random.below(2) * 0x61);
    this.#room.hostConnection.message(Buffer.concat([item, padding]), isText);
  }

  #join(): void {
    const random = this.#random;
    const session = random.chance(0.8) ? random.pick(SESSIONS) : undefined;
    const isReliable = session !== undefined && random.chance(0.5);
    const rescue = random.chance(0.1) ? random.pick(this.#tokens) : undefined;
    const pin = random.chance(0.9) ? this.#pin : "wrong";
    const request: JoinRequest = {
      sessionHash: session,
      isReliable,
      seatTransferProof: rescue?.token,
      pin,
      visitor: session ?? "somebody",
      game: isReliable ? random.pick([undefined, "", ...GAMES]) : undefined,
    };
    const players = this.#room.room.state.players;
    const isLinkGood =
      rescue !== undefined &&
      players.includes(rescue.player) &&
      this.#room.clock.now() < rescue.at + 300_000 &&
      !this.#banned.has(session ?? "");
    const own = isLinkGood
      ? rescue.player
      : players.find((player) => session !== undefined && this.#sessionOf.get(player) === session);
    const expected = this.#banned.has(session ?? "")
      ? "kicked"
      : own !== undefined
        ? undefined
        : this.#pin !== undefined && pin !== this.#pin
          ? "unauthorized"
          : this.#isLocked
            ? "room_locked"
            : players.length >= this.#maxPlayers
              ? "room_full"
              : undefined;
    const port = new FakePort();
    const joined = this.#room.room.join(port, request);
    const silent = players.filter(
      (id) => !this.#spoke.has(id) && !this.#guests.some(({ connection }) => isAt(connection, id)),
    );
    const hasGivenWay = joined.ok && expected === "room_full";
    this.#must(
      (joined.ok ? undefined : joined.failure) === expected || (hasGivenWay && silent.length > 0),
      `join gave ${joined.ok ? "a seat" : joined.failure}, not ${expected}`,
    );
    if (hasGivenWay) {
      const gone = players.filter((id) => !this.#room.room.state.players.includes(id));
      this.#must(gone.length === 1 && gone.every((id) => silent.includes(id)), `${String(gone)} gave way`);
    }
    if (rescue !== undefined && !this.#banned.has(session ?? "")) this.#tokens.splice(this.#tokens.indexOf(rescue), 1);
    if (!joined.ok) return;
    this.#must(own === undefined || joined.value.player === own, "somebody got another's seat");
    const { player } = joined.value;
    const former = this.#sessionOf.get(player);
    if (former !== undefined)
      this.#formerSessionsOf.set(player, [...(this.#formerSessionsOf.get(player) ?? []), former]);
    this.#sessionOf.set(player, session);
    const guest: Guest = {
      connection: joined.value,
      port,
      isReliable,
      hasSession: session !== undefined || rescue !== undefined,
      owed: [],
      isReported: false,
      isFollowing: request.game !== undefined,
      isParked: false,
    };
    const isTold = this.#look(guest); // what is retained, and what waited
    if (request.game !== undefined && request.game !== "") {
      this.#must(
        isTold === (this.#hasChangedGame && request.game !== this.#game),
        `a page of ${request.game} was ${isTold ? "" : "not "}told to go to ${this.#game}`,
      );
    }
    this.#guests.push(guest);
  }

  /** Reads what a phone got: nothing that was said in an earlier game. Returns whether it was told to go to another game's page. */
  #look(guest: Guest): boolean {
    const frames = guest.port
      .take()
      .map((frame) => (typeof frame === "string" ? frame : Buffer.from(frame).toString()));
    const notices = frames.filter((frame) => frame.startsWith("\0game "));
    this.#must(notices.length <= (guest.isReliable ? 1 : 0), "a phone was told of a game that it cannot know");
    guest.isParked ||= notices.length > 0 && guest.isFollowing;
    for (const frame of frames.filter((each) => !each.startsWith("\0"))) {
      this.#must(!guest.isParked, `a phone got "${frame}" that is on its way to another page`);
      this.#must(Number.parseInt(frame, 10) >= this.#firstSent, `a phone got "${frame}" of the game before`);
    }
    return notices.length > 0;
  }

  #cut(): void {
    const guest = this.#random.pick(this.#guests);
    if (guest === undefined) return;
    guest.port.close("normal");
    guest.isReported = true;
    guest.connection.gone(this.#random.pick(CUTS) ?? "cut");
  }

  #say(): void {
    const guest = this.#random.pick(this.#guests);
    if (guest === undefined) return;
    const roll = this.#random.next();
    if (guest.isReliable && roll < 0.1) return guest.connection.message(bytes("\0skip 2"), true);
    if (guest.isReliable && roll < 0.2) return guest.connection.message(bytes("\0ack 0"), true);
    if (guest.isReliable && roll < 0.22) return guest.connection.message(bytes("\0nonsense"), true);
    this.#sayNumber(guest);
  }

  /** Returns whether the room took it. */
  #sayNumber({ connection, port, isParked }: Guest): boolean {
    const isLive = connection.isCurrent;
    const banned = this.#room.directory.banned.length;
    connection.message(bytes(String(this.#said + 1)), true);
    const wasRefused = port.closing?.name === "rate_limited" || this.#room.directory.banned.length > banned;
    if (!isLive || wasRefused) return false;
    if (isParked) return true; // the host does not hear it
    this.#said += 1;
    this.#spoke.add(connection.player);
    return true;
  }

  /** A host that is behind makes all players wait, and they go on when it has caught up. */
  #congest(): void {
    const { hostPort, hostConnection } = this.#room;
    const guest = this.#random.pick(this.#guests);
    if (guest === undefined || !this.#isHostHere) return;
    hostPort.queued = SEND_QUEUE + 1;
    const isPaused = this.#sayNumber(guest);
    if (isPaused) this.#join();
    this.#must(
      this.#current().every(({ port }) => port.isPaused === isPaused),
      "not all players wait for the host",
    );
    hostPort.queued = this.#random.below(SEND_QUEUE);
    hostConnection.drained();
    hostPort.queued = 0;
  }

  #current(): Guest[] {
    return this.#guests.filter(({ connection }) => connection.isCurrent);
  }

  /** Each frame has its number. A player without a session gets it once for each time it is named, or is closed for being slow. */
  #send(): void {
    if (!this.#isHostHere) return;
    const random = this.#random;
    const id = (): number => random.below(this.#lastJoined + 2);
    const to = random.chance(0.6) ? [] : [id(), random.chance(0.1) ? null : id()];
    const except = to.length === 0 && random.chance(0.3) ? [id()] : undefined;
    const isText = random.chance(0.5);
    const text = `${++this.#sent} `.padEnd(random.below(LONGEST_FRAME), "A");
    const mayWait = random.chance(0.3);
    const plain = this.#current().filter(({ hasSession }) => !hasSession);
    this.#command({
      cmd: isText ? "to_str" : "to",
      to,
      data: isText ? text : bytes(text),
      ...(except !== undefined && { except }),
      ...(mayWait && { volatile: random.pick([true, "a", "b", "c"]) ?? true }),
      ...(mayWait && random.chance(0.5) && { ttl: random.pick([1, 100, 5_000]) ?? 1 }),
      ...(!mayWait &&
        random.chance(0.2) && { retain: String(random.below(20)), ...(random.chance(0.3) && { append: true }) }),
    });
    if (mayWait) this.#passing.add(text);
    for (const guest of plain) {
      const { connection, port, owed } = guest;
      if (connection.isCurrent) {
        const isForAll = to.length === 0 && !except?.includes(connection.player);
        const times = isForAll ? 1 : to.filter((each) => each === connection.player).length;
        if (!mayWait) owed.push(...Array.from({ length: times }, () => text));
        this.#must(mayWait || times === 0 || port.queued <= SEND_QUEUE, "a slow player was not closed");
        this.#receive(guest);
      } else {
        this.#must(port.closing?.name === "slow_consumer", "a player was closed for a frame");
        this.#must(
          mayWait || port.isBusy || port.queued + 2 * text.length > SEND_QUEUE,
          "a player was closed that was not slow",
        );
      }
    }
  }

  /** A player without a session gets what it is owed in order, at the latest when its connection takes more. */
  #receive({ port, owed }: Guest): void {
    for (const frame of port.take()) {
      const text = typeof frame === "string" ? frame : Buffer.from(frame).toString();
      if (!this.#passing.has(text)) this.#must(text === owed.shift(), `a player got "${text}"`);
    }
    this.#must(port.isBusy || owed.length === 0, `a player did not get "${owed[0]}"`);
  }

  /** A phone's connection gets slower or quicker, or confirms something. */
  #changeSpeed(): void {
    const guest = this.#random.pick(this.#guests);
    if (guest === undefined) return;
    const { port, connection } = guest;
    port.isBusy = this.#random.chance(0.5);
    port.queued = this.#random.below(SEND_QUEUE + 50);
    if (!port.isBusy) connection.drained();
    const [asked] = port.confirms.splice(0, 1);
    if (asked !== undefined) connection.confirmed(asked);
    if (!guest.hasSession && connection.isCurrent) this.#receive(guest);
  }

  #host(): void {
    const { hostPort } = this.#room;
    this.#listen();
    if (this.#random.chance(0.5) && hostPort.closing === undefined) {
      hostPort.close("normal");
      this.#room.hostConnection.gone(this.#random.chance(0.5) ? "cut" : "timeout");
      if (this.#random.chance(0.7)) return;
    }
    if (this.#room.isForgotten) return;
    this.#must(
      this.#room.hostBack({ isReliable: true, sessionHash: "tv", received: this.#count, epoch: this.#epoch }),
      "host",
    );
    const restored = this.#listen().find(({ cmd }) => cmd === "restore");
    const keys = this.#savedKeys.size === 0 ? undefined : Object.fromEntries(this.#savedKeys);
    const isSaved = keys !== undefined || this.#savedData !== undefined;
    const expected = isSaved ? JSON.stringify([this.#savedData, keys && sorted(keys)]) : undefined;
    const got = restored && JSON.stringify([restored.data, restored.keys && sorted(Object(restored.keys))]);
    this.#must(got === expected, `restored ${got}, saved ${expected}`);
  }

  /** The room becomes another game's, or only gets other seats. Phones that follow it are parked, and nothing of the game before arrives. */
  #play(): void {
    const random = this.#random;
    if (!this.#isHostHere) return;
    const name = random.pick(GAMES) ?? GAMES[0];
    const max = random.chance(0.4) ? 1 + random.below(MAX_PLAYERS) : undefined;
    const command = { cmd: "game", name, ...(max !== undefined && { max_players: max }) };
    const isOther = name !== this.#game;
    for (const guest of this.#current()) if (guest.hasSession) this.#look(guest);
    if (isOther && random.chance(0.1)) {
      this.#room.directory.mayPlay = () => ({ refusal: "Not that one." });
      this.#answers(command, { cmd: "error", code: "unauthorized", in: "game" });
      this.#room.directory.mayPlay = () => undefined;
      return;
    }
    this.#listen();
    const before = this.#current();
    this.#command(command);
    this.#game = name;
    this.#maxPlayers = max ?? this.#maxPlayers;
    if (isOther) this.#forgetGame();
    for (const guest of before) {
      if (!guest.hasSession) {
        this.#receive(guest);
        continue;
      }
      const isTold = this.#look(guest);
      this.#must(isTold === (isOther && guest.isReliable), `a phone was ${isTold ? "" : "not "}told of ${name}`);
    }
    this.#must(
      this.#listen().some(({ cmd, name: told }) => cmd === "state" && told === name),
      "no state of the game",
    );
  }

  /** What the game before said, and what it saved, is nothing to this one. */
  #forgetGame(): void {
    this.#hasChangedGame = true;
    this.#firstSent = this.#sent + 1;
    this.#savedData = undefined;
    this.#savedKeys.clear();
    for (const guest of this.#current()) {
      if (guest.hasSession) continue;
      // What it had got stays got, and what waited for it is dropped.
      guest.port.take();
      guest.owed.length = 0;
    }
  }

  #save(): void {
    if (!this.#isHostHere) return;
    const random = this.#random;
    const value = (): string | null => (random.chance(0.3) ? null : "x".repeat(random.below(20)));
    const received = random.chance(0.3) ? { received: this.#count } : {};
    const roll = random.next();
    if (roll < 0.1) {
      this.#answers({ cmd: "save", key: "big", data: TOO_LARGE }, { cmd: "error", code: "too_large", in: "save" });
    } else if (roll < 0.4) {
      this.#savedData = String(random.below(100));
      this.#command({ cmd: "save", data: this.#savedData, ...received });
    } else if (roll < 0.7) {
      const key = random.pick(KEYS) ?? KEYS[0];
      const data = value();
      this.#keep(key, data);
      this.#command({ cmd: "save", key, data, ...received });
    } else {
      const keys = Object.fromEntries(KEYS.filter(() => random.chance(0.5)).map((key) => [key, value()]));
      for (const [key, data] of Object.entries(keys)) this.#keep(key, data);
      this.#command({ cmd: "save", keys, ...received });
    }
  }

  #keep(key: string, data: string | null): void {
    if (data === null) this.#savedKeys.delete(key);
    else this.#savedKeys.set(key, data);
  }

  #rule(): void {
    const random = this.#random;
    const roll = random.next();
    const player = random.below(this.#lastJoined + 2);
    if (roll < 0.15) {
      this.#lock(true);
    } else if (roll < 0.45) {
      this.#lock(false);
    } else if (roll < 0.6) {
      const ban = random.chance(0.05);
      if (ban && this.#isHostHere) this.#ban(player);
      this.#command({ cmd: "kick", player, ban });
    } else if (roll < 0.75) {
      const isThere = this.#isHostHere && this.#room.room.state.players.includes(player);
      for (const link of this.#tokens.slice())
        if (isThere && link.player === player) this.#tokens.splice(this.#tokens.indexOf(link), 1);
      this.#rescue(player, isThere);
    } else if (roll < 0.8) {
      this.#command({ cmd: "health", every: random.below(3) });
    } else if (roll < 0.85) {
      this.#congest();
    } else if (roll < 0.92) {
      const { fields, error } = random.pick(GARBAGE) ?? GARBAGE[0];
      this.#answers(fields, { cmd: "error", ...error });
    } else if (roll < 0.95) {
      this.#answers({ cmd: "prepare", max_players: 1, name: "other" }, { cmd: "prepare_reply", key: "BCDF" });
    } else {
      this.#save();
    }
  }

  #lock(isLocked: boolean): void {
    if (!this.#isHostHere) return;
    this.#listen();
    this.#isLocked = isLocked;
    this.#command({ cmd: isLocked ? "start" : "open" });
  }

  /** A frame of the host that changes nothing and has one answer. */
  #answers(fields: object, expected: object): void {
    if (!this.#isHostHere) return;
    this.#listen();
    this.#command(fields);
    const answers = this.#listen().map(({ reason: _words, ...answer }) => answer);
    this.#must(isDeepStrictEqual(answers, [expected]), `${JSON.stringify(fields)} gave ${JSON.stringify(answers)}`);
  }

  #ban(player: number): void {
    const { players } = this.#room.room.state;
    if (!players.includes(player)) return;
    for (const session of [...(this.#formerSessionsOf.get(player) ?? []), this.#sessionOf.get(player)]) {
      const isAnothers = players.some((other) => other !== player && this.#sessionOf.get(other) === session);
      if (session !== undefined && !isAnothers) this.#banned.add(session);
    }
  }

  #rescue(player: number, isThere: boolean): void {
    if (!this.#isHostHere) return;
    this.#listen();
    this.#command({ cmd: "rescue", player });
    const reply = this.#listen().find(({ cmd }) => cmd === "rescue_reply");
    this.#must((reply !== undefined) === isThere, "a link for nobody, or none for somebody");
    if (reply === undefined) return;
    const token = new URL(String(reply.url)).searchParams.get("rescue") ?? "";
    this.#tokens.push({ token, player, at: this.#room.clock.now() });
  }

  #end(): void {
    if (this.#isHostHere && this.#random.chance(0.5)) this.#command({ cmd: "stop" });
    else {
      this.#room.hostPort.close("normal");
      this.#room.hostGone("cut");
      this.#room.clock.pass(120_000);
    }
  }

  /** What a transport does soon after a close. */
  #reportClosedLines(): void {
    for (const guest of this.#guests) {
      if (guest.port.closing === undefined || guest.isReported || this.#random.chance(0.5)) continue;
      guest.isReported = true;
      guest.connection.gone("cut");
    }
    if (this.#guests.length > 60) this.#guests.splice(0, 30, ...this.#guests.slice(0, 30).filter(isOpen));
  }

  /** The host reads its line, and writes the story down. */
  #listen(): HostNews[] {
    const { hello, data } = this.#room.hostPort.read();
    const events = data.map((frame): HostNews => JSON.parse(String(frame)));
    if (hello !== undefined) {
      this.#must(hello.lost === 0 && hello.next === this.#count + 1, "the host lost something");
      this.#epoch = hello.epoch;
    }
    const counted = events.slice(hello?.greeting ?? 0);
    this.#count += counted.length;
    for (const event of counted) this.#write(event);
    return events;
  }

  #write(event: HostNews): void {
    const player = Number(event.player);
    if (event.cmd === "player_joined") {
      this.#must(player > this.#lastJoined, "an id came again");
      this.#lastJoined = player;
      this.#story.push(player);
      this.#owesState = true;
    } else if (event.cmd === "player_left") {
      const index = this.#story.indexOf(player);
      this.#must(index !== -1, "somebody left who was not there");
      this.#story.splice(index, 1);
      this.#owesState = true;
    } else if (event.cmd === "state" && event.name !== "") {
      // A seat that is vacated by a rescue is told with its own state, so every state is the story up to it.
      this.#must(
        String(event.players) === String(this.#story),
        `state ${String(event.players)}, story ${String(this.#story)}`,
      );
      const accept_conns = !this.#isLocked && this.#story.length < this.#maxPlayers;
      const expected = { cmd: "state", name: this.#game, players: [], max_players: this.#maxPlayers, accept_conns };
      this.#must(isDeepStrictEqual({ ...event, players: [] }, expected), `state ${JSON.stringify(event)}`);
      this.#owesState = false;
    } else if (event.cmd === "from_str") {
      this.#heardSaid += 1;
      this.#must(event.data === String(this.#heardSaid), `heard ${String(event.data)}, not ${this.#heardSaid}`);
      this.#must(this.#story.includes(Number(event.from)), "somebody spoke who was not there");
    } else if (event.cmd === "player_away" || event.cmd === "player_back") {
      this.#must(this.#story.includes(player), `${event.cmd} of somebody who was not there`);
    } else if (event.cmd === "health") {
      for (const { queued, away } of Object.values(HEALTH.parse(event.players))) {
        this.#must(!away || queued <= SEAT_BUFFER, "a seat's buffer is over its limit");
      }
    } else if (event.cmd === "error") {
      this.#must(event.in === "rescue" || EXPECTED_ERRORS.has(event.code), `refused: ${JSON.stringify(event)}`);
    }
  }

  #check(): void {
    const { room, hostPort, clock } = this.#room;
    this.#listen();
    const { players } = room.state;
    const owners = new Set<number>();
    for (const guest of this.#guests) {
      const { connection, port } = guest;
      this.#must(port.framesAfterClose === 0, "a frame was sent over a closed line");
      if (guest.hasSession) this.#look(guest);
      if (!connection.isCurrent) {
        this.#must(port.closing !== undefined, "a line was forgotten that is still open");
        continue;
      }
      this.#must(!port.isPaused, "a player waits for a host that is not behind");
      this.#must(!owners.has(connection.player) && players.includes(connection.player), "two lines have one seat");
      owners.add(connection.player);
    }
    this.#must(hostPort.framesAfterClose === 0, "a frame was sent to a host that was closed");
    this.#must(!this.#owesState || !this.#isHostHere, "no state followed a player who came or went");
    this.#must(players.length <= MAX_PLAYERS, "more players than seats");
    if (!this.#room.isForgotten) return;
    this.isOver = true;
    this.#must(clock.pending === 0, "a timer outlived the room");
    this.#must(!this.#room.isFindable && players.length === 0, "something outlived the room");
    for (const { port } of this.#guests) this.#must(port.closing !== undefined, "a phone outlived the room");
    if (hostPort.closing?.name === "room_closed") this.#must(this.#heardSaid === this.#said, "something was not heard");
  }

  #must(isSo: boolean, what: string): void {
    if (!isSo) throw new Error(what);
  }
}

function isAt(connection: SeatConnection, player: number): boolean {
  return connection.isCurrent && connection.player === player;
}

function isOpen({ port }: Guest): boolean {
  return port.closing === undefined;
}

function sorted(keys: Readonly<Record<string, unknown>>): readonly unknown[] {
  return Object.entries(keys).toSorted(([one], [other]) => (one < other ? -1 : 1));
}

/** Bytes as JSON has them. */
function asJson(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? [...value] : value;
}
