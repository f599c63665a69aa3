import { describe, expect, test } from "@jest/globals";
import { FakeHub, type HostWishes } from "../../support/room/fake-hub.ts";
import { FakePort } from "../../support/room/fake-port.ts";

const HOME = "10.0.0.1";
const ELSEWHERE = "10.0.0.2";

/** A hub with a room at home that wants a PIN. */
function pinned() {
  const fixture = new FakeHub({ guessLimit: 10 });
  const { code, room, host } = fixture.open({ address: HOME, pin: "1234" });
  const { hub, clock } = fixture;
  host.takeEvents();
  /** Wrong PINs for that room until none is looked at any more, a thousand at most, each from the next of these addresses. */
  const guess = (addresses: (number: number) => string): number => {
    let count = 0;
    for (; count < 1_000 && hub.mayTryPin(code, addresses(count)); count++) hub.countWrongPin(room, addresses(count));
    return count;
  };
  return { hub, clock, code, room, host, guess, open: (wishes: HostWishes) => fixture.open(wishes) };
}

/** An address in another /64 of one /48 each time. */
function inOneSite(number: number): string {
  return `2001:db8:1:${number.toString(16)}::1`;
}

function anywhere(number: number): string {
  return `10.1.${number >> 8}.${number & 255}`;
}

describe("wrong codes", () => {
  test("P5.8.4 are counted from the host's own network too, where ten times as many are let pass", () => {
    const { hub, clock, code, room } = pinned();
    for (let count = 0; count < 99; count++) hub.lookUp("AAAA", HOME);
    expect([hub.lookUp("AAAA", HOME), hub.lookUp(code, HOME)]).toEqual(["too_many_guesses", "too_many_guesses"]);
    expect(hub.lookUp(code, ELSEWHERE)).toBe(room);
    room.join(new FakePort(), { isReliable: false, sessionHash: "anna", pin: "1234" });
    expect(hub.lookUp(code, HOME, { sessionHash: "anna" })).toBe(room);
    clock.pass(600);
    expect(hub.lookUp(code, HOME)).toBe(room);
  });

  test("P5.8.4 a few of them keep no phone of the same network out", () => {
    const { hub, code, room } = pinned();
    for (let count = 0; count < 90; count++) hub.lookUp("AAAA", HOME);
    expect(hub.lookUp("AAAA", HOME)).toBe("too_many_guesses");
    for (let phone = 0; phone < 1_000; phone++) expect(hub.lookUp(code, HOME)).toBe(room);
  });
});

describe("wrong PINs", () => {
  test("P5.8.4 are limited from the host's own network too, for that room alone, which is found there all the same", () => {
    const { hub, clock, code, room, guess, ...fixture } = pinned();
    const { code: other } = fixture.open({ address: HOME, pin: "1234" });
    expect(guess(() => HOME)).toBe(10);
    expect([hub.mayTryPin(other, HOME), hub.mayTryPin(code, ELSEWHERE)]).toEqual([true, true]);
    expect(hub.lookUp(code, HOME)).toBe(room);
    clock.pass(12_000);
    expect(hub.mayTryPin(code, HOME)).toBe(true);
  });

  test("P5.8.4 count as wrong codes do: a guesser that tries the PINs of one room after the other is stopped", () => {
    const { hub, code, room: first, ...fixture } = pinned();
    const { code: other, room } = fixture.open({ pin: "1234" });
    for (let count = 0; count < 5; count++) for (const one of [first, room]) hub.countWrongPin(one, ELSEWHERE);
    expect(hub.mayTryPin(other, ELSEWHERE)).toBe(true);
    expect([hub.lookUp(code, ELSEWHERE), hub.lookUp(other, ELSEWHERE)]).toEqual([
      "too_many_guesses",
      "too_many_guesses",
    ]);
    room.join(new FakePort(), { isReliable: false, sessionHash: "anna", pin: "1234" });
    expect(hub.lookUp(other, ELSEWHERE, { sessionHash: "anna" })).toBe(room);
  });

  test("P5.9.5 from many networks of one site are stopped after twice as many as from one, and for good", () => {
    const { hub, clock, code, guess } = pinned();
    expect(guess(inOneSite)).toBe(20);
    expect(hub.mayTryPin(code, "2001:db8:1:ffff::7")).toBe(false);
    for (const honest of ["2001:db8:2::1", ELSEWHERE, HOME]) expect(hub.mayTryPin(code, honest)).toBe(true);
    clock.pass(60_000);
    expect(guess(inOneSite)).toBe(10); // what comes back to the room in a minute
  });

  test("P5.9.5 from all over the world get one try each when the room has had too many; an honest phone gets its own", () => {
    const { hub, clock, code, room, guess } = pinned();
    let guesses = 0;
    for (let number = 0; number < 500; number++) {
      if (guess(() => anywhere(number)) > 0) guesses += 1;
      expect(hub.mayTryPin(code, anywhere(number))).toBe(false);
    }
    expect(guesses).toBe(500);
    expect(hub.mayTryPin(code, ELSEWHERE)).toBe(true);
    hub.countWrongPin(room, ELSEWHERE);
    expect(hub.mayTryPin(code, ELSEWHERE)).toBe(false);
    clock.pass(12_000);
    expect(hub.mayTryPin(code, ELSEWHERE)).toBe(true);
  });

  test("P5.9.5 ten in a minute are told to the host, and then once a minute at most", () => {
    const { hub, clock, room, host } = pinned();
    const wrong = (count: number, everyMs: number): void => {
      for (let number = 0; number < count; number++) {
        hub.countWrongPin(room, anywhere(number));
        clock.pass(everyMs);
      }
    };
    wrong(30, 7_000);
    expect(host.takeEvents()).toEqual([]);
    clock.pass(60_000);
    wrong(9, 100);
    expect(host.takeEvents()).toEqual([]);
    wrong(200, 100);
    expect(host.takeEvents()).toEqual([{ cmd: "guessing", count: 10 }]);
    clock.pass(60_000);
    wrong(10, 1);
    expect(host.takeEvents()).toEqual([{ cmd: "guessing", count: 10 }]);
  });
});
