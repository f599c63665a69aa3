import { describe, expect, test } from "@jest/globals";
import { array, assert, constantFrom, integer, oneof, property, record } from "../../support/property-testing.ts";
import { FakeClock } from "../../support/room/fake-clock.ts";
import { bytes, FakePort, type SeenFrame } from "../../support/room/fake-port.ts";
import { memoryOf, unlimitedMemory } from "../../support/room/memory-budget.ts";
import { DroppingPeer, type DropPolicy } from "../../../src/session/dropping-peer.ts";
import { PassthroughSession } from "../../../src/session/passthrough-session.ts";
import { ResumableSession } from "../../../src/session/resumable-session.ts";

const PLAIN = { isReliable: false } as const;
const RELIABLE = { isReliable: true } as const;
/** Three frames of two letters. */
const LIMIT = 3 * 66;

function peer(policy: DropPolicy, memory = memoryOf(1e6), isResumable = true): DroppingPeer {
  const clock = new FakeClock();
  return new DroppingPeer({
    session: isResumable
      ? new ResumableSession({ memory, overflow: "drop_oldest", epoch: "life", clock })
      : new PassthroughSession(memory, () => clock.now()),
    policy,
    limitBytes: LIMIT,
    memory,
    lostNotice: (count) => ({ data: bytes(`lost ${count}`), isText: true }),
  });
}

function attach(one: DroppingPeer, request: object = PLAIN): FakePort {
  const port = new FakePort();
  one.attach(port, { isReliable: false, ...request }, () => []);
  port.take();
  return port;
}

function say(one: DroppingPeer, from: number, to: number): void {
  for (let number = from; number <= to; number++) one.send(bytes(String(number).padStart(2, "0")), true);
}

/** The port takes everything from now on. */
function drain(one: DroppingPeer, port: FakePort): SeenFrame[] {
  port.isBusy = false;
  one.flush();
  return port.take().filter((frame) => typeof frame !== "string" || !frame.startsWith("\0"));
}

