/**
 * Parties over nodes of which one is cut off from the bus, stands still or is stopped: the code and the ids stay, each loss is told, and no side hears two lives of a
 * room mixed.
 */
import { describe, expect, test } from "@jest/globals";
import { onTestEnd } from "../support/clean-up.ts";
import { eventually } from "../support/inbox.ts";
import { startNats } from "../support/nats-server.ts";
import { newPrefix, openDirectory } from "../support/nodes.ts";
import { startRedis } from "../support/redis-server.ts";
import { startSplitProxy } from "../support/split-proxy.ts";
import { swallowingLine } from "../support/swallowing-line.ts";
import { FAULT_LEASE_MS, startFaultNodes, untilBusIs } from "./fault-nodes.ts";
import {
  keepPlaying,
  openParties,
  tellTimes,
  untilAll,
  untilPlayed,
  untilUnderPlay,
  untilWhole,
  wrongsOf,
} from "./node-parties.ts";

/** As long as it may be: what comes before its end does not wait for it. */
const LONG_LEASE_MS = 60_000;
const ROOMS = 10;
const TEST_MS = 240_000;

async function untilPassed(moment: number): Promise<void> {
  await eventually("that much time has passed", () => performance.now() >= moment);
}

describe.each([
  ["redis", startRedis],
  ["nats", startNats],
] as const)("parties over %s", (kind, start) => {
  test(
    "row 89: a home that is cut off for three leases plays on until it hears of another's claim, and no side hears two lives mixed",
    async () => {
      const server = await start();
      const line = await swallowingLine(server.url);
      const [cutOff, other] = await startFaultNodes([line.url, server.url]);
      const parties = await openParties(ROOMS, { tv: cutOff.url, phones: [cutOff.url, other.url] });
      const stop = keepPlaying(parties);
      await untilUnderPlay(parties);

      const cutAt = performance.now();
      line.swallow();
      const taken = await untilAll(
        parties,
        "the phone at the other node has another life of the room",
        ({ renewals: [, away = 0] }) => away > 0,
      );
      for (const party of parties) {
        party.save("meanwhile");
        party.admit(other.url);
      }
      await untilAll(parties, "a newcomer has a seat in that life", ({ haveSeats }) => haveSeats);
      await untilPassed(cutAt + 3 * FAULT_LEASE_MS);
      await untilPlayed(parties, performance.now(), [0]);
      expect(parties.map(({ firstLosses: [tv, phone] }) => [tv, phone])).toEqual(
        parties.map(() => [undefined, undefined]),
      );

      const mendedAt = performance.now();
      line.mend();
      const ended = await untilAll(
        parties,
        "the first life of the room has ended",
        ({ firstLosses: [tv, phone] }) => tv !== undefined && phone !== undefined,
      );
      const back = await untilPlayed(parties, mendedAt);
      await untilWhole(parties);
      stop();
      tellTimes(
        `${kind}: ${ROOMS} rooms whose home was cut off, with a lease of ${FAULT_LEASE_MS} ms: taken over`,
        taken,
      );
      tellTimes(`${kind}: their first lives had ended, once the line was mended,`, ended);
      tellTimes(`${kind}: and all of their phones played`, back);
      expect(parties.map(({ firstLosses }) => firstLosses)).toEqual(parties.map(() => [1012, 1012, 1012, undefined]));
      expect(wrongsOf(parties)).toEqual([]);
      expect(await Promise.all(parties.map((party) => party.reload()))).toEqual(parties.map(() => "meanwhile"));
      expect(parties.flatMap(({ faults }) => faults)).toEqual([]);
    },
    TEST_MS,
  );

  test(
    "a node that stands still for two leases and wakes leaves no room in two lives, and no seat without its phone",
    async () => {
      const { url } = await start();
      const [still, other, third] = await startFaultNodes([url, url, url]);
      const homes = await openParties(ROOMS, { tv: still.url, phones: [still.url, other.url, third.url] });
      const guests = await openParties(ROOMS, { tv: other.url, phones: [still.url, third.url] });
      const parties = [...homes, ...guests];
      const stop = keepPlaying(parties);
      await untilUnderPlay(parties);

      const stoppedAt = performance.now();
      still.process.kill("SIGSTOP");
      const taken = await untilAll(
        homes,
        "the phones at the other nodes have another life of the room",
        ({ renewals: [, one = 0, two = 0] }) => one > 0 && two > 0,
      );
      await untilPassed(stoppedAt + 2 * FAULT_LEASE_MS);
      const wokenAt = performance.now();
      still.process.kill("SIGCONT");
      const back = await untilPlayed(parties, wokenAt);
      await untilWhole(parties);
      stop();
      tellTimes(`${kind}: ${ROOMS} rooms of a node that stood still: taken over`, taken);
      tellTimes(`${kind}: all rooms of its TVs and phones played, once it went on,`, back);
      expect(wrongsOf(parties)).toEqual([]);
      await untilBusIs("up", [still, other, third]);
    },
    TEST_MS,
  );

  test(
    "a node that is told to stop leaves its rooms to the others at once, and tells each peer",
    async () => {
      const { url } = await start();
      const prefix = newPrefix();
      const [leaving, other] = await startFaultNodes([url, url], { prefix, leaseMs: LONG_LEASE_MS });
      let { port } = leaving;
      const proxy = await startSplitProxy(() => port);
      onTestEnd(() => proxy.close());
      const front = `http://127.0.0.1:${proxy.port}`;
      const parties = await openParties(ROOMS, { tv: front, phones: [front, other.url] });
      const stop = keepPlaying(parties);
      await untilUnderPlay(parties);

      const at = performance.now();
      ({ port } = other);
      leaving.process.kill("SIGTERM");
      const back = await untilPlayed(parties, at);
      await untilWhole(parties);
      stop();
      tellTimes(`${kind}: ${ROOMS} rooms of a node that was told to stop: back`, back);
      expect(await leaving.process.ended).toMatchObject({ exitCode: 0, signal: null });
      // Its lease would have stood for two thirds of a minute at least.
      const directory = await openDirectory(url, prefix, LONG_LEASE_MS);
      expect(await directory.nodes()).toHaveLength(1);
      expect(parties.map(({ firstLosses }) => firstLosses)).toEqual(parties.map(() => [1012, 1012, 1012]));
      expect(wrongsOf(parties)).toEqual([]);
    },
    TEST_MS,
  );
});
