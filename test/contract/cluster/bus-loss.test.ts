/** A bus that goes away, is restarted, hangs, or is cut off from one node comes back by itself, with all subscriptions. */
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createClient } from "redis";
import { z } from "zod";
import { MAX_BYTES_UNDER_WAY } from "../../../src/cluster/bus-message.ts";
import { ClosedError } from "../../../src/cluster/connection-keeper.ts";
import { keepingLog } from "../../support/bus-log.ts";
import { Heard, nodeBus, SERVER_KINDS, startServer, until, whenBus, type ServerBus } from "../../support/bus-nodes.ts";
import type { BusServer } from "../../support/bus-server.ts";
import { onTestEnd } from "../../support/clean-up.ts";
import { freePort } from "../../support/nginx.ts";
import { swallowingLine } from "../../support/swallowing-line.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Notices within half a second, and may take a busy machine for a loss. */
const WATCHFUL = { pingMs: 150 };

/** Says it again until it is heard: what is said while the other node's bus is away is lost. */
async function reaches(from: ServerBus, heard: Heard, subject: string): Promise<void> {
  const before = heard.messages.length;
  const arrival = heard.atLeast(before + 1);
  const again = setInterval(() => void from.publish(subject, bytesOf("again")), 50);
  onTestEnd(() => clearInterval(again));
  await arrival;
  clearInterval(again);
}

describe.each(SERVER_KINDS)("row 89: a bus over %s", (kind) => {
  let server: BusServer;
  beforeAll(async () => {
    server = await startServer(kind, { isShared: true });
  });
  afterAll(() => server.close());

  test.each(["with its data", "empty"])(
    "is back by itself after its server was killed and restarted %s, with 1,000 subscriptions",
    async (data) => {
      const { log, lines } = keepingLog();
      const bus = await nodeBus(server.url, { log });
      const subjects = Array.from({ length: 1_000 }, (_, index) => `loss.${kind}.${index}`);
      const heard = subjects.map(() => new Heard());
      await Promise.all(
        subjects.map(async (subject, index) => bus.subscribe(subject, (message) => heard[index]?.listener(message))),
      );
      const statuses: boolean[] = [];
      bus.onStatus((isUp) => {
        statuses.push(isUp);
        // Up means that all subscriptions stand: what is said now arrives.
        if (isUp) for (const subject of subjects) void bus.publish(subject, bytesOf(subject));
      });
      expect(bus.isUp).toBe(true);

      await server.kill();
      await whenBus(bus, "down");
      for (const subject of subjects) void bus.publish(subject, bytesOf("lost"));
      const duringLoss = bus.subscribe("loss.new", () => {});

      await server.restart({ isEmpty: data === "empty" });
      await Promise.all(heard.map((ear) => ear.atLeast(1)));
      await duringLoss;
      expect(heard.map(({ texts }) => texts)).toEqual(subjects.map((subject) => [subject]));
      expect(statuses).toEqual([false, true]);
      const said = lines.filter((line) => line.includes("127.0.0.1"));
      expect(said.map((line) => /"msg":"([^"]*)"/.exec(line)?.[1])).toEqual([
        "the bus cannot be reached; couchwire tries again until it can",
        "the bus is back",
      ]);
    },
  );

  test("notices a server that takes bytes and answers nothing, and is back when it answers", async () => {
    const bus = await nodeBus(server.url, WATCHFUL);
    const heard = new Heard();
    await bus.subscribe("loss.paused", heard.listener);
    server.pause();
    await whenBus(bus, "down");
    server.resume();
    await whenBus(bus, "up");
    await reaches(bus, heard, "loss.paused");
    expect(new Set(heard.texts)).toEqual(new Set(["again"]));
  });

  test("notices a line that swallows bytes, and leaves the other nodes alone", async () => {
    const line = await swallowingLine(server.url);
    const [cut, other] = [await nodeBus(line.url, WATCHFUL), await nodeBus(server.url)];
    const heard = new Heard();
    await cut.subscribe("loss.cut", heard.listener);
    await other.subscribe("loss.cut", () => {});
    let isOtherSteady = true;
    other.onStatus(() => (isOtherSteady = false));
    line.swallow();
    await whenBus(cut, "down");
    line.mend();
    await whenBus(cut, "up");
    await reaches(other, heard, "loss.cut");
    expect(isOtherSteady).toBe(true);
  });

  test("takes up its subscriptions when its server is started after it, and `subscribe` waits for that", async () => {
    const late = await startServer(kind);
    await late.kill();
    const { log, lines } = keepingLog();
    const bus = await nodeBus(late.url, { log });
    const heard = new Heard();
    const subscribing = bus.subscribe("loss.late", heard.listener);
    await until(() => lines.length > 0);
    expect(bus.isUp).toBe(false);
    void bus.publish("loss.late", bytesOf("lost"));
    await late.restart();
    await subscribing;
    expect(bus.isUp).toBe(true);
    void bus.publish("loss.late", bytesOf("heard"));
    await heard.atLeast(1);
    expect(heard.texts).toEqual(["heard"]);
  });

  test("can be closed while its server is away, hangs, or was never there; what waits for it hears so", async () => {
    const nowhere = await nodeBus(`${kind}://127.0.0.1:${await freePort()}`);
    const hanging = await startServer(kind);
    hanging.pause();
    for (const bus of [nowhere, await nodeBus(hanging.url)]) {
      const waiting = bus.subscribe("loss.never", () => {});
      const refused = expect(waiting).rejects.toThrow(ClosedError);
      await bus.close();
      await refused;
      expect(bus.isUp).toBe(false);
      await expect(bus.subscribe("loss.never", () => {})).rejects.toThrow(ClosedError);
    }
  });

  test("keeps no more than 16 MiB for a server that does not keep up, drops what is past them and says so; the rest arrives in order", async () => {
    const slow = await startServer(kind);
    const { log, lines } = keepingLog();
    const bus = await nodeBus(slow.url, { log, pingMs: 60_000 });
    const heard = new Heard();
    await bus.subscribe("loss.slow", heard.listener);
    slow.pause();
    const size = 65_536;
    const count = (2 * MAX_BYTES_UNDER_WAY) / size;
    let answers: unknown;
    for (let index = 0; index < count; index++) {
      const data = new Uint8Array(size);
      new DataView(data.buffer).setUint32(0, index);
      answers = bus.publish("loss.slow", data);
      // The library writes by turns.
      if (index % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(answers).toBeDefined();
    expect(lines.filter((line) => line.includes("the bus does not keep up"))).toHaveLength(1);
    slow.resume();
    const fits = MAX_BYTES_UNDER_WAY / size;
    await heard.atLeast(fits);
    await answers; // There is room again.
    await bus.publish("loss.slow", bytesOf("last"));
    await until(() => heard.messages.at(-1)?.byteLength === "last".length);
    // A server takes some more before it stands still.
    const numbers = heard.messages.slice(0, -1).map((data) => Buffer.from(data).readUInt32BE(0));
    expect(numbers.slice(0, fits)).toEqual(Array.from({ length: fits }, (_, index) => index));
    expect(numbers).toEqual([...new Set(numbers)].toSorted((one, other) => one - other));
    expect(numbers.length).toBeLessThan(count);
  });
});