describe("a player that reads too slowly and may miss frames", () => {
  test("P6.12 row 36: of the oldest that wait it loses what is too much, and is told so in their place", () => {
    const one = peer("drop-oldest");
    const port = attach(one);
    port.isBusy = true;
    say(one, 1, 10);
    expect(one.isSlow()).toBe(false);
    expect(drain(one, port)).toEqual(["lost 7", "08", "09", "10"]);
    say(one, 11, 12);
    expect(port.take()).toEqual(["11", "12"]);
  });

  test("P6.12 row 36: of the newest it loses what finds no room, and is told so in their place", () => {
    const one = peer("drop-newest");
    const port = attach(one);
    port.isBusy = true;
    say(one, 1, 10);
    expect(drain(one, port)).toEqual(["01", "02", "03", "lost 7"]);
    say(one, 11, 12);
    expect(port.take()).toEqual(["11", "12"]);
  });

  test("P6.12 row 36: a frame larger than all that may wait", () => {
    const large = new Uint8Array(1_000);
    const [oldest, newest] = [peer("drop-oldest"), peer("drop-newest")];
    for (const [one, expected] of [
      [oldest, ["lost 1", Array.from(large), "end"]],
      [newest, ["01", "lost 1", "end"]],
    ] as const) {
      const port = attach(one);
      port.isBusy = true;
      say(one, 1, 1);
      one.send(large, false);
      expect(one.waitingBytes).toBeLessThan(1_200);
      expect([...drain(one, port), ...(one.send(bytes("end"), true), port.take())]).toEqual(expected);
      one.send(large, false);
      expect(port.take()).toEqual([Array.from(large)]); // nothing waits
    }
  });

  test.each(["drop-oldest", "drop-newest"] as const)(
    "P6.12 row 36: is away: what waits is bounded in the same way: %s",
    (policy) => {
      const one = peer(policy);
      attach(one);
      one.detach(false);
      say(one, 1, 10);
      const port = new FakePort();
      one.attach(port, PLAIN, () => []);
      expect(port.take()).toEqual(
        policy === "drop-oldest" ? ["lost 7", "08", "09", "10"] : ["01", "02", "03", "lost 7"],
      );
    },
  );

  test("P6.12 row 36: over couchwire.v1 frames that were dropped have no number", () => {
    const one = peer("drop-oldest");
    const port = attach(one, RELIABLE);
    port.isBusy = true;
    say(one, 1, 10);
    one.detach(false);
    const back = new FakePort();
    one.attach(back, { ...RELIABLE, received: 0, epoch: "life" }, () => []);
    expect(back.read()).toMatchObject({ hello: { next: 1, lost: 0 }, data: ["lost 7", "08", "09", "10"] });
    one.detach(false);
    const again = new FakePort();
    one.attach(again, { ...RELIABLE, received: 3, epoch: "life" }, () => []);
    expect(again.read()).toMatchObject({ hello: { next: 4, lost: 0 }, data: ["10"] });
  });

  test("P6.12 row 36: frames that are among the first of a page are not sent twice", () => {
    const one = peer("drop-oldest");
    attach(one);
    one.detach(false);
    const retained = bytes("retained");
    one.send(retained, true);
    const port = new FakePort();
    one.attach(port, PLAIN, (isFresh, isComing) =>
      isFresh && !isComing(retained) ? [{ data: retained, isText: true }] : [],
    );
    expect(port.take()).toEqual(["retained"]);
  });

  test("P6.12 row 36: what waits counts as memory; where that is short it is lost as well, and counted", () => {
    const budget = unlimitedMemory();
    const one = peer("drop-newest", memoryOf(1e6, budget), false);
    const port = attach(one);
    port.isBusy = true;
    say(one, 1, 5);
    expect(budget.used).toBeGreaterThan(3 * 66);
    expect(one.shed()).toBe(true);
    expect(budget.used).toBe(0);
    say(one, 6, 6);
    expect(drain(one, port)).toEqual(["lost 5", "06"]);
  });

  test("P6.12 row 36: what it gets and what it is told that it lost are all that it was sent, in order, whatever happens", () => {
    const step = oneof(
      record({ is: constantFrom("say" as const), count: integer({ min: 1, max: 9 }) }),
      record({
        is: constantFrom("busy" as const, "drained" as const, "away" as const, "back" as const, "shed" as const),
      }),
    );
    const policies = constantFrom("drop-oldest" as const, "drop-newest" as const);
    assert(
      property(policies, array(step, { maxLength: 60 }), (policy, steps) => {
        const one = peer(policy);
        let port: FakePort | undefined = attach(one, RELIABLE);
        let received = 0;
        let said = 0;
        const got: string[] = [];
        const look = (): void => {
          for (const frame of port?.read().data ?? []) {
            received += 1;
            got.push(String(frame));
          }
        };
        for (const { is, ...more } of [...steps, { is: "back" as const }, { is: "drained" as const }]) {
          if (is === "say") {
            const { count = 0 } = more as { count?: number };
            say(one, said + 1, said + count);
            said += count;
          } else if (is === "shed") one.shed();
          else if (is === "busy" && port !== undefined) port.isBusy = true;
          else if (is === "drained" && port !== undefined) {
            port.isBusy = false;
            one.flush();
          } else if (is === "away" && port !== undefined) {
            look();
            one.detach(false);
            port = undefined;
          } else if (is === "back" && port === undefined) {
            port = new FakePort();
            one.attach(port, { ...RELIABLE, received, epoch: "life" }, () => []);
          }
          look();
        }
        let next = 1;
        for (const frame of got) {
          const [, lost] = /^lost (\d+)$/.exec(frame) ?? [];
          if (lost === undefined) expect(Number(frame)).toBe(next);
          next += lost === undefined ? 1 : Number(lost);
        }
        expect(next).toBe(said + 1);
      }),
    );
  });
});
