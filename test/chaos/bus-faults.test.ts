/** Parties over nodes while what is between those goes away and comes back, with its data or with nothing: no code and no id changes, and each loss is told. */
import { describe, expect, test } from "@jest/globals";
import { eventually } from "../support/inbox.ts";
import { startNats } from "../support/nats-server.ts";
import type { Node } from "../support/nodes.ts";
import { PlayerClient } from "../support/player-client.ts";
import { startRedis } from "../support/redis-server.ts";
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

const ROOMS = 10;
const TEST_MS = 240_000;
/** What no room has, as far as one can tell. */
const UNKNOWN_CODE = "ZWXT";
const STILL_LOOKING = "1013 The server is still looking for your room. Come back in a moment.";

/** What a phone is told, one time after the other, that asks this node for a room that is not there, until that is final. */
async function answersForUnknown(node: Node): Promise<ReadonlySet<string>> {
  const answers = new Set<string>();
  await eventually("it is final that there is no such room", async () => {
    const { code, reason } = await (await PlayerClient.connect(node, UNKNOWN_CODE)).closed;
    answers.add(`${code} ${reason}`);
    return code === 4504;
  });
  return answers;
}

describe.each([
  ["redis", startRedis],
  ["nats", startNats],
] as const)("row 89: parties over %s", (kind, start) => {
  test(
    "that is away for longer than a lease and comes back with its data, and then empty, go on in the same life, those at their home without noticing",
    async () => {
      const server = await start();
      const [home, edge] = await startFaultNodes([server.url, server.url]);
      const here = await openParties(ROOMS, { tv: home.url, phones: [home.url, home.url] });
      const spread = await openParties(ROOMS, { tv: home.url, phones: [home.url, edge.url] });
      const parties = [...here, ...spread];
      const stop = keepPlaying(parties);
      await untilUnderPlay(parties);

      for (const isEmpty of [false, true]) {
        const before = new Map(spread.map((party) => [party, party.losses.length]));
        await server.kill();
        const leasesEnd = performance.now() + FAULT_LEASE_MS;
        await untilBusIs("down", [home, edge]);
        await untilAll(spread, "a side at another node than the room is told", (party) =>
          party.losses.slice(before.get(party)).some(({ code }) => code === 1012),
        );
        await untilPlayed(here, performance.now());
        await eventually("all leases are over", () => performance.now() > leasesEnd);

        const asking = Promise.all([home, edge].map((node) => answersForUnknown(node)));
        const at = performance.now();
        await server.restart({ isEmpty });
        const [answers, times] = await Promise.all([asking, untilPlayed(parties, at), untilBusIs("up", [home, edge])]);
        await untilWhole(parties);
        const how = isEmpty ? "empty" : "with its data";
        tellTimes(`${kind} restarted ${how} under ${parties.length} rooms: played`, times);
        if (isEmpty) expect(answers.some((each) => each.has(STILL_LOOKING))).toBe(true);
      }
      stop();
      expect(here.map(({ losses, gaps }) => [...losses, gaps])).toEqual(here.map(() => [0]));
      // The node that was back first has left the other rooms to their home, too.
      expect(spread.map(({ firstLosses: [tv, phone], renewals }) => [tv, phone, ...renewals])).toEqual(
        spread.map(() => [undefined, undefined, 0, 0]),
      );
      expect(wrongsOf(parties)).toEqual([]);
    },
    TEST_MS,
  );
});
