/** Channels over nodes that share a real Redis or NATS: lines at all of them, that move, and a home that is killed. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { WebSocket } from "ws";
import type { Bus } from "../../../src/cluster/ports.ts";
import { ChannelClient, type ChannelFrame } from "../../support/channel-client.ts";
import { HostClient } from "../../support/host-client.ts";
import { eventually } from "../../support/inbox.ts";
import { JWT_SECRET } from "../../support/member-client.ts";
import { newPrefix, startNode, startNodeProcess, type Node, type NodeHere } from "../../support/nodes.ts";
import { startNats } from "../../support/nats-server.ts";
import { startRedis } from "../../support/redis-server.ts";
import { startBackend, type ClusterBackend } from "../../support/split-cluster.ts";

const BACKENDS: readonly Exclude<ClusterBackend, "memory">[] = ["redis", "nats"];
const PUBLICATIONS = 300;
const LINES = 20;
const API_KEY = "a-key-of-the-tests-of-channels-over-nodes";

/** A client that follows a channel from node to node, and writes down what comes. */
class Follower {
  readonly #channel: string;
  readonly data: unknown[] = [];
  /** Times it was told that something is missing. */
  gaps = 0;
  client: ChannelClient | undefined;
  #position: { readonly epoch: string; readonly offset: number } | undefined;

  constructor(channel: string) {
    this.#channel = channel;
  }

