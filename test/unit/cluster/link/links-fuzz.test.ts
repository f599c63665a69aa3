/** Whatever both ends say and however slowly each reads, all of it arrives, in order, and no more waits at the edge than a window. */
import { expect, test } from "@jest/globals";
import { WINDOW_BYTES } from "../../../../src/cluster/link/link-format.ts";
import { MemoryBudget } from "../../../../src/room/memory-budget.ts";
import { command, startRoom, told } from "../../../support/cluster/linked-rooms.ts";
import { eventually } from "../../../support/inbox.ts";
import * as fc from "../../../support/property-testing.ts";
import { LIMITS } from "../../../support/room/fake-room.ts";

const MEBIBYTE = 1_048_576;
const LARGEST_BYTES = 300_000;

type Step =
  | { readonly what: "host_says" | "phone_says"; readonly bytes: number }
  | { readonly what: "phone_reads"; readonly part: number }
  | { readonly what: "phone_is_deaf" | "host_is_deaf"; readonly isDeaf: boolean }
  | { readonly what: "turn" };

const size = fc.oneof(fc.nat(200), fc.nat(20_000), fc.integer({ min: 200_000, max: LARGEST_BYTES }));
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ what: fc.constantFrom("host_says" as const, "phone_says" as const), bytes: size }),
  fc.record({ what: fc.constant("phone_reads" as const), part: fc.double({ min: 0, max: 1, noNaN: true }) }),
  fc.record({ what: fc.constantFrom("phone_is_deaf" as const, "host_is_deaf" as const), isDeaf: fc.boolean() }),
  fc.constant({ what: "turn" as const }),
);

/** A text of so many bytes that no other step says. */
function textOf(index: number, bytes: number): string {
  return `${index}:`.padEnd(bytes, ".");
}

test("a link carries everything in order, within its windows", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const budget = new MemoryBudget({ limit: 100 * MEBIBYTE, schedule: queueMicrotask });
      const limits = { ...LIMITS, sendQueue: 50 * MEBIBYTE, hostBuffer: 50 * MEBIBYTE };
      const room = await startRoom({ budget, hub: { limits } });
      const { phone, player } = await room.seat();
      const [toPhone, toHost]: [string[], string[]] = [[], []];
      for (const [index, one] of steps.entries()) {
        switch (one.what) {
          case "host_says": {
            const data = textOf(index, one.bytes);
            toPhone.push(data);
            command(room.host, { cmd: "to_str", to: [player], data });
            break;
          }
          case "phone_says":
            toHost.push(textOf(index, one.bytes));
            phone.say(textOf(index, one.bytes));
            break;
          case "phone_reads":
            phone.drain(Math.floor(phone.queued * one.part));
            break;
          case "phone_is_deaf":
            phone.isDeaf = one.isDeaf;
            break;
          case "host_is_deaf":
            room.host.isDeaf = one.isDeaf;
            if (!one.isDeaf) room.host.drain();
            break;
          default:
            await new Promise((resolve) => void setImmediate(resolve));
        }
        expect(phone.queued).toBeLessThanOrEqual(WINDOW_BYTES + LARGEST_BYTES);
      }
      for (const peer of [phone, room.host]) {
        peer.isDeaf = false;
        peer.drain();
      }
      for (const text of toPhone) expect((await phone.inbox.next()) === text).toBe(true);
      for (const text of toHost) expect((await told(room.host, "from_str"))["data"] === text).toBe(true);
      await eventually("nothing waits", () => room.home.connections.census().queuedBytes === 0);
      expect([room.home.bugs, room.edge.bugs, phone.closing]).toEqual([[], [], undefined]);
      phone.leave();
      room.host.leave();
      await eventually("nothing is held", () => budget.used === 0);
      await Promise.all([room.home.mail.close(), room.edge.mail.close()]);
    }),
  );
});
