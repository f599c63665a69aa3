/** What a room keeps for its peers: one bound for each of them, and one budget for all. */
import { describe, expect, test } from "@jest/globals";
import { MemoryBudget } from "../../../src/room/memory-budget.ts";
import { FakePort } from "../../support/room/fake-port.ts";
import { FakeRoom } from "../../support/room/fake-room.ts";

const ANNA = { sessionHash: "anna", isReliable: true };
const BEN = { sessionHash: "ben", isReliable: false };
const TV = { sessionHash: "tv", isReliable: false };

function budgetOf(limit: number) {
  const scheduled: (() => void)[] = [];
  const budget = new MemoryBudget({ limit, schedule: (action) => scheduled.push(action) });
  const endTurn = (): void => {
    for (const action of scheduled.splice(0)) action();
  };
  return { budget, endTurn };
}

function roomIn(budget: MemoryBudget, limits = {}): FakeRoom {
  return FakeRoom.open(limits, TV, 8, budget);
}

const big = (length: number, letter = "x"): string => letter.repeat(length);

describe("one bound for all that is kept for a seat", () => {
  test("volatile and retained frames of away seats stay within `seatBuffer`, each seat's own", () => {
    const { budget } = budgetOf(1e9);
    const room = roomIn(budget, { seatBuffer: 100_000 });
    room.cut(room.join(ANNA));
    for (let index = 0; index < 40; index++) {
      room.show(big(30_000, String(index % 10)), { retain: `name ${index}` });
      room.show(big(90_000), { volatile: true });
    }
    expect(budget.used).toBeLessThan(110_000);
    const back = room.join(ANNA).port.read();
    const bytes = back.data.reduce((sum, text) => sum + text.length, 0);
    expect(bytes).toBeLessThan(100_000);
    expect(back.hello?.lost).toBeGreaterThan(0);
  });

  test("P5.9.1 volatile frames of many names do not wait beyond it for a phone that is behind; the newest always does", () => {
    const { budget } = budgetOf(1e9);
    const room = roomIn(budget, { seatBuffer: 1_000 });
    const { port, connection } = room.join({});
    port.isBusy = true;
    const { used } = budget;
    for (const name of ["a", "b", "c"]) room.show(big(400, name), { volatile: name });
    room.show(big(900, "d"), { volatile: "d" });
    expect(budget.used - used).toBeLessThan(1_500);
    room.show(big(5_000, "e"), { volatile: "e" });
    port.isBusy = false;
    connection.drained();
    expect(port.take()).toEqual([big(5_000, "e")]);
  });

  test("a volatile frame gives way to those that must arrive, and takes no room from them", () => {
    const room = FakeRoom.open({ seatBuffer: 1_000 });
    const anna = room.join(ANNA);
    anna.port.isBusy = true;
    room.show(big(2_000), { volatile: true });
    room.cut(anna);
    room.show(big(500));
    room.show(big(600), { volatile: true });
    expect(room.join({ ...ANNA, received: 0, epoch: "secret-1-1" }).port.read()).toMatchObject({
      hello: { lost: 0 },
      data: [big(500)],
    });
  });
});

describe("a frame counts where the line is already behind", () => {
  test("P5.4.9 a phone whose queue is empty gets a frame of any size, and one that is behind gets none that is over the limit", () => {
    const room = FakeRoom.open({ sendQueue: 1_000 });
    const { port } = room.join(BEN);
    room.show(big(5_000));
    expect([port.take().length, port.closing]).toEqual([1, undefined]);
    port.queued = 10;
    room.show(big(990));
    expect(port.closing).toBeUndefined();
    room.show(big(991));
    expect(port.closing?.name).toBe("slow_consumer");
  });

  test("a text that begins with U+0000 is not copied for each phone of couchwire.v1", () => {
    const room = FakeRoom.open({}, undefined, 100);
    const seen = new Set<ArrayBufferLike>();
    class Port extends FakePort {
      override sendParts(head: Uint8Array, data: Uint8Array, isText = false): void {
        seen.add(data.buffer);
        super.sendParts(head, data, isText);
      }
    }
    const ports = Array.from({ length: 50 }, (_, index) => {
      const port = new Port();
      room.room.join(port, { sessionHash: `phone ${index}`, isReliable: true });
      return port;
    });
    room.show(`\0${big(10_000)}`);
    expect(seen.size).toBe(1);
    expect(ports.every((port) => port.read().data[0] === `\0${big(10_000)}`)).toBe(true);
  });
});

describe("what waited goes out as the line takes it", () => {
  test("P5.4.12 a host that returns and does not read is not sent all of it, and what comes meanwhile follows in order", () => {
    const room = FakeRoom.open({}, TV);
    const anna = room.join(ANNA);
    room.hostGone();
    for (let index = 0; index < 10; index++) room.say(anna, `${index}`);
    class Full extends FakePort {
      override send(data: Uint8Array, isText: boolean): void {
        super.send(data, isText);
        this.isBusy = this.sent++ >= 3;
      }
      sent = 0;
    }
    const port = new Full();
    expect(room.hostBack(TV, port)).toBe(true);
    room.say(anna, "late");
    const texts: unknown[] = room.news().map(({ data }) => data);
    expect(texts.length).toBeLessThan(4);
    while (port.isBusy) {
      port.isBusy = false;
      port.sent = 0;
      room.hostConnection.drained();
      texts.push(...room.news().map(({ data }) => data));
    }
    expect(texts.filter((text) => text !== undefined)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, "late"].map(String));
  });

  test("P5.4.13 it counts as waiting for a host: players are held back until it has gone out", () => {
    const room = FakeRoom.open({ sendQueue: 500 }, TV);
    const anna = room.join(ANNA);
    room.hostGone();
    for (let index = 0; index < 5; index++) room.say(anna, big(400));
    const port = new FakePort();
    port.isBusy = true;
    room.hostBack(TV, port);
    expect(anna.port.isPaused).toBe(true);
    port.isBusy = false;
    room.hostConnection.drained();
    expect(anna.port.isPaused).toBe(false);
  });
});

