import { expect, test } from "@jest/globals";
import type { ChannelPosition } from "../../../../src/protocol/channels/channel-command.ts";
import {
  published,
  SHORT_LEASE_MS,
  startChannelCluster,
  type ChannelNode,
  type TestLine,
} from "../../../support/cluster/channel-nodes.ts";
import * as fc from "../../../support/property-testing.ts";
import { budget } from "../../../support/seeded-random.ts";

const CLIENTS = 4;
const CHANNEL = "news";

/** A client that follows the channel wherever it is connected, and checks that nothing is missing but what it was told. */
class Client {
  /** By epoch: the numbers that came, in order. */
  readonly heard: { readonly epoch: string; readonly offset: number; readonly data: unknown }[] = [];
  position: ChannelPosition | undefined;
  #line: TestLine | undefined;
  #taken = 0;

  get isConnected(): boolean {
    return this.#line?.isOpen === true;
  }

  async connect(node: ChannelNode): Promise<void> {
    this.leave();
    const line = node.connect();
    const since = this.position;
    const answer = await line.subscribe(CHANNEL, since).catch(() => undefined);
    if (answer === undefined) return line.cut();
    if (answer.recovered) expect({ epoch: answer.epoch, offset: answer.offset }).toEqual(since);
    this.#line = line;
    this.#taken = 0;
    this.position = { epoch: answer.epoch, offset: answer.offset };
    this.take();
  }

  /** Takes what has come. */
  take(): void {
    const pushed = (this.#line?.frames ?? []).filter(({ method }) => method === "publication");
    for (const { params } of pushed.slice(this.#taken)) {
      if (params === undefined || this.position === undefined) throw new Error("A publication has parameters.");
      expect(params.offset).toBe(this.position.offset + 1);
      this.position = { epoch: this.position.epoch, offset: params.offset };
      this.heard.push({ ...this.position, data: params.data });
    }
    this.#taken = pushed.length;
  }

  has(data: unknown): boolean {
    this.take();
    return this.heard.some((each) => each.data === data);
  }

  leave(): void {
    this.take();
    this.#line?.cut();
    this.#line = undefined;
  }
}

type Step =
  | { readonly do: "connect"; readonly client: number; readonly node: number }
  | { readonly do: "leave"; readonly client: number }
  | { readonly do: "publish"; readonly node: number; readonly count: number }
  | { readonly do: "drop" }
  | { readonly do: "restart"; readonly node: number }
  | { readonly do: "turn" };

const STEP: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("connect" as const),
      client: fc.nat(CLIENTS - 1),
      node: fc.nat(2),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("leave" as const), client: fc.nat(CLIENTS - 1) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("publish" as const),
      node: fc.nat(2),
      count: fc.integer({ min: 1, max: 5 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("drop" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restart" as const), node: fc.nat(2) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("turn" as const) }) },
);

test("P8.7 clients that move between nodes hear each publication once and in order, or are told of the gap", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(STEP, { minLength: 10, maxLength: 40 }), async (steps) => {
      const cluster = startChannelCluster(SHORT_LEASE_MS);
      const nodes = await Promise.all([0, 1, 2].map((number) => cluster.node(`n${number}`)));
      const clients = Array.from({ length: CLIENTS }, () => new Client());
      const nodeAt = (number: number): ChannelNode => nodes[number] ?? never();
      const clientAt = (number: number): Client => clients[number] ?? never();
      const publishing: Promise<unknown>[] = [];
      let last = 0;
      let restarts = 0;
      for (const step of steps) {
        if (step.do === "connect") await clientAt(step.client).connect(nodeAt(step.node));
        else if (step.do === "leave") clientAt(step.client).leave();
        else if (step.do === "drop") void cluster.bus.dropNext(({ data }) => data[1] === 2);
        else if (step.do === "turn") await new Promise(setImmediate);
        else if (step.do === "restart") {
          restarts += 1;
          await nodeAt(step.node).close();
          nodes[step.node] = await cluster.node(`n${step.node}r${restarts}`);
        } else {
          for (let each = 0; each < step.count; each++) {
            last += 1;
            publishing.push(published(nodeAt(step.node).channels, CHANNEL, last).catch(() => undefined));
          }
        }
      }
      await Promise.all(publishing);
      cluster.bus.fault = (message) => [message];
      await expectEndHeard(clients, nodes);
      expectOneStory(clients);
      for (const node of nodes) await node.close();
      for (const { budget: memory } of nodes) expect(memory.used).toBe(0);
    }),
    { numRuns: budget(12) },
  );
});

/** All clients come to hear the same thing. */
async function expectEndHeard(clients: readonly Client[], nodes: readonly ChannelNode[]): Promise<void> {
  for (let round = 0; !clients.every((client) => client.has(`end ${round}`));) {
    for (const [index, client] of clients.entries()) {
      const node = nodes[(index + round) % nodes.length];
      if (!client.isConnected && node !== undefined) await client.connect(node);
    }
    round += 1;
    for (const client of clients) client.take();
    const [node] = nodes;
    if (node !== undefined) await published(node.channels, CHANNEL, `end ${round}`).catch(() => undefined);
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  }
}

/** One number of one epoch is one publication for all, and no publication comes twice to a client in one epoch. */
function expectOneStory(clients: readonly Client[]): void {
  const story = new Map<string, unknown>();
  for (const { heard } of clients) {
    const own = new Set<string>();
    for (const { epoch, offset, data } of heard) {
      const place = `${epoch} ${offset}`;
      expect(own.has(place)).toBe(false);
      own.add(place);
      if (story.has(place)) expect(data).toBe(story.get(place));
      story.set(place, data);
    }
  }
  expect(new Set(story.values()).size).toBe(story.size); // none is published twice
}

function never(): never {
  throw new Error("There is no such node or client.");
}
