/** A line that went dead after its opening, before the server's first word: the chaos test waited for it for ever. */
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { CONNECT_TIMEOUT_MS } from "../../../src/sdk/reconnecting-socket.ts";
import { joinRoom, type Retry } from "../../../src/sdk/index.ts";
import { createFakeNetwork } from "../../support/fake-socket.ts";

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

test("a connection that opens and says nothing is given up, and one that greets is not", async () => {
  const network = createFakeNetwork();
  const phone = joinRoom({ code: "BCDF", server: "http://tv", warn: () => undefined, WebSocket: network.WebSocket });
  await Promise.resolve(); // the line begins when the page's own code has run
  const retries: Retry[] = [];
  phone.on("reconnecting", (retry) => retries.push(retry));
  network.socket.accept();
  jest.advanceTimersByTime(CONNECT_TIMEOUT_MS - 1);
  expect(retries).toEqual([]);
  jest.advanceTimersByTime(1);
  expect(retries).toMatchObject([{ code: 1006, attempt: 1 }]);

  jest.advanceTimersByTime(1_000);
  expect(network.sockets).toHaveLength(2);
  network.socket.greet();
  jest.advanceTimersByTime(CONNECT_TIMEOUT_MS);
  expect(retries).toHaveLength(1);
  expect(phone.isConnected).toBe(true);
  phone.close();
  expect(jest.getTimerCount()).toBe(0);
});
