import { describe, expect, test } from "@jest/globals";
import { hashSecret } from "../../../src/hub/hash-secret.ts";
import type { Room } from "../../../src/room/room.ts";
import type { SeatConnection } from "../../../src/room/seat.ts";
import { createHostEncoder } from "../../../src/session/host-encoder.ts";
import { FakeHub } from "../../support/room/fake-hub.ts";
import { FakePort } from "../../support/room/fake-port.ts";
import { LIMITS } from "../../support/room/fake-room.ts";

/** The iterators behind `for … of`, spread and destructuring, which a walk over the seats takes. */
const ITERATORS: readonly object[] = [[].values(), new Map().values(), new Set().values()].map((iterator) =>
  Object.getPrototypeOf(iterator),
);

/** How many steps all iterators take together while this is done. */
function stepsOf(work: () => void): number {
  let steps = 0;
  const originals = ITERATORS.map((prototype) => Object.getOwnPropertyDescriptor(prototype, "next") ?? {});
  ITERATORS.forEach((prototype, index) => {
    const next: unknown = originals[index]?.value;
    if (typeof next !== "function") throw new TypeError("an iterator without next");
    Object.defineProperty(prototype, "next", {
      ...originals[index],
      value(this: unknown): unknown {
        steps += 1;
        return Reflect.apply(next, this, []);
      },
    });
  });
  try {
    work();
  } finally {
    ITERATORS.forEach((prototype, index) => Object.defineProperty(prototype, "next", originals[index] ?? {}));
  }
  return steps;
}

/** A room with that many seats, whose host asks for changes alone. */
class LargeRoom {
  readonly size: number;
  readonly room: Room;
  readonly host = new FakePort();
  readonly #hub: FakeHub;
  #connections: SeatConnection[] = [];

  constructor(size: number) {
    this.size = size;
    this.#hub = new FakeHub({ limits: { ...LIMITS, maxPlayers: size } });
    const encoder = createHostEncoder("cbor", "string");
    const connected = this.#hub.hub.connectHost(this.host, encoder, { isReliable: false, states: "delta" });
    if (!connected.ok) throw new Error(connected.failure);
    this.room = connected.value.room;
    this.room.command({ cmd: "prepare", max_players: size, name: "stadium" });
  }

  /** One for each seat, with a session of that name or the right to a seat; they are the players from now on. */
  join(session: string, rescues: readonly string[] = []): void {
    this.#connections = this.#each((index) => {
      const sessionHash = `${session} ${index}`;
      const joined = this.room.join(new FakePort(), {
        isReliable: false,
        sessionHash,
        seatTransferProof: rescues[index],
      });
      if (!joined.ok) throw new Error(joined.failure);
      return joined.value;
    });
  }

  comeBack(session: string, index: number): void {
    const joined = this.room.join(new FakePort(), { isReliable: false, sessionHash: `${session} ${index}` });
    if (joined.ok) this.#connections[index] = joined.value;
  }

  /** Why a newcomer is refused; `undefined` where it is let in. */
  newcomer(): string | undefined {
    const joined = this.room.join(new FakePort());
    return joined.ok ? undefined : joined.failure;
  }

  get players(): readonly number[] {
    return this.room.state.players;
  }

  say(index: number): void {
    this.#connections[index]?.message(Uint8Array.of(1), false);
  }

  cut(indices: Iterable<number>): void {
    for (const index of indices) {
      this.#connections[index]?.gone("cut");
      if (this.room.idleSince !== undefined) throw new Error("the host is here");
    }
  }

  /** Asks for a link to each player's seat, and returns what proves them. */
  askForLinks(): readonly string[] {
    this.host.takeEvents();
    this.#each((index) => this.room.command({ cmd: "rescue", player: index + 1 }));
    return this.host
      .takeEvents()
      .map((event) => hashSecret(/"url":".*\?rescue=([^"]+)"/.exec(JSON.stringify(event))?.[1] ?? ""));
  }

  kick(firstPlayer: number): void {
    this.#each((index) => this.room.command({ cmd: "kick", player: firstPlayer + index, ban: true }));
  }

  /** Until the host has heard that those who are away are away. */
  waitUntilAway(): void {
    this.#hub.clock.pass(3_000);
  }

  #each<Result>(work: (index: number) => Result): Result[] {
    const results: Result[] = [];
    for (let index = 0; index < this.size; index++) results.push(work(index));
    return results;
  }
}

/** Steps for each player of a room of this size, thing by thing. */
function stepsEach(size: number): Readonly<Record<string, number>> {
  const visited = new LargeRoom(size);
  const all = Array.from({ length: size }, (_seat, index) => index);
  const each = (work: () => void): number => stepsOf(work) / size;
  const steps = {
    join: each(() => visited.join("first")),
    say: each(() => all.forEach((index) => visited.say(index))),
    cut: each(() => visited.cut(all)),
    comeBack: each(() => visited.join("first")),
    askForLink: each(() => void visited.askForLinks()),
    moveToAnotherPhone: 0,
    kick: 0,
    giveWay: 0,
  };
  const links = visited.askForLinks();
  steps.moveToAnotherPhone = each(() => visited.join("second", links));
  expect(visited.room.playerCount).toBe(size);
  steps.kick = each(() => visited.kick(1));
  expect(visited.room.playerCount).toBe(0);

  const idle = new LargeRoom(size);
  idle.join("silent");
  idle.cut(all);
  idle.waitUntilAway();
  steps.giveWay = each(() => idle.join("newcomer"));
  expect(idle.players[0]).toBe(size + 1);
  expect(idle.room.playerCount).toBe(size);
  return steps;
}

describe("a room with thousands of seats", () => {
  test("takes no more steps for a join, a message, a leave, a return, a kick or a link than a small one", () => {
    const [small, large] = [stepsEach(100), stepsEach(2_000)];
    for (const [what, steps] of Object.entries(large)) {
      const isAsMany = steps <= (small[what] ?? 0) + 1;
      expect({ what, steps: isAsMany ? "as many" : steps }).toEqual({ what, steps: "as many" });
    }
  });

  test("P5.4.15 the seats of players that left first give way first, and not those of players that came back and spoke", () => {
    const room = new LargeRoom(3);
    room.join("silent");
    room.cut([2, 0, 1]);
    room.waitUntilAway();
    room.comeBack("silent", 0);
    room.say(0);
    room.cut([0]);
    room.waitUntilAway();
    expect([room.newcomer(), room.players]).toEqual([undefined, [1, 2, 4]]);
    expect([room.newcomer(), room.players]).toEqual([undefined, [1, 4, 5]]);
    expect([room.newcomer(), room.players]).toEqual(["room_full", [1, 4, 5]]);
  });
});
