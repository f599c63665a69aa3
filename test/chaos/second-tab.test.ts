/** A second tab, with the server's side in the test's hand: whose fault it is where the first one is left open. */
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { createCuttingProxy } from "../../src/chaos/cutting-proxy.ts";
import { Phone } from "../../src/chaos/phone.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { createFakeNetwork, type FakeNetwork } from "../support/fake-socket.ts";

/** A tab whose seat is taken over has to hear of it within this time. */
const REPLACED_WITHIN_MS = 10_000;

async function openPhone(): Promise<{ phone: Phone; network: FakeNetwork }> {
  const network = createFakeNetwork();
  const proxy = await createCuttingProxy({ target: { host: "127.0.0.1", port: 9 }, seed: 1 });
  const close = (): Promise<void> => proxy.close();
  onTestEnd(close);
  const phone = new Phone({
    lane: 1,
    server: "http://tv",
    code: "BCDF",
    pin: undefined,
    network: { proxy, WebSocket: network.WebSocket, close },
    isNumbered: false,
    onChange: () => undefined,
  });
  onTestEnd(() => phone.close());
  return { phone, network };
}

beforeEach(() => void jest.useFakeTimers({ doNotFake: ["nextTick", "queueMicrotask", "setImmediate"] }));
afterEach(() => void jest.useRealTimers());

describe("a second tab", () => {
  test("of a phone that has a seat finds out a server that leaves the first one open", async () => {
    const { phone, network } = await openPhone();
    network.socket.greet();
    const opened = phone.openSecondTab();
    network.socket.greet();
    jest.advanceTimersByTime(REPLACED_WITHIN_MS);
    await opened;
    expect(phone.faults).toEqual([
      "Phone 1: after a second tab was opened, the first tab was left open instead of being closed with 4509.",
    ]);
  });

  test("of a phone that has a seat is no fault where the first one is closed with 4509", async () => {
    const { phone, network } = await openPhone();
    network.socket.greet();
    const opened = phone.openSecondTab();
    network.sockets[0]?.end(4509);
    await opened;
    expect(phone.faults).toEqual([]);
  });

  test("of a phone that was never let in says nothing about the server", async () => {
    const { phone, network } = await openPhone();
    network.socket.accept();
    network.socket.end(1013);
    const opened = phone.openSecondTab();
    jest.advanceTimersByTime(REPLACED_WITHIN_MS);
    await opened;
    expect(phone.faults).toEqual([]);
  });
});
