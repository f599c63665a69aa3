/** Who is answered where all connections are taken. Real requests and responses, on sockets that lead nowhere. */
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { describe, expect, test } from "@jest/globals";
import { HttpConnections } from "../../src/http/http-connections.ts";
import { unlimitedMemory } from "../support/room/memory-budget.ts";

/** A house of so many connections, whose answers end when the test ends them. */
function house(maxConnections: number, webSockets = 0) {
  const clock = { ms: 0 };
  const addresses = new WeakMap<Socket, string>();
  const answering: ServerResponse[] = [];
  let idleClosed = 0;
  const budget = unlimitedMemory();
  const connections = new HttpConnections({
    maxConnections,
    webSocketCount: () => webSockets,
    budget,
    closeIdle: () => (idleClosed += 1),
    addressOf: ({ socket }) => addresses.get(socket) ?? "",
    now: () => clock.ms,
    answer: (_request, response) => void answering.push(response),
    isProbe: ({ url }) => url === "/healthz",
  });
  return {
    clock,
    answering,
    budget,
    idleClosed: () => idleClosed,
    /** A request from this address; `refused` tells whether it was answered 503. */
    ask: (address: string, socket = new Socket(), rawHeaders: string[] = [], url = "/") => {
      addresses.set(socket, address);
      const request = new IncomingMessage(socket);
      request.url = url;
      request.rawHeaders = rawHeaders;
      const response = new ServerResponse(request);
      connections.handle(request, response);
      return { socket, response, refused: () => response.statusCode === 503 };
    },
  };
}

describe("where all connections are taken", () => {
  test("a request is refused, and idle connections are asked to go first", () => {
    const { ask, idleClosed } = house(3, 1);
    expect([ask("10.0.0.1").refused(), ask("10.0.0.1").refused(), ask("10.0.0.1").refused()]).toEqual([
      false,
      false,
      true,
    ]);
    expect(idleClosed()).toBeGreaterThan(0);
  });

  test("P9.10 probes are answered, sixteen at one time, each on a connection that ends with it", () => {
    const { ask, answering } = house(1, 1);
    const probe = () => ask("10.0.0.1", new Socket(), [], "/healthz");
    const probes = Array.from({ length: 17 }, probe);
    expect(probes.map(({ refused }) => refused())).toEqual([...Array.from({ length: 16 }, () => false), true]);
    expect(answering.map((response) => response.getHeader("Connection"))).toEqual(Array(16).fill("close"));
    expect(ask("10.0.0.1").refused()).toBe(true);
    probes[0]?.socket.destroy();
    probes[0]?.response.emit("close");
    expect([probe().refused(), probe().refused()]).toEqual([false, true]);
  });

  test("a slow connection of the largest network gives way to another network", () => {
    const { ask, clock } = house(10);
    const slow = Array.from({ length: 9 }, () => ask("10.0.0.1"));
    clock.ms = 4_999;
    expect(ask("10.0.0.2").refused()).toBe(false); // the last place is kept for others
    expect(ask("10.0.0.3").refused()).toBe(true);
    clock.ms = 6_000;
    expect(ask("10.0.0.3").refused()).toBe(false);
    expect(slow.map(({ socket }) => socket.destroyed)).toEqual([true, ...Array.from({ length: 8 }, () => false)]);
  });

  test("a network that holds the most gets nothing of the last tenth", () => {
    const { ask } = house(10);
    for (let index = 0; index < 9; index++) expect(ask("10.0.0.1").refused()).toBe(false);
    expect(ask("10.0.0.1").refused()).toBe(true);
  });
});

test("requests that wait count with all of their headers, and are given back as they are answered", () => {
  const { ask, answering, budget } = house(10);
  const { socket } = ask("10.0.0.1");
  const before = budget.used;
  const thousands = Array.from({ length: 4_000 }, (_none, index) => `${index}`); // of two bytes each they came in 16 KiB
  for (let count = 0; count < 10; count++) ask("10.0.0.1", socket, thousands);
  const ofOne = (budget.used - before) / 10;
  expect(ofOne).toBeGreaterThan(4_000 * 48);
  answering[0]?.emit("finish");
  expect(budget.used).toBe(10 * ofOne);
  answering[1]?.emit("finish");
  expect(budget.used).toBe(9 * ofOne);
  for (const response of answering) response.emit("finish");
  socket.destroy();
});

test("the next request of a connection starts when the answer before it has been written", () => {
  const { ask, answering } = house(10);
  const { socket, response: first } = ask("10.0.0.1");
  const { response: second } = ask("10.0.0.1", socket);
  expect(answering).toEqual([first]);
  first.emit("finish");
  first.emit("close"); // told of twice, it starts one
  expect(answering).toEqual([first, second]);
});

test("a connection that sends too many requests ahead is ended, and nothing more of it is answered", () => {
  const { ask, answering } = house(10);
  const { socket } = ask("10.0.0.1");
  for (let index = 0; index < 300; index++) ask("10.0.0.1", socket);
  expect([socket.destroyed, answering.length]).toEqual([true, 1]);
});
