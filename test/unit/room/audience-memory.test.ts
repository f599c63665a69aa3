/** What a watcher takes beside its socket. */
import { expect, test } from "@jest/globals";
import type { ConnectionHandler } from "../../../src/room/ports.ts";
import { memoryInUse } from "../../support/process-memory.ts";
import { CrowdedRoom } from "../../support/room/crowded-room.ts";
import { bytes, FakePort } from "../../support/room/fake-port.ts";

const WATCHERS = 5_000;
const MOST_BYTES = 2_048;

/** Watchers from networks of their own, who have voted and heard the host. They share a port, which stands for no socket. */
function seat(room: CrowdedRoom, port: FakePort): ConnectionHandler[] {
  const watchers: ConnectionHandler[] = [];
  for (let number = 0; number < WATCHERS; number += 1) {
    const network = `2001:db8:${number.toString(16)}::`;
    const entered = room.room.enter(port, {
      isReliable: false,
      isSpectator: true,
      network,
      visitor: `network ${network}`,
    });
    if (!entered.ok) throw new Error(`refused: ${entered.failure}`);
    watchers.push(entered.value.handler);
    entered.value.handler.message(bytes(`vote ${number % 100}`), true);
  }
  room.order({ cmd: "to_audience_str", data: bytes("curtain") });
  port.take();
  return watchers;
}

test("P5.6 a watcher takes at most 2 KiB beside its socket, with its limits and its vote in a poll", () => {
  const limits = { playerRate: 100, playerBytes: 2_097_152 };
  const room = CrowdedRoom.crowded({ audience: WATCHERS }, limits);
  room.order({ cmd: "poll", id: "first" });
  const port = new FakePort("all of them", room.log);
  for (const watcher of seat(room, port)) watcher.gone("cut"); // what the first of them compile and grow does not count
  room.heard();
  const before = memoryInUse();
  const watchers = seat(room, port);
  const each = (memoryInUse() - before) / watchers.length;
  expect(room.room.audienceCount).toBe(WATCHERS);
  expect(each).toBeLessThanOrEqual(MOST_BYTES);
  expect(each).toBeGreaterThan(0); // or nothing was measured
});
