/**
 * A room under random but valid operations. After each one the drill looks whether what must always hold still does;
 * it throws the first time it does not. What it knows of the room it has from the outside: ports, events, results.
 */
import { z } from "zod";
import type { HostCommand } from "../../../src/protocol/commands.ts";
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
const CUTS: readonly DepartureReason[] = ["cut", "cut", "timeout", "left", "slow_consumer", "frame_too_large"];

interface Guest {
  readonly connection: SeatConnection;
  readonly port: FakePort;
  readonly isReliable: boolean;
  /** The transport has told the room that the connection is gone. */
  isReported: boolean;
}

export class RoomModelFuzzer {
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
  isOver = false;

  constructor(random: SeededRandom) {
    this.#random = random;
    this.#pin = random.chance(0.2) ? "12" : undefined;
    const limits = { seatBuffer: SEAT_BUFFER, hostBuffer: 1e9, sendQueue: SEND_QUEUE, playerRate: 50, playerBurst: 20 };
    this.#room = new FakeRoom(limits, { isReliable: true, sessionHash: "tv" });
    const pin = this.#pin === undefined ? {} : { pin: this.#pin };
    this.#command({ cmd: "prepare", max_players: MAX_PLAYERS, name: "drill", ...pin });
  }

  step(): void {
    const roll = this.#random.next();
    if (roll < 0.2) this.#join();
    else if (roll < 0.3) this.#cut();
    else if (roll < 0.5) this.#say();
    else if (roll < 0.7) this.#send();
    else if (roll < 0.78) this.#moveLine();
    else if (roll < 0.83) this.#room.clock.pass(this.#random.pick([1, 100, 2_999, 3_000, 10_000, 119_999]) ?? 0);
    else if (roll < 0.88) this.#host();
    else if (roll < 0.9995) this.#rule();
    else this.#end();
    this.#reportClosedLines();
    this.#check();
  }

  #command(command: HostCommand): void {
    this.#room.hostConnection.host.command(command);
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
            : players.length >= MAX_PLAYERS
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
    this.#guests.push({ connection: joined.value, port, isReliable, isReported: false });
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
    const isLive = guest.connection.isCurrent;
    const roll = this.#random.next();
    if (guest.isReliable && roll < 0.1) return guest.connection.message(bytes("\0skip 2"), true);
    if (guest.isReliable && roll < 0.2) return guest.connection.message(bytes("\0ack 0"), true);
    if (guest.isReliable && roll < 0.22) return guest.connection.message(bytes("\0nonsense"), true);
    this.#said += 1;
    const barred = this.#room.directory.banned.length;
    guest.connection.message(bytes(String(this.#said)), true);
    const wasRefused = guest.port.closing?.name === "rate_limited" || this.#room.directory.banned.length > barred;
    if (!isLive || wasRefused) this.#said -= 1;
    else this.#spoke.add(guest.connection.player);
  }

  #send(): void {
    const random = this.#random;
    const id = (): number => random.below(this.#lastJoined + 2);
    const data = new Uint8Array(random.below(LONGEST_FRAME)).fill(65);
    this.#command({
      cmd: random.chance(0.5) ? "to" : "to_str",
      to: random.chance(0.6) ? "everybody" : [id(), id()],
      data,
      ...(random.chance(0.2) && { except: [id()] }),
      ...(random.chance(0.2) && { volatile: random.pick([true, "a", "b", "c"]) ?? true }),
      ...(random.chance(0.2) && { ttl: random.pick([1, 100, 5_000]) ?? 1 }),
      ...(random.chance(0.2) && { retain: String(random.below(20)) }),
    });
  }

  /** A phone's line gets slower or quicker, or confirms something. */
  #moveLine(): void {
    const guest = this.#random.pick(this.#guests);
    if (guest === undefined) return;
    const { port, connection } = guest;
    port.isBusy = this.#random.chance(0.5);
    port.queued = this.#random.below(SEND_QUEUE + 50);
    if (!port.isBusy) connection.drained();
    const [asked] = port.confirms.splice(0, 1);
    if (asked !== undefined) connection.confirmed(asked);
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
    this.#listen();
  }

  #rule(): void {
    const random = this.#random;
    const roll = random.next();
    const player = random.below(this.#lastJoined + 2);
    if (roll < 0.15) {
      this.#command({ cmd: "start" });
      this.#isLocked = true;
    } else if (roll < 0.45) {
      this.#command({ cmd: "open" });
      this.#isLocked = false;
    } else if (roll < 0.6) {
      const ban = random.chance(0.05);
      if (ban) this.#ban(player);
      this.#command({ cmd: "kick", player, ban });
    } else if (roll < 0.75) {
      const isThere = this.#room.room.state.players.includes(player);
      for (const link of this.#tokens.slice())
        if (isThere && link.player === player) this.#tokens.splice(this.#tokens.indexOf(link), 1);
      this.#rescue(player, isThere);
    } else if (roll < 0.85) {
      this.#command({ cmd: "health", every: random.below(3) });
    } else {
      this.#command({ cmd: "save", data: "x", ...(random.chance(0.5) && { received: this.#count }) });
    }
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
    if (this.#room.hostPort.closing !== undefined) return;
    this.#listen();
    this.#command({ cmd: "rescue", player });
    const reply = this.#listen().find(({ cmd }) => cmd === "rescue_reply");
    this.#must((reply !== undefined) === isThere, "a link for nobody, or none for somebody");
    if (reply === undefined) return;
    const token = new URL(String(reply.url)).searchParams.get("rescue") ?? "";
    this.#tokens.push({ token, player, at: this.#room.clock.now() });
  }

  #end(): void {
    if (this.#random.chance(0.5)) this.#command({ cmd: "stop" });
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
    } else if (event.cmd === "player_left") {
      const index = this.#story.indexOf(player);
      this.#must(index !== -1, "somebody left who was not there");
      this.#story.splice(index, 1);
    } else if (event.cmd === "state") {
      // A seat that is vacated by a rescue is told with its own state, so every state is the story up to it.
      this.#must(
        String(event.players) === String(this.#story),
        `state ${String(event.players)}, story ${String(this.#story)}`,
      );
      this.#must(this.#story.length <= MAX_PLAYERS, "more players than seats");
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
      this.#must(event.in === "rescue", `refused: ${JSON.stringify(event)}`);
    }
  }

  #check(): void {
    const { room, hostPort, clock } = this.#room;
    this.#listen();
    const { players } = room.state;
    const owners = new Set<number>();
    for (const { connection, port } of this.#guests) {
      this.#must(port.framesAfterClose === 0, "a frame was sent over a closed line");
      if (!connection.isCurrent) {
        this.#must(port.closing !== undefined, "a line was forgotten that is still open");
        continue;
      }
      this.#must(!owners.has(connection.player) && players.includes(connection.player), "two lines have one seat");
      owners.add(connection.player);
    }
    this.#must(hostPort.framesAfterClose === 0, "a frame was sent to a host that was closed");
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
