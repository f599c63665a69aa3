/** The room's clock on the real server: the TV and phones show the same time, and know their names. */
import { expect, test } from "@jest/globals";
import { openPage, openPhone, openTestHost } from "../support/sdk-page.ts";
import { startServer } from "../support/server.ts";
import { eventually } from "../support/inbox.ts";

/** One-sided, and far beyond what a way through this machine takes. */
const APART_MS = 500;

test("P5.9.3 the TV and two phones show the same time, also after a lost connection and a reload, and never an earlier one", async () => {
  const server = await startServer({ playerRate: 0 });
  const tv = await openTestHost(await openPage(server));
  const phones = [openPhone(await openPage(server), tv.room.code), openPhone(await openPage(server), tv.room.code)];
  for (const phone of phones) await phone.heard.next();
  const deadline = tv.room.countdown(10_000);
  expect(deadline - tv.room.now()).toBeLessThanOrEqual(10_000);
  let last = 0;
  const expectSame = (pages: readonly { readonly now: () => number }[]): void => {
    const times = pages.map((page) => page.now());
    expect(Math.max(...times) - Math.min(...times)).toBeLessThan(APART_MS);
    expect(times[0]).toBeGreaterThanOrEqual(last);
    last = times[0] ?? 0;
  };
  const all = [tv.room, ...phones.map(({ me }) => me)];
  expectSame(all);
  for (const page of [tv.page, phones[0]?.page]) page?.proxy.cutNow();
  await phones[0]?.heard.until(([event]) => event === "open");
  await eventually("the TV is back", () => tv.room.isConnected);
  expectSame(all);
  const again = await openTestHost(await tv.page.reload());
  expectSame([again.room, ...phones.map(({ me }) => me)]);
  expect(() => again.room.countdown(NaN)).toThrow("`countdown` takes milliseconds; this is NaN.");
});

test("a phone knows its id, its name and the room, and how long a message takes", async () => {
  const server = await startServer();
  const tv = await openTestHost(await openPage(server));
  const ada = openPhone(await openPage(server), tv.room.code, { name: " Ada " });
  const second = openPhone(await openPage(server), tv.room.code);
  expect(ada.me.id).toBeUndefined();
  await ada.heard.next();
  await second.heard.next();
  const [one, two] = [ada.me, second.me].toSorted((left, right) => (left.id ?? 0) - (right.id ?? 0));
  expect([one?.id, two?.id]).toEqual([1, 2]);
  expect([ada.me.name, second.me.name]).toEqual(["Ada", `Player ${second.me.id}`]);
  expect([ada.me.room.name, ada.me.room.code]).toEqual(["sketch", tv.room.code]);
  await tv.heard.take(2);
  for (const latency of [await ada.me.latency(), await tv.room.latency(1)]) {
    expect(latency).toBeGreaterThanOrEqual(0);
    expect(latency).toBeLessThan(10_000);
  }
  const again = openPhone(await ada.page.reload(), tv.room.code);
  await again.heard.next();
  expect(again.me.id).toBe(ada.me.id);
});
