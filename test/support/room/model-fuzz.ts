/** Random walks through a room and its model, side by side. The same seed walks the same way. */
import { isDeepStrictEqual } from "node:util";
import { encode } from "cborg";
import type { SeatConnection } from "../../../src/room/seat.ts";
import { FakeRoom } from "./fake-room.ts";
import { RoomModel, type ModelFrame, type ModelPlayer } from "./room-model.ts";
import { FakePort } from "./fake-port.ts";

const CODE = "BCDF";
const MOST_PLAYERS = 6;
/** More than a fuzzRun's own events come to: a host that never hears them is closed, which has its own tests. */
const SEND_QUEUE = 1_000_000;

const GARBAGE = [
  { fields: { cmd: 7 }, code: "invalid_message", command: undefined },
  { fields: { cmd: "dance" }, code: "unknown_command", command: "dance" },
  { fields: { cmd: "kick", player: "1" }, code: "invalid_field", command: "kick" },
  { fields: { cmd: "to", to: [1], data: [256] }, code: "invalid_field", command: "to" },
] as const;

interface Phone {
  readonly model: ModelPlayer;
  readonly connection: SeatConnection;
  readonly port: FakePort;
}

/** Mulberry32: small, good enough, and the same everywhere. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

export interface FuzzRun {
  /** What was done, in words, to the first difference or the end. */
  readonly steps: readonly string[];
  readonly difference: { readonly room: unknown; readonly model: unknown } | undefined;
}

export function fuzzRun(seed: number, length: number): FuzzRun {
  const fuzzer = new ModelFuzzer(seed);
  for (let step = 0; step < length; step++) {
    fuzzer.step();
    const difference = fuzzer.difference();
    if (difference !== undefined) return { steps: fuzzer.steps, difference };
  }
  return { steps: fuzzer.steps, difference: undefined };
}

class ModelFuzzer {
  readonly steps: string[] = [];
  readonly #random: (below: number) => number;
  readonly #fixture = new FakeRoom({ codes: [], format: "cbor", maxPlayers: MOST_PLAYERS, sendQueue: SEND_QUEUE });
  readonly #model = new RoomModel(CODE, MOST_PLAYERS);
  readonly #phones: Phone[] = [];
  #isCodeLeft = false;
  #frameCount = 0;

  constructor(seed: number) {
    this.#random = randomFrom(seed);
  }

  step(): void {
    const [weight, action] = this.#pick();
    this.steps.push(`${this.steps.length}: ${weight}`);
    action();
  }