describe("when the memory of the process is used up", () => {
  test("P5.4.16 an away phone that has the most loses what waits for it, and is told how much on its return", () => {
    const { budget, endTurn } = budgetOf(10_000);
    const room = roomIn(budget);
    const anna = room.join(ANNA);
    const ben = room.join(BEN);
    const { epoch } = anna.port.read().hello ?? {};
    room.cut(anna);
    room.cut(ben);
    for (let index = 0; index < 12; index++) room.show(big(900), { to: [1] });
    room.show("for Ben", { to: [2] });
    endTurn();
    expect(budget.used).toBeLessThan(3_000);
    expect(room.join({ ...ANNA, received: 0, epoch }).port.read()).toMatchObject({ hello: { lost: 12 }, data: [] });
    expect(room.news()).toContainEqual({ cmd: "player_back", player: 1, missed: 12 });
    expect(room.join(BEN).port.take()).toEqual(["for Ben"]);
  });

  test("P5.4.16 a page that starts from nothing and whose retained frames are gone counts them as missed", () => {
    const { budget, endTurn } = budgetOf(10_000);
    const room = roomIn(budget);
    room.cut(room.join(ANNA));
    for (let index = 0; index < 12; index++) room.show(big(900), { retain: `${index}`, volatile: true });
    endTurn();
    room.join(ANNA);
    expect(room.news()).toContainEqual({ cmd: "player_back", player: 1, missed: 12 });
  });

  test("P5.4.16 a phone that keeps up notices nothing", () => {
    const { budget, endTurn } = budgetOf(10_000);
    const room = roomIn(budget);
    const anna = room.join(ANNA);
    const { used } = budget;
    for (let index = 0; index < 12; index++) room.show(big(900));
    endTurn();
    expect([budget.used, anna.port.closing]).toEqual([used, undefined]);
    room.show("on");
    expect(anna.port.read().data.at(-1)).toBe("on");
  });

  test("P5.4.16 a phone for which frames wait is closed with 4031, and is away", () => {
    const { budget, endTurn } = budgetOf(10_000);
    const room = roomIn(budget);
    const anna = room.join(ANNA);
    const { used } = budget;
    anna.port.isBusy = true;
    room.show(big(11_000), { volatile: true });
    endTurn();
    expect([anna.port.closing?.name, budget.used]).toEqual(["slow_consumer", used]);
    expect(room.room.state.players).toEqual([1]);
  });

  test("P5.4.16 players wait for their away host first, and are let go on when it has taken half of what waited", () => {
    const { budget, endTurn } = budgetOf(10_000);
    const room = roomIn(budget);
    const anna = room.join(BEN);
    room.hostGone();
    for (let index = 0; index < 12; index++) room.say(anna, big(900));
    endTurn();
    expect([anna.port.isPaused, room.isForgotten]).toEqual([true, false]);
    expect(room.hostBack(TV)).toBe(true);
    room.hostConnection.confirmed(13);
    expect([anna.port.isPaused, room.news().filter(({ cmd }) => cmd === "from_str").length]).toEqual([false, 12]);
  });

  test("P5.4.16 where that does not help the room of the away host ends with 1013", () => {
    const { budget, endTurn } = budgetOf(10_000);
    const room = roomIn(budget);
    const anna = room.join(BEN);
    room.hostGone();
    for (let index = 0; index < 12; index++) room.say(anna, big(900));
    endTurn();
    room.say(anna, "more");
    endTurn();
    expect([anna.port.closing?.name, room.isForgotten, budget.used]).toEqual(["overloaded", true, 0]);
  });

  test("P5.4.16 a room without people ends at once", () => {
    const { budget, endTurn } = budgetOf(10_000);
    const room = roomIn(budget);
    const anna = room.join(BEN);
    room.hostGone();
    for (let index = 0; index < 12; index++) room.say(anna, big(900));
    room.cut(anna);
    endTurn();
    expect([room.isForgotten, budget.used]).toEqual([true, 0]);
  });

  test("a live host that does not confirm keeps its line, and not what it was sent", () => {
    const { budget, endTurn } = budgetOf(10_000);
    const room = roomIn(budget);
    const anna = room.join(BEN);
    for (let round = 0; round < 4; round++) {
      for (let index = 0; index < 12; index++) room.say(anna, big(900));
      endTurn();
    }
    expect([room.hostPort.closing, room.isForgotten]).toEqual([undefined, false]);
    expect(budget.used).toBeLessThanOrEqual(10_000);
  });

  test("nothing of a room that has ended counts", () => {
    const { budget } = budgetOf(1e9);
    const room = roomIn(budget);
    const anna = room.join(ANNA);
    room.cut(room.join(BEN));
    room.tell({ cmd: "save", data: "x" });
    room.tell({ cmd: "save", keys: new Map([["key", "x".repeat(5_000)]]) });
    expect(budget.used).toBeGreaterThan(5_000);
    room.show(big(900), { retain: "r" });
    room.say(anna, "hello");
    expect(budget.used).toBeGreaterThan(6_800);
    room.room.close("room_closed");
    expect(budget.used).toBe(0);
  });
});
