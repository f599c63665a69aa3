import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { JoinAddress } from "../../src/sdk/join-address.ts";

const fetchBefore = globalThis.fetch;
let answer: () => Promise<Response>;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ["queueMicrotask", "nextTick"] });
  globalThis.fetch = () => answer();
});
afterEach(() => {
  jest.useRealTimers();
  globalThis.fetch = fetchBefore;
});

const saying = (url: string) => () => Promise.resolve(Response.json({ public_url: url, public_url_configured: false }));

test("a server that restarts says nothing about its address: the QR code keeps the one that it has", async () => {
  const address = new JoinAddress({ http: "http://localhost:8081", ws: "ws://localhost:8081" });
  const moved = jest.fn();
  answer = saying("http://192.168.1.7:8081");
  await address.ask();
  address.watch(moved);
  answer = () => Promise.reject(new TypeError("Failed to fetch"));
  await jest.advanceTimersByTimeAsync(20_000);
  expect([address.url, moved.mock.calls.length]).toEqual(["http://192.168.1.7:8081", 0]);
  answer = saying("http://192.168.1.23:8081");
  await jest.advanceTimersByTimeAsync(20_000);
  expect([address.url, moved.mock.calls.length]).toEqual(["http://192.168.1.23:8081", 1]);
  address.stop();
});
