import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { afterClose, CLOSE_CODES } from "../../src/protocol/close-codes.ts";
import {
  ReconnectingSocket,
  CONNECT_TIMEOUT_MS,
  MIN_UPTIME_MS,
  STALE_ATTEMPT_MS,
  type CloseReason,
  type LostCause,
  type Retry,
} from "../../src/sdk/reconnecting-socket.ts";
import {
  FIRST_DELAY_MS,
  FIRST_PATIENT_DELAY_MS,
  MAX_DELAY_MS,
  MAX_PATIENT_DELAY_MS,
  retryDelayMs,
} from "../../src/sdk/retry-delay.ts";
import { createFakeNetwork } from "../support/fake-socket.ts";
import type { Wake } from "../../src/sdk/page-lifecycle.ts";

const ALMOST_ONE = 0.999_999;

function connect({ random = ALMOST_ONE } = {}) {
  const network = createFakeNetwork();
  const told = {
    woke: 0,
    restored: 0,
    /** How often it had been restored when it was asked. */
    addresses: [] as string[],
    received: [] as unknown[],
    lost: [] as Retry[],
    causes: [] as (LostCause | undefined)[],
    closed: [] as CloseReason[],
  };
  const wakes = new Set<Wake>();
  const addresses = ["ws://tv/first", "ws://tv/second", "ws://tv/third"];
  const connection = new ReconnectingSocket(
    () => {
      told.addresses.push(`restored ${told.restored}`);
      return { address: addresses.shift() ?? "ws://tv/later", secrets: ["couchwire.session.anna"] };
    },
    {
      received: (data) => void told.received.push(data),
      lost: (retry, cause) => {
        told.lost.push(retry);
        told.causes.push(cause);
      },
      closed: (close) => void told.closed.push(close),
      woke: () => void (told.woke += 1),
      restored: () => void (told.restored += 1),
    },
    {
      WebSocket: network.WebSocket,
      soon: (start) => start(),
      random: () => random,
      isVisible: () => true,
      keepAwake: () => () => undefined,
      onWake: (wake) => {
        wakes.add(wake);
        return () => void wakes.delete(wake);
      },
    },
  );
  return {
    connection,
    network,
    told,
    wakes,
    wake: (isRestored = false) => wakes.forEach((callBack) => callBack(isRestored)),
  };
}

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

describe("what a close code decides", () => {
  const codes = [
    ...Object.values(CLOSE_CODES).map(({ code }) => code),
    1002,
    1003,
    1005,
    1006,
    1008,
    1011,
    4000,
    4499,
    4500,
    4999,
  ];

  test.each([...new Set(codes)])("P4.1 after %i the client comes back or stops, as the table says", (code) => {
    const { network, told, wakes } = connect();
    network.socket.accept();
    network.socket.end(code, "why");
    jest.runOnlyPendingTimers();
    if (afterClose(code) === "retry") {
      expect(told.lost).toMatchObject([{ code, reason: "why", attempt: 1 }]);
      expect(network.sockets).toHaveLength(2);
      expect(told.closed).toEqual([]);
    } else {
      expect(told.closed).toEqual([{ code, reason: "why" }]);
      expect(told.lost).toEqual([]);
      expect(network.sockets).toHaveLength(1);
      expect(wakes.size).toBe(0);
    }
    expect(jest.getTimerCount()).toBe(afterClose(code) === "retry" ? 1 : 0);
  });

  test("P4.1 it never gives up while the code says come back", () => {
    const { connection, network, told } = connect();
    for (let attempt = 1; attempt <= 500; attempt++) {
      network.socket.end(1006);
      expect(told.lost.at(-1)?.attempt).toBe(attempt);
      jest.runOnlyPendingTimers();
    }
    network.socket.accept();
    connection.send("at last");
    expect(network.socket.sent).toEqual(["at last"]);
  });
});

