/** What every bus keeps, over memory, Redis, NATS, and one of ten lines that docs/EMBEDDING.md shows. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { nanoid } from "nanoid";
import { MAX_BUS_MESSAGE_BYTES } from "../../../src/cluster/bus-message.ts";
import { memoryBus } from "../../../src/cluster/memory/memory-bus.ts";
import type { Bus } from "../../../src/cluster/ports.ts";
import { Subjects } from "../../../src/cluster/subjects.ts";
import { Heard, nodeBus, startServer, whenBus, type ServerKind } from "../../support/bus-nodes.ts";
import type { BusServer } from "../../support/bus-server.ts";
import { onTestEnd } from "../../support/clean-up.ts";
import { threadBus } from "../../support/thread-bus.js";

const KINDS = ["memory", "redis", "nats", "of ten lines"] as const;
const OURS = KINDS.filter((kind) => kind !== "of ten lines");

const servers = new Map<string, BusServer>();
const isServer = (kind: string): kind is ServerKind => kind === "redis" || kind === "nats";

beforeAll(async () => {
  for (const kind of KINDS) if (isServer(kind)) servers.set(kind, await startServer(kind, { isShared: true }));
});
afterAll(() => Promise.all([...servers.values()].map((server) => server.close())));

/** The buses of so many nodes that share one. */
async function nodes(kind: (typeof KINDS)[number], count: number): Promise<Bus[]> {
  const server = servers.get(kind);
  if (server !== undefined) {
    const connected = await Promise.all(Array.from({ length: count }, () => nodeBus(server.url)));
    await Promise.all(connected.map((bus) => whenBus(bus, "up"))); // What is published before that is lost.
    return connected;
  }
  const name = nanoid();
  const buses: Bus[] =
    kind === "memory" ? Array<Bus>(count).fill(memoryBus()) : Array.from({ length: count }, () => threadBus(name));
  onTestEnd(() => buses.map((bus) => bus.close()));
  return buses;
}

async function node(kind: (typeof KINDS)[number]): Promise<Bus> {
  const [bus] = await nodes(kind, 1);
  if (bus === undefined) throw new Error("There is one.");
  return bus;
}

async function twoNodes(kind: (typeof KINDS)[number]): Promise<readonly [Bus, Bus]> {
  const [one, other] = await nodes(kind, 2);
  if (one === undefined || other === undefined) throw new Error("There are two.");
  return [one, other];
}

async function hear(bus: Bus, subject: string): Promise<Heard> {
  const heard = new Heard();
  await bus.subscribe(subject, heard.listener);
  return heard;
}

/** All tests share the servers, so that each has subjects of its own. */
const subjectsOfTest = (): Subjects => new Subjects(nanoid().replaceAll("_", "-"));
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe.each(KINDS)("row 86: a bus %s", (kind) => {
  test("brings a message once to each subscriber of its subject, on the node that published it too, and to no other", async () => {
    const [one, other] = await twoNodes(kind);
    const { prefix } = subjectsOfTest();
    const wanted = [await hear(one, `${prefix}.a`), await hear(one, `${prefix}.a`), await hear(other, `${prefix}.a`)];
    const unwanted = await Promise.all(
      [prefix, `${prefix}.b`, `${prefix}.a.a`, `${prefix}.A`, `a.${prefix}`].map((subject) => hear(other, subject)),
    );
    for (const text of ["one", "two"]) await one.publish(`${prefix}.a`, bytesOf(text));
    for (const heard of wanted) {
      await heard.atLeast(2);
      expect(heard.texts).toEqual(["one", "two"]);
    }
    expect(unwanted.flatMap(({ texts }) => texts)).toEqual([]);
  });

  test("keeps the order of each publisher", async () => {
    const [one, other] = await twoNodes(kind);
    const { all } = subjectsOfTest();
    const heard = await hear(one, all);
    const count = 2_000;
    for (let index = 0; index < count; index++) {
      void one.publish(all, bytesOf(`one ${index}`));
      void other.publish(all, bytesOf(`other ${index}`));
    }
    await heard.atLeast(2 * count);
    for (const who of ["one", "other"]) {
      const expected = Array.from({ length: count }, (_, index) => `${who} ${index}`);
      expect(heard.texts.filter((text) => text.startsWith(`${who} `))).toEqual(expected);
    }
  });

  test("leaves all bytes as they are: every value, none at all, and the part of a larger buffer", async () => {
    const [one, other] = await twoNodes(kind);
    const { all } = subjectsOfTest();
    const heard = await hear(other, all);
    const every = Uint8Array.from({ length: 256 }, (_, value) => value);
    for (const data of [every, new Uint8Array(), every.subarray(100, 140), bytesOf("\r\n+OK\r\nPUB x 1\r\n")])
      void one.publish(all, data);
    await heard.atLeast(4);
    expect(heard.messages.map((data) => Buffer.from(data).toString("latin1"))).toEqual(
      [every, new Uint8Array(), every.subarray(100, 140), bytesOf("\r\n+OK\r\nPUB x 1\r\n")].map((data) =>
        Buffer.from(data).toString("latin1"),
      ),
    );
  });

  test("carries a message of 1 MiB", async () => {
    const [one, other] = await twoNodes(kind);
    const { all } = subjectsOfTest();
    const heard = await hear(other, all);
    const large = new Uint8Array(MAX_BUS_MESSAGE_BYTES).map((_, index) => index % 251);
    void one.publish(all, large.slice());
    await heard.atLeast(1);
    expect(Buffer.compare(heard.messages[0] ?? new Uint8Array(), large)).toBe(0);
  });

  test("answers a subscription once it stands: what is published after that arrives", async () => {
    const [one, other] = await twoNodes(kind);
    const subjects = subjectsOfTest();
    for (let index = 0; index < 200; index++) {
      const heard = await hear(one, subjects.channel(String(index)));
      void other.publish(subjects.channel(String(index)), bytesOf("at once"));
      await heard.atLeast(1);
      expect(heard.texts).toEqual(["at once"]);
    }
  });

  test("ends one subscription and leaves the others of its subject, and may be told so twice", async () => {
    const bus = await node(kind);
    const { all } = subjectsOfTest();
    const [gone, stays] = [new Heard(), new Heard()];
    const unsubscribe = await bus.subscribe(all, gone.listener);
    await bus.subscribe(all, stays.listener);
    unsubscribe();
    unsubscribe();
    await bus.publish(all, bytesOf("one"));
    await stays.atLeast(1);
    const again = await hear(bus, all);
    unsubscribe();
    await bus.publish(all, bytesOf("two"));
    await again.atLeast(1);
    expect([gone.texts, stays.texts, again.texts]).toEqual([[], ["one", "two"], ["two"]]);
  });

  test("forgets and takes up a subject again and again", async () => {
    const bus = await node(kind);
    const { all } = subjectsOfTest();
    for (let round = 0; round < 50; round++) {
      const heard = new Heard();
      const unsubscribe = await bus.subscribe(all, heard.listener);
      await bus.publish(all, bytesOf(String(round)));
      await heard.atLeast(1);
      unsubscribe();
      expect(heard.texts).toEqual([String(round)]);
    }
  });

  test("holds 1,000 subjects apart", async () => {
    const [one, other] = await twoNodes(kind);
    const subjects = subjectsOfTest();
    const names = Array.from({ length: 1_000 }, (_, index) => `channel ${index}`);
    const heard = await Promise.all(names.map((name) => hear(one, subjects.channel(name))));
    for (const name of names) void other.publish(subjects.channel(name), bytesOf(name));
    await Promise.all(heard.map((ear) => ear.atLeast(1)));
    expect(heard.flatMap(({ texts }) => texts)).toEqual(names);
  });
});