test("row 87: a node has two connections to Redis, however many subjects, and after a loss too", async () => {
  const server = await startServer("redis");
  const [one, other] = [await nodeBus(server.url, WATCHFUL), await nodeBus(server.url, WATCHFUL)];
  const client = createClient({ url: server.url });
  await client.connect();
  onTestEnd(() => client.destroy());
  for (let index = 0; index < 1_000; index++) await one.subscribe(`row.87.${index}`, () => {});
  await other.subscribe("row.87", () => {});
  const ofNodes = async (): Promise<number> =>
    (await client.clientList()).filter(({ name }) => name === "couchwire").length;
  expect(await ofNodes()).toBe(4);
  server.pause();
  await Promise.all([whenBus(one, "down"), whenBus(other, "down")]);
  server.resume();
  await Promise.all([whenBus(one, "up"), whenBus(other, "up")]);
  await until(async () => (await ofNodes()) === 4);
  await one.close();
  await until(async () => (await ofNodes()) === 2);
});

test("row 88: a node has one connection to NATS, however many subjects, and after a loss too", async () => {
  const port = await freePort();
  const server = await startServer("nats", { words: ["-m", String(port)] });
  const bus = await nodeBus(server.url, WATCHFUL);
  for (let index = 0; index < 1_000; index++) await bus.subscribe(`row.88.${index}`, () => {});
  const answer = z.looseObject({ num_connections: z.number() });
  const ofNodes = async (): Promise<number> =>
    answer.parse(await (await fetch(`http://127.0.0.1:${port}/connz`)).json()).num_connections;
  expect(await ofNodes()).toBe(1);
  server.pause();
  await whenBus(bus, "down");
  server.resume();
  await whenBus(bus, "up");
  await until(async () => (await ofNodes()) === 1);
  await bus.close();
  await until(async () => (await ofNodes()) === 0);
});

test("what a server says that is none is the end of the connection, and no more", async () => {
  const { createServer } = await import("node:net");
  for (const kind of SERVER_KINDS) {
    const nonsense = createServer(
      (socket) =>
        void socket.on("error", () => {}).write(`INFO {"\r\n-x\r\n$-5\r\n*1000000000\r\n${"é".repeat(1_000)}`),
    );
    nonsense.listen(0, "127.0.0.1");
    await once(nonsense, "listening");
    onTestEnd(() => nonsense.close());
    const address = nonsense.address();
    if (address === null || typeof address === "string") throw new Error("It has a port.");
    const { log, lines } = keepingLog();
    const bus = await nodeBus(`${kind}://127.0.0.1:${address.port}`, { log });
    await until(() => lines.length > 0);
    expect(bus.isUp).toBe(false);
    await bus.close();
  }
});