  /** What the room has done and the model has not, or the other way round, since the last look. */
  difference(): FuzzRun["difference"] {
    const { room: actor, hostPort: host, directory } = this.#fixture;
    const room = {
      events: host.takeEvents().map((event) => withoutReason(event)),
      hostClosing: host.closing?.name,
      phones: this.#phones.map(({ port }) => ({ frames: port.take(), closing: port.closing?.name })),
      paused: this.#phones.map(({ port, connection }) => connection.isCurrent && port.isPaused),
      players: actor.playerCount,
      codes: [...directory.inUse],
      code: actor.code,
    };
    const model = {
      events: this.#model.events,
      hostClosing: this.#model.hostClosing,
      phones: this.#phones.map(({ model: { frames, closing } }) => ({ frames, closing })),
      paused: this.#phones.map(({ model: { isIn, isPaused } }) => isIn && isPaused),
      players: this.#model.members.length,
      codes: this.#model.isListed ? [CODE] : [],
      code: this.#model.isListed ? CODE : undefined,
    };
    this.#model.events = [];
    for (const player of this.#model.players) player.frames = [];
    return isDeepStrictEqual(room, model) ? undefined : { room, model };
  }

  #pick(): readonly [string, () => void] {
    const random = this.#random(1_000);
    if (random < 220) return ["join", () => this.#join()];
    if (random < 420) return this.#withPhone("say", (phone) => this.#say(phone));
    if (random < 500) return this.#withPhone("leave", (phone) => this.#leave(phone));
    if (random < 700) return ["send", () => this.#send()];
    if (random < 760) return ["kick", () => this.#kick()];
    if (random < 800) return ["prepare", () => this.#prepare()];
    if (random < 830) return ["start", () => this.#command({ cmd: "start" }, () => this.#model.start())];
    if (random < 880) return ["open", () => this.#command({ cmd: "open" }, () => this.#model.open())];
    if (random < 920) return ["garbage", () => this.#garbage()];
    if (random < 950) return this.#withPhone("slow or quick again", (phone) => this.#slow(phone));
    if (random < 994) return ["host slow or quick again", () => this.#hostSlow()];
    if (random < 997) return ["stop", () => this.#command({ cmd: "stop" }, () => this.#model.stop())];
    return ["host gone", () => this.#hostGone()];
  }

  #withPhone(name: string, action: (phone: Phone) => void): readonly [string, () => void] {
    const phone = this.#phones[this.#random(Math.max(1, this.#phones.length))];
    return [`${name} ${phone?.model.id ?? "nobody"}`, () => phone !== undefined && action(phone)];
  }

  #join(): void {
    const port = new FakePort(`phone ${this.#phones.length + 1}`, this.#fixture.log);
    const joined = this.#fixture.room.join(port);
    const expected = this.#model.join();
    if (joined.ok !== (typeof expected !== "string")) throw new Error(`expected ${JSON.stringify(expected)}`);
    if (joined.ok && typeof expected !== "string") {
      if (joined.value.player !== expected.id) throw new Error(`got the id ${joined.value.player}`);
      this.#phones.push({ model: expected, connection: joined.value, port });
    } else if (!joined.ok && joined.failure !== expected) {
      throw new Error(`refused with ${joined.failure}, expected ${JSON.stringify(expected)}`);
    }
  }

  #say({ connection, model }: Phone): void {
    const frame = this.#frame();
    connection.message(bytesOf(frame), typeof frame === "string");
    this.#model.say(model, frame);
  }

  #leave({ connection, model }: Phone): void {
    connection.gone(this.#random(2) === 0 ? "left" : "cut");
    this.#model.leave(model);
  }

  #send(): void {
    const to = Array.from({ length: this.#random(5) }, () => (this.#random(8) === 0 ? null : this.#id()));
    const frame = this.#frame();
    const command = {
      cmd: typeof frame === "string" ? "to_str" : "to",
      to,
      data: frame,
      // No phone's line is behind here, so nothing is replaced and nothing expires.
      ...(this.#random(4) === 0 && { volatile: this.#random(2) === 0 ? true : `name ${this.#random(3)}` }),
      ...(this.#random(4) === 0 && { ttl: 1 + this.#random(1_000) }),
    };
    this.#command(command, () => this.#model.send(to, frame));
  }

  #kick(): void {
    const player = this.#id();
    this.#command({ cmd: "kick", player }, () => this.#model.kick(player));
  }

  #prepare(): void {
    if (!this.#isCodeLeft && this.#random(2) === 0) {
      this.#isCodeLeft = true;
      this.#fixture.directory.refill(CODE);
    }
    const max_players = this.#random(10);
    const name = `game ${this.#random(100)}`;
    const isCodeLeft = this.#isCodeLeft;
    this.#command({ cmd: "prepare", max_players, name }, () => this.#model.prepare(max_players, name, isCodeLeft));
  }

  #garbage(): void {
    const { fields, code, command } = GARBAGE[this.#random(GARBAGE.length)] ?? GARBAGE[0];
    this.#command(fields, () => this.#model.error(code, command));
  }

  #slow({ port, model }: Phone): void {
    model.isSlow = !model.isSlow;
    port.queued = model.isSlow ? SEND_QUEUE + 1 : this.#random(SEND_QUEUE);
  }

  /** Without a session it is over whether it left or was cut. */
  #hostGone(): void {
    const { hostConnection } = this.#fixture;
    hostConnection.gone(this.#random(2) === 0 ? "left" : "cut");
    this.#model.stop();
  }

  #hostSlow(): void {
    const { hostPort: host, hostConnection } = this.#fixture;
    this.#model.isHostSlow = !this.#model.isHostSlow;
    host.queued = this.#model.isHostSlow ? SEND_QUEUE + 1 : this.#random(SEND_QUEUE);
    hostConnection.drained();
    this.#model.hostDrained();
  }

  /** As CBOR of another library, padded now and then as just-party pads, or as JSON. */
  #command(fields: object, expect: () => void): void {
    const isText = this.#random(3) === 0;
    const item = isText ? Buffer.from(JSON.stringify(fields)) : Buffer.from(encode(fields));
    const padding =
      isText || this.#random(3) > 0 ? Buffer.alloc(0) : Buffer.alloc(this.#random(40), this.#random(2) * 0x61);
    this.#fixture.hostConnection.message(Buffer.concat([item, padding]), isText);
    expect();
  }

  /** No two frames of a fuzzRun are the same, so that a wrong order or a double shows. */
  #frame(): ModelFrame {
    this.#frameCount += 1;
    return this.#random(2) === 0
      ? `frame ${this.#frameCount}`
      : [this.#frameCount & 255, (this.#frameCount >> 8) & 255, this.#random(256)];
  }

  /** Somebody who is in, was in, or never will be. */
  #id(): number {
    return this.#random(this.#phones.length + 3);
  }
}

function bytesOf(frame: ModelFrame): Uint8Array {
  return typeof frame === "string" ? new Uint8Array(Buffer.from(frame)) : Uint8Array.from(frame);
}

/** The words of an error are for people. */
function withoutReason(event: unknown): unknown {
  if (typeof event !== "object" || event === null) return event;
  return Object.fromEntries(Object.entries(event).filter(([key]) => key !== "reason"));
}