describe("the back-off", () => {
  test("waits anything from nothing to a ceiling that doubles up to a limit", () => {
    expect(retryDelayMs(1, 1006, 0)).toBe(0);
    expect(retryDelayMs(1, 1006, ALMOST_ONE)).toBe(FIRST_DELAY_MS);
    expect(retryDelayMs(2, 1006, 0.5)).toBe(FIRST_DELAY_MS);
    expect(retryDelayMs(3, 1012, ALMOST_ONE)).toBe(4 * FIRST_DELAY_MS);
    expect(retryDelayMs(5_000, 1006, ALMOST_ONE)).toBe(MAX_DELAY_MS);
  });

  test.each([1011, 1013, 4029])("is patient where to be quick would do harm: %i", (code) => {
    expect(retryDelayMs(1, code, ALMOST_ONE)).toBe(FIRST_PATIENT_DELAY_MS);
    expect(retryDelayMs(5_000, code, ALMOST_ONE)).toBe(MAX_PATIENT_DELAY_MS);
  });

  test("goes on growing where the server opens and closes at once, for that is how it refuses", () => {
    const { network, told } = connect();
    for (let attempt = 1; attempt <= 3; attempt++) {
      network.socket.accept();
      network.socket.end(4008);
      jest.runOnlyPendingTimers();
    }
    expect(told.lost.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  });

  test("begins anew after a connection that held", () => {
    const { network, told } = connect();
    network.socket.end(1006);
    jest.runOnlyPendingTimers();
    network.socket.accept();
    jest.advanceTimersByTime(MIN_UPTIME_MS);
    network.socket.end(1006);
    expect(told.lost.map(({ attempt }) => attempt)).toEqual([1, 1]);
  });

  test("begins anew after one that was settled", () => {
    const { connection, network, told } = connect();
    network.socket.end(1006);
    jest.runOnlyPendingTimers();
    network.socket.accept();
    connection.settle();
    network.socket.end(1006);
    expect(told.lost.map(({ attempt }) => attempt)).toEqual([1, 1]);
  });

  test("an attempt that hangs is given up, and heard of no more", () => {
    const { connection, network, told } = connect();
    const hanging = network.socket;
    jest.advanceTimersByTime(CONNECT_TIMEOUT_MS);
    expect(told.lost).toMatchObject([{ code: 1006, attempt: 1 }]);
    expect(hanging.readyState).toBe(2);
    hanging.end(1006);
    hanging.accept();
    expect(told.lost).toHaveLength(1);
    expect(connection.isOpen).toBe(false);
    connection.send("early"); // does nothing
  });
});

describe("waking", () => {
  test("a page that wakes up tries at once", () => {
    const { network, wake } = connect();
    network.socket.end(1006);
    wake();
    expect(network.sockets).toHaveLength(2);
    jest.advanceTimersByTime(MAX_DELAY_MS - 1);
    expect(network.sockets).toHaveLength(2);
  });

  test("a socket that died without telling is noticed then", () => {
    const { network, told, wake } = connect();
    network.socket.accept();
    network.socket.die();
    wake();
    expect(told.lost).toMatchObject([{ code: 1006 }]);
    expect(network.sockets).toHaveLength(2);
  });

  test("a connection that seems to live is left alone, and its owner may ask it", () => {
    const { network, told, wake } = connect();
    wake();
    network.socket.accept();
    wake();
    expect(network.sockets).toHaveLength(1);
    expect(told).toMatchObject({ lost: [], woke: 1 });
  });

  test("its owner hears that the page was in the back/forward cache before it is asked for an address", () => {
    const { network, told, wake } = connect();
    network.socket.accept();
    network.socket.die();
    told.addresses.length = 0;
    wake(true);
    expect(told).toMatchObject({ restored: 1, addresses: ["restored 1"] });
  });

  test("what was tried before it was said to come from the back/forward cache is tried anew, however young it is", () => {
    const { network, told, wake } = connect();
    network.socket.accept();
    network.socket.die();
    wake();
    told.addresses.length = 0;
    wake(true);
    expect(network.sockets.map(({ readyState }) => readyState)).toEqual([3, 2, 0]);
    expect(told.addresses).toEqual(["restored 1"]);
  });

  test("an attempt whose socket died without telling is given up for a new one", () => {
    const { network, wake } = connect();
    network.socket.die();
    wake();
    expect(network.sockets.map(({ readyState }) => readyState)).toEqual([3, 0]);
  });

  test("an attempt that may have begun on another network is given up for a new one", () => {
    const { network, wake } = connect();
    jest.advanceTimersByTime(STALE_ATTEMPT_MS - 1);
    wake();
    expect(network.sockets).toHaveLength(1);
    jest.advanceTimersByTime(1);
    wake();
    expect(network.sockets.map(({ readyState }) => readyState)).toEqual([2, 0]);
  });
});

describe("one socket after the other", () => {
  test("the address is asked before each attempt", () => {
    const { network } = connect();
    network.socket.accept();
    network.socket.end(1012);
    jest.runOnlyPendingTimers();
    network.socket.accept();
    expect(network.sockets.map(({ url }) => url)).toEqual(["ws://tv/first", "ws://tv/second"]);
    expect(network.sockets.map(({ protocols }) => protocols)).toEqual([
      ["couchwire.v1", "couchwire.session.anna"],
      ["couchwire.v1", "couchwire.session.anna"],
    ]);
  });

  test("text arrives as text and binary as bytes", () => {
    const { network, told } = connect();
    expect(network.socket.binaryType).toBe("arraybuffer");
    network.socket.accept();
    network.socket.deliver("");
    network.socket.deliver(new Uint8Array([1, 2]));
    expect(told.received).toEqual(["", new Uint8Array([1, 2])]);
  });

  test("what is sent after the server's Close frame, and before the event that tells of it, is not put on the socket", () => {
    const { connection, network } = connect();
    network.socket.accept();
    connection.send("in time");
    expect(connection.isOpen).toBe(true);
    for (const state of [2, 3]) {
      network.socket.readyState = state;
      connection.send("too late");
      expect(connection.isOpen).toBe(false);
    }
    expect(network.socket.sent).toEqual(["in time"]);
  });

  test("closing is told at once, once, and leaves no timer and no listener", () => {
    for (const prepare of [
      () => undefined,
      ({ network }: ReturnType<typeof connect>) => network.socket.accept(),
      ({ network }: ReturnType<typeof connect>) => network.socket.end(1006),
    ]) {
      const parts = connect();
      prepare(parts);
      parts.connection.close();
      parts.connection.close();
      parts.network.socket.end(1006);
      expect(parts.told.closed).toEqual([{ code: 1000, reason: "" }]);
      expect(parts.connection.isClosed).toBe(true);
      parts.connection.send("late");
      expect(parts.network.socket.sent).toEqual([]);
      expect(parts.wakes.size).toBe(0);
      expect(jest.getTimerCount()).toBe(0);
      expect(parts.network.sockets).toHaveLength(1);
      expect(parts.network.socket.closedWith.filter((code) => code !== 1000)).toEqual([]);
    }
  });

  test("a connection given up on purpose is tried again as if the server had closed it", () => {
    const { connection, network, told } = connect();
    const [first] = network.sockets;
    network.socket.accept();
    connection.retry({ code: 1013, reason: "no room" });
    expect(first?.readyState).toBe(2);
    expect(first?.closedWith).toEqual([undefined]); // 1000 would mean that we leave for good
    expect(told.lost).toMatchObject([{ code: 1013, reason: "no room" }]);
    first?.end(1000);
    expect(told.closed).toEqual([]);
    jest.runOnlyPendingTimers();
    expect(network.sockets).toHaveLength(2);
  });
});

const nothing = (): undefined => undefined;
const NOBODY = { received: nothing, lost: nothing, woke: nothing, restored: nothing, closed: nothing };
const SURROUNDINGS = { random: () => 0, isVisible: () => true, keepAwake: () => nothing, onWake: () => nothing };

/** As `connect`, where the page's own code still runs. */
function connectLater() {
  const network = createFakeNetwork();
  const started: (() => void)[] = [];
  const told = { closed: [] as CloseReason[] };
  const connection = new ReconnectingSocket(
    () => ({ address: "ws://tv/BCDF", secrets: [] }),
    { ...NOBODY, closed: (close) => void told.closed.push(close) },
    { ...SURROUNDINGS, WebSocket: network.WebSocket, soon: (start) => void started.push(start) },
  );
  return { connection, network, told, start: () => started.forEach((callBack) => callBack()) };
}

describe("a page that leaves before it has its seat", () => {
  test.each(["close", "detach"] as const)("opens no socket at all where %s comes in the same breath", (how) => {
    const { connection, network, start, told } = connectLater();
    connection[how]();
    start();
    expect(network.sockets).toEqual([]);
    expect(told.closed).toHaveLength(how === "close" ? 1 : 0);
    expect(jest.getTimerCount()).toBe(0);
  });

  test("says so once the socket is open: closed while it connects, the server would keep a seat for a ghost", () => {
    const { connection, network } = connect();
    connection.close();
    expect(network.socket.closedWith).toEqual([]);
    network.socket.accept();
    expect(network.socket.closedWith).toEqual([1000]);
    expect(jest.getTimerCount()).toBe(0);
  });

  test("does not wait for ever for a socket that never opens", () => {
    const { connection, network } = connect();
    connection.close();
    jest.advanceTimersByTime(CONNECT_TIMEOUT_MS);
    expect(network.socket.closedWith).toEqual([undefined]);
  });

  test("says so over one more socket where the line is down and it had a seat", () => {
    const { connection, network } = connect();
    network.socket.accept();
    network.socket.end(1006);
    connection.close();
    expect(network.sockets).toHaveLength(2);
    network.socket.accept();
    expect(network.socket.closedWith).toEqual([1000]);
    network.socket.end(1000);
    expect(jest.getTimerCount()).toBe(0);
    expect(network.sockets).toHaveLength(2);
  });

  test("that detaches closes without a code, tells nobody and does not come back", () => {
    const { connection, network, told, wakes } = connect();
    network.socket.accept();
    connection.detach();
    connection.detach();
    expect(network.socket.closedWith).toEqual([undefined]);
    network.socket.end(1005);
    expect(told).toMatchObject({ closed: [], lost: [] });
    expect([jest.getTimerCount(), wakes.size, network.sockets.length]).toEqual([0, 0, 1]);
  });
});

test("a server that does not select couchwire.v1 is none, and the sentence says so", () => {
  const { network, told } = connect();
  network.socket.protocol = "";
  network.socket.accept();
  expect(told.lost).toMatchObject([{ code: 1006, reason: expect.stringContaining("did not select") }]);
  expect(told.causes).toEqual(["unreachable"]);
  expect(network.socket.readyState).toBe(2);
});

function refuse(): never {
  throw new DOMException("An insecure WebSocket connection may not be initiated.", "SecurityError");
}

test("an address that the WebSocket class refuses ends it, with what the class says", () => {
  const closed: CloseReason[] = [];
  const { WebSocket } = createFakeNetwork();
  const connection = new ReconnectingSocket(
    () => ({ address: "ws://tv/BCDF", secrets: [] }),
    { ...NOBODY, closed: (close) => void closed.push(close) },
    {
      ...SURROUNDINGS,
      WebSocket: new Proxy(WebSocket, { construct: refuse }),
      soon: (start) => void setTimeout(start, 0),
    },
  );
  jest.runAllTimers();
  expect(closed).toEqual([{ code: 1006, reason: expect.stringContaining("may not be initiated.") }]);
  expect(connection.isClosed).toBe(true);
});