describe.each(OURS)("a bus %s of ours", (kind) => {
  test("row 92: rooms and channels of any name do not hear each other", async () => {
    const bus = await node(kind);
    const subjects = subjectsOfTest();
    const names = [
      "user:bob",
      "bob",
      "user.bob",
      "user bob",
      ">",
      "*",
      "",
      ".",
      "?ser:bob",
      "x".repeat(600),
      "\ud800",
      "\ud801",
    ];
    const heard = await Promise.all(
      names.flatMap((name) => [hear(bus, subjects.channel(name)), hear(bus, subjects.node(name))]),
    );
    for (const name of names) {
      void bus.publish(subjects.channel(name), bytesOf(`channel ${name}`));
      void bus.publish(subjects.node(name), bytesOf(`node ${name}`));
    }
    await Promise.all(heard.map((ear) => ear.atLeast(1)));
    expect(heard.map(({ texts }) => texts)).toEqual(
      names
        .flatMap((name) => [[`channel ${name}`], [`node ${name}`]])
        .map((texts) => texts.map((text) => Buffer.from(text).toString())),
    );
  });

  test("refuses a message of more than 1 MiB, and a subject that is none, with what is allowed", async () => {
    const bus = await node(kind);
    const { all } = subjectsOfTest();
    await bus.subscribe(all, () => {});
    expect(() => bus.publish(all, new Uint8Array(MAX_BUS_MESSAGE_BYTES + 1))).toThrow(
      "A message on the bus has up to 1048576 bytes, not 1048577.",
    );
    expect(() => bus.publish("a.>", new Uint8Array(1))).toThrow(/^A subject of the bus is 1 to 200 letters/);
    await expect((async () => bus.subscribe("a.*", () => {}))()).rejects.toThrow(
      /^A subject of the bus is 1 to 200 letters/,
    );
  });

  test("goes on where a listener throws", async () => {
    const bus = await node(kind);
    const { all } = subjectsOfTest();
    await bus.subscribe(all, () => {
      throw new Error("a listener that fails");
    });
    const heard = await hear(bus, all);
    for (const text of ["one", "two"]) void bus.publish(all, bytesOf(text));
    await heard.atLeast(2);
    expect(heard.texts).toEqual(["one", "two"]);
  });

  test("ends all by close, which may be told twice: nothing is heard or said any more", async () => {
    const bus = await node(kind);
    const { all } = subjectsOfTest();
    const heard = await hear(bus, all);
    await bus.publish(all, bytesOf("before"));
    await heard.atLeast(1);
    await bus.close();
    await bus.close();
    await bus.publish(all, bytesOf("after"));
    expect(heard.texts).toEqual(["before"]);
  });
});