  /** Comes to this node, with the position that it has. */
  async moveTo(node: Node): Promise<void> {
    await this.client?.close();
    const since = this.#position;
    this.client = await ChannelClient.connect(node, {}, { onFrame: (frame) => this.#note(frame) });
    const { recovered } = await this.client.subscribe(this.#channel, since);
    if (since !== undefined && !recovered) this.gaps += 1;
  }

  get epoch(): string | undefined {
    return this.#position?.epoch;
  }

  async hears(data: unknown): Promise<void> {
    await eventually(`${JSON.stringify(data)} has come`, async () => this.data.includes(data));
  }

  #note({ result, method, params }: ChannelFrame): void {
    if (result?.["subscribed"] === true) {
      this.#position = { epoch: String(result["epoch"]), offset: Number(result["offset"]) };
    }
    if (method !== "publication" || params === undefined || this.#position === undefined) return;
    expect(params["offset"]).toBe(this.#position.offset + 1);
    this.#position = { epoch: this.#position.epoch, offset: this.#position.offset + 1 };
    this.data.push(params["data"]);
  }
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe.each(BACKENDS)("channels over %s", (kind) => {
  let backend: Awaited<ReturnType<typeof startBackend>>;

  beforeAll(async () => {
    backend = await startBackend(kind);
  }, 120_000);

  afterAll(() => backend.close());

  const cluster = (): { readonly bus: string; readonly busPrefix: string; readonly jwtSecret: string } => ({
    bus: backend.url ?? "",
    busPrefix: newPrefix(),
    jwtSecret: JWT_SECRET,
  });

  async function startTwo(): Promise<readonly [NodeHere, NodeHere]> {
    const options = { ...cluster(), apiKey: API_KEY };
    return Promise.all([startNode(options), startNode(options)]);
  }

  test("row 93: counts are exact over two nodes with three lines each, whoever publishes", async () => {
    const [one, other] = await startTwo();
    const clients: ChannelClient[] = [];
    for (const node of [one, one, one, other, other, other]) clients.push(await ChannelClient.connect(node));
    for (const client of clients) await client.subscribe("news");
    for (const client of clients) expect(await client.publish("news", 1)).toEqual({ delivered: 6 });
    for (const { server } of [one, other]) expect(await server.channels.publish("news", 2)).toEqual({ delivered: 6 });
    for (const { url } of [one, other]) {
      const answer = await fetch(`${url}/api/publish`, {
        method: "POST",
        headers: { "x-api-key": API_KEY, "content-type": "application/json" },
        body: JSON.stringify({ channels: ["news", "other"], data: 3 }),
      });
      expect(await answer.json()).toEqual({ ok: true, delivered: 6 });
    }
    for (const client of clients) {
      const offsets: unknown[] = [];
      while (offsets.at(-1) !== 10) {
        const { method, params } = await client.next();
        if (method === "publication") offsets.push(params?.["offset"]);
      }
      expect(new Set(offsets).size).toBe(offsets.length);
      expect((await client.call("presence", { channel: "news" })).result).toEqual({ clients: 6 });
    }
  });

  test("row 90: 200 lines at one node hear what the other says right after they were answered", async () => {
    const [one, other] = await startTwo();
    for (let line = 0; line < 4; line++) {
      const client = await ChannelClient.connect(other);
      for (let number = 0; number < 50; number++) {
        const channel = `welcome ${line} ${number}`;
        await client.subscribe(channel);
        expect(await one.server.channels.publish(channel, number)).toEqual({ delivered: 1 });
        expect(await client.publication()).toMatchObject({ channel, data: number });
      }
    }
  });

  test("row 92: what is published on a channel of an odd name is heard there alone", async () => {
    const [one, other] = await startTwo();
    const names = [">", "*", "a.b", "a", "a.>", "room:BCDF:*", "é\u0000\n", "x".repeat(256)];
    const clients = await Promise.all(names.map(() => ChannelClient.connect(other)));
    for (const [index, client] of clients.entries()) await client.subscribe(names[index] ?? "");
    for (const name of names) expect(await one.server.channels.publish(name, name)).toEqual({ delivered: 1 });
    for (const [index, client] of clients.entries()) {
      expect(await client.publication()).toEqual({ channel: names[index], data: names[index], offset: 1 });
      expect((await client.call("ping")).result).toEqual({});
      expect(client.frames.drain()).toEqual([]);
    }
  });

  test("P8.5 a host publishes to pages at another node, which are told when its room ends", async () => {
    const [one, other] = await startTwo();
    const host = await HostClient.connect(one);
    host.send({ cmd: "prepare", name: "sketch", max_players: 2 });
    const code = String((await host.until("prepare_reply"))["key"]);
    const client = await ChannelClient.connect(other);
    await client.subscribe(`room:${code}:score`);
    host.send({ cmd: "publish", channel: "score", data: { round: 1 } });
    expect(await client.publication()).toMatchObject({ data: { round: 1 } });
    host.send({ cmd: "publish", channel: "score", data: "last" });
    await host.close();
    expect((await client.next()).params).toMatchObject({ data: "last" });
    expect(await client.next()).toEqual({ method: "unsubscribed", params: { channel: `room:${code}:score` } });
  });

  test(`P8.7 ${LINES} lines move between three nodes while ${PUBLICATIONS} publications come from all of them: each hears each once and in order`, async () => {
    const options = cluster();
    const nodes = await Promise.all([startNode(options), startNode(options), startNode(options)]);
    const nodeAt = (number: number): NodeHere => nodes[number % nodes.length] ?? never();
    const followers = Array.from({ length: LINES }, () => new Follower("news"));
    await Promise.all(followers.map((follower, index) => follower.moveTo(nodeAt(index))));
    const publish = async (): Promise<void> => {
      for (const number of upTo(PUBLICATIONS)) await nodeAt(number).server.channels.publish("news", number);
    };
    const move = async (follower: Follower, index: number): Promise<void> => {
      for (let times = 1; times <= 6; times++) await follower.moveTo(nodeAt(index + times));
    };
    await Promise.all([publish(), ...followers.map(move)]);
    for (const follower of followers) {
      await follower.hears(PUBLICATIONS);
      expect(follower.data).toEqual(upTo(PUBLICATIONS));
      expect(follower.gaps).toBe(0);
    }
  });

  test("P8.7 a node that goes in order leaves its channels to another: lines there notice nothing", async () => {
    const [one, other] = await startTwo();
    const [first, second] = [new Follower("news"), new Follower("news")];
    await first.moveTo(one);
    await second.moveTo(other);
    for (const number of upTo(10)) await one.server.channels.publish("news", number);
    await first.hears(10);
    const { epoch } = second;
    await one.close();
    await first.moveTo(other);
    await eventually("the channel is at home again", async () => {
      const { delivered } = await other.server.channels.publish("news", "again");
      return delivered === 2;
    });
    await Promise.all([first.hears("again"), second.hears("again")]);
    expect([first.epoch, second.epoch]).toEqual([epoch, epoch]);
    expect([first.gaps, second.gaps]).toEqual([0, 0]);
    expect(second.data.slice(0, 11)).toEqual([...upTo(10), "again"]);
  });

  test("P8.7 the home of a channel is killed: lines at other nodes get 1012, are told of the gap, and go on", async () => {
    const options = cluster();
    const home = await startNodeProcess({
      COUCHWIRE_BUS: options.bus,
      COUCHWIRE_BUS_PREFIX: options.busPrefix,
      COUCHWIRE_JWT_SECRET: JWT_SECRET,
    });
    await (await ChannelClient.connect(home)).subscribe("news"); // the first that needs it makes the node its home
    const nodes = await Promise.all([startNode(options), startNode(options)]);
    const followers = nodes.map(() => new Follower("news"));
    await Promise.all(followers.map((follower, index) => follower.moveTo(nodes[index] ?? never())));
    const [one, other] = nodes;
    expect(await one.server.channels.publish("news", "before")).toEqual({ delivered: 3 });
    await Promise.all(followers.map((follower) => follower.hears("before")));
    home.process.kill("SIGKILL");
    for (const follower of followers) expect((await follower.client?.closed)?.code).toBe(1012);
    await Promise.all(followers.map((follower, index) => follower.moveTo(nodes[index + 1] ?? one)));
    expect(followers.map(({ gaps }) => gaps)).toEqual([1, 1]);
    expect(await other.server.channels.publish("news", "after")).toEqual({ delivered: 2 });
    await Promise.all(followers.map((follower) => follower.hears("after")));
  });
});

test.each(["redis", "nats"] as const)(
  "row 89: %s goes away and comes back: lines at the home hear on, and those elsewhere miss nothing that they are not told of",
  async (kind) => {
    const bus = await (kind === "redis" ? startRedis() : startNats());
    const options = { bus: bus.url, busPrefix: newPrefix(), jwtSecret: JWT_SECRET };
    const [home, other] = await Promise.all([startNode(options), startNode(options)]);
    const [near, far] = [new Follower("news"), new Follower("news")];
    await near.moveTo(home);
    await far.moveTo(other);
    await home.server.channels.publish("news", "before");
    await far.hears("before");
    await bus.kill();
    await home.server.channels.publish("news", "alone");
    await near.hears("alone");
    await bus.restart();
    await eventually("lines at both nodes get what is published", async () => {
      for (const [follower, node] of [
        [near, home],
        [far, other],
      ] as const) {
        const isClosed = follower.client?.socket.readyState !== WebSocket.OPEN;
        if (isClosed) await follower.moveTo(node).catch(() => {});
      }
      const published = home.server.channels.publish("news", "after");
      return (await published.catch(() => ({ delivered: 0 }))).delivered === 2;
    });
    await Promise.all([near.hears("after"), far.hears("after")]);
    expect(near.data.slice(0, 2)).toEqual(["before", "alone"]);
    expect(far.data.includes("alone") || far.gaps > 0).toBe(true);
  },
);

test("row 86: servers that share a bus of ten lines, and no directory, carry channels", async () => {
  const listeners = new Map<string, Set<(data: Uint8Array) => void>>();
  const bus: Bus = {
    publish: (subject, data) => listeners.get(subject)?.forEach((listener) => listener(data)),
    subscribe(subject, listener) {
      const all = listeners.get(subject) ?? new Set();
      listeners.set(subject, all.add(listener));
      return () => all.delete(listener);
    },
    close: () => listeners.clear(),
  };
  const options = { jwtSecret: JWT_SECRET };
  const nodes = await Promise.all([startNode(options, { bus }), startNode(options, { bus })]);
  const followers = nodes.map(() => new Follower("news"));
  for (const [index, follower] of followers.entries()) await follower.moveTo(nodes[index] ?? never());
  const [one] = nodes;
  for (const number of upTo(20)) expect(await one.server.channels.publish("news", number)).toEqual({ delivered: 1 });
  for (const follower of followers) {
    await follower.hears(20);
    expect(follower.data).toEqual(upTo(20));
  }
  await one.close();
  const [, other] = nodes;
  expect(await other.server.channels.publish("news", "still")).toEqual({ delivered: 1 });
});

function never(): never {
  throw new Error("There is no such node.");
}
