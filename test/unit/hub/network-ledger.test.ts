import { describe, expect, test } from "@jest/globals";
import { NetworkLedger, type LedgerEntry } from "../../../src/hub/network-ledger.ts";
import { FakeClock } from "../../support/room/fake-clock.ts";

const STADIUM = "203.0.113.7";
const IDLE_AFTER_MS = 5_000;

/** One of the things that are held. */
class Holding {
  /** In which order it gives way once it has been held for a while. */
  rank: number | undefined;
  entry: LedgerEntry<Holding> | undefined;

  constructor(rank?: number) {
    this.rank = rank;
  }
}

function ledgerOf(capacity: number) {
  const clock = new FakeClock();
  let ranked = 0;
  const idleRank = ({ rank }: Holding, heldMs: number): number | undefined => {
    ranked += 1;
    return heldMs >= IDLE_AFTER_MS ? rank : undefined;
  };
  const ledger = new NetworkLedger<Holding>({ capacity, idleRank, now: () => clock.now() });
  /** Holds more from these addresses until there is no place, ten thousand at most. */
  const fill = (addressOf: (number: number) => string, most = 10_000, rank?: number): Holding[] => {
    const held: Holding[] = [];
    while (held.length < most && ledger.hasPlaceFor(addressOf(held.length))) {
      const holding = new Holding(rank);
      holding.entry = ledger.enter(holding, addressOf(held.length));
      held.push(holding);
    }
    return held;
  };
  return { clock, ledger, fill, ranked: () => ranked };
}

describe("what networks hold", () => {
  test("P5.9.10 one network may hold all but a tenth while no other asks; then the tenth is for others", () => {
    const { ledger, fill } = ledgerOf(1_000);
    expect(fill(() => STADIUM)).toHaveLength(900);
    expect(fill(() => "10.0.0.1", 60)).toHaveLength(60);
    expect(ledger.hasPlaceFor(STADIUM)).toBe(false);
    expect(fill((number) => `10.0.1.${number}`)).toHaveLength(40);
    expect(ledger.hasPlaceFor("10.0.0.9")).toBe(false);
  });

  test("P5.9.10 a network of many /64s is one", () => {
    const { fill } = ledgerOf(1_000);
    expect(fill((number) => `2001:db8:1:${number.toString(16)}::1`)).toHaveLength(900);
    expect(fill(() => "2001:db8:2::1", 5)).toHaveLength(5);
  });

  test("P5.9.10 many small networks fill it all", () => {
    const { fill } = ledgerOf(1_000);
    expect(fill((number) => `10.0.${number % 250}.1`)).toHaveLength(1_000);
  });

  test("P5.9.10 of a few places none is kept", () => {
    expect(ledgerOf(3).fill(() => STADIUM)).toHaveLength(3);
  });

  test("P5.9.10 what is idle in the largest network gives way: the lowest rank first, of that the oldest", () => {
    const { clock, ledger, fill } = ledgerOf(100);
    const [busy, silent, roomless] = [fill(() => STADIUM, 30), fill(() => STADIUM, 30, 1), fill(() => STADIUM, 30, 0)];
    fill((number) => `10.0.0.${number}`);
    expect(ledger.idleHoldingFor("10.0.1.1")).toBeUndefined();
    clock.pass(IDLE_AFTER_MS);
    const gaveWay: Holding[] = [];
    for (;;) {
      const idle = ledger.idleHoldingFor("10.0.1.1");
      if (idle === undefined) break;
      ledger.leave(idle.entry);
      ledger.enter(new Holding(), "10.0.1.1");
      gaveWay.push(idle);
    }
    expect(gaveWay.slice(0, 30)).toEqual(roomless);
    expect(gaveWay.slice(30).every((holding) => silent.includes(holding))).toBe(true);
    expect(gaveWay.length).toBeGreaterThanOrEqual(45); // until the newcomer's network is the larger one
    expect(busy.every((holding) => !gaveWay.includes(holding))).toBe(true);
  });

  test("P5.9.10 a newcomer that has the place of one that left is no older for that", () => {
    const { clock, ledger, fill } = ledgerOf(100);
    const held = fill(() => STADIUM, 90, 0);
    const [first, second] = held;
    ledger.leave(first?.entry);
    fill(() => STADIUM, 1, 0);
    clock.pass(IDLE_AFTER_MS);
    fill((number) => `10.0.0.${number}`);
    expect(ledger.idleHoldingFor("10.0.1.1")).toBe(second);
  });

  test("P5.9.10 what was found idle and is in use again, or gone, does not give way", () => {
    const { clock, ledger, fill } = ledgerOf(10);
    const held = fill(() => STADIUM, 10, 0);
    clock.pass(IDLE_AFTER_MS);
    expect(ledger.idleHoldingFor("10.0.0.1")).toBe(held[0]);
    const [first, second, third] = held;
    if (first !== undefined) first.rank = undefined;
    if (second !== undefined) ledger.leave(second.entry);
    expect(ledger.idleHoldingFor("10.0.0.1")).toBe(third);
  });

  test("P5.9.10 a network with little gives nothing up, however idle", () => {
    const { clock, ledger, fill } = ledgerOf(1_000);
    fill((number) => `10.0.${number % 250}.1`, 1_000, 0);
    clock.pass(IDLE_AFTER_MS);
    expect(ledger.idleHoldingFor("10.1.0.1")).toBeUndefined();
  });

  test("P5.9.10 a crowd before a full house has it searched once a second, not once each", () => {
    const { ledger, fill, ranked } = ledgerOf(1_000);
    fill(() => STADIUM);
    for (let times = 0; times < 1_000; times++) expect(ledger.idleHoldingFor("10.0.0.1")).toBeUndefined();
    expect(ranked()).toBeLessThanOrEqual(1_000);
  });
});
