/**
 * An evening at a room of eight seats: a hundred phones come, wait, play, lose their lines, come back and go, in an order that chance decides. A plain list
 * beside the room says who is in, and who is next.
 */
import { expect, test } from "@jest/globals";
import { budget, SEED, SeededRandom } from "../../support/seeded-random.ts";
import { CrowdedRoom, type EnteredPhone } from "../../support/room/crowded-room.ts";

const PHONES = 100;
const SEATS = 8;
const QUEUE = 40;
const STEPS = 1_000;

/** What ought to be so: sessions with a seat, in the order of seats, and those that wait, the first in front. */
class Evening {
  readonly room = CrowdedRoom.crowded(
    { overflow: "queue", queue: QUEUE, max_players: SEATS },
    { maxPlayers: SEATS, seatGraceMs: 1_000_000_000 },
  );
  readonly lines = new Map<string, EnteredPhone>();
  seated: string[] = [];
  waiting: string[] = [];
  isLocked = false;

  come(session: string, network: string): void {
    const had = this.waiting.includes(session) || this.seated.includes(session);
    const hasPlace = had || (!this.isLocked && (this.seated.length < SEATS || this.waiting.length < QUEUE));
    const request = { sessionHash: session, isReliable: true, network };
    if (!hasPlace) {
      expect(this.room.turnedAway(request)).toBe(this.isLocked ? "room_locked" : "room_full");
      return;
    }
    const phone = this.room.enter(request);
    this.lines.set(session, phone);
    this.room.vote(phone, "hello"); // a seat from which something came gives way to no newcomer
    if (had) return;
    if (this.seated.length < SEATS) this.seated.push(session);
    else this.waiting.push(session);
  }

  /** `isForGood`: it closes its page, and a player gives up its seat. */
  go(session: string, isForGood: boolean): void {
    this.lines.get(session)?.handler.gone(isForGood ? "left" : "cut");
    this.lines.delete(session);
    this.waiting = this.waiting.filter((other) => other !== session);
    if (!isForGood) return;
    this.seated = this.seated.filter((other) => other !== session);
    this.#fill();
  }

  setLocked(isLocked: boolean): void {
    this.isLocked = isLocked;
    this.room.order({ cmd: isLocked ? "start" : "open" });
    this.#fill();
  }

  /** The room is as it ought to be. */
  check(): void {
    const { waitingCount, playerCount, players } = this.room.room;
    const hasSeat = (session: string): boolean => players?.playerOf(session) !== undefined;
    expect({ waitingCount, playerCount, seated: this.seated.filter(hasSeat) }).toEqual({
      waitingCount: this.waiting.length,
      playerCount: this.seated.length,
      seated: this.seated,
    });
    const told: string[] = [];
    const places: string[] = [];
    for (const [index, session] of this.waiting.entries()) {
      const frames = this.lines.get(session)?.port.take() ?? [];
      const [last] = frames.filter((frame) => String(frame).startsWith("\0queue")).slice(-1);
      if (last === undefined) continue; // its place is the one that it was told before
      told.push(String(last));
      places.push(`\0queue {"position":${index + 1}}`);
    }
    expect(told).toEqual(places);
  }

  #fill(): void {
    while (!this.isLocked && this.seated.length < SEATS) {
      const first = this.waiting.shift();
      if (first === undefined) return;
      this.seated.push(first);
    }
  }
}

test("P5.7 a hundred phones share eight seats: first come first served, none lost and none twice", () => {
  const random = new SeededRandom(SEED);
  for (let evenings = budget(2); evenings > 0; evenings--) {
    const evening = new Evening();
    const joined: number[] = [];
    for (let step = 0; step < STEPS; step++) {
      const session = `phone ${random.below(PHONES)}`;
      const isHere = evening.lines.has(session);
      const chance = random.below(100);
      if (chance < 3) evening.setLocked(!evening.isLocked);
      else if (chance < 60) evening.come(session, `network ${step % 200}`);
      else if (isHere) evening.go(session, chance < 85);
      evening.room.clock.pass(2_000);
      for (const { cmd, player } of evening.room.heard()) if (cmd === "player_joined") joined.push(Number(player));
      evening.check();
    }
    expect(joined).toEqual(Array.from(joined, (_, index) => index + 1));
  }
});
