/** Nodes of one process that share channels, and lines that follow them as clients do. */
import { z } from "zod";
import { LineToken } from "../../../src/admission/line-token.ts";
import { TokenGate } from "../../../src/admission/token-gate.ts";
import { ChannelLine } from "../../../src/channels/channel-line.ts";
import type { ChannelService } from "../../../src/channels/channel-service.ts";
import { NodeChannels } from "../../../src/cluster/channels/node-channels.ts";
import { Homes } from "../../../src/cluster/homes.ts";
import { NodeMail } from "../../../src/cluster/mail/node-mail.ts";
import { MemoryDirectory } from "../../../src/cluster/memory/memory-directory.ts";
import { NodeLease } from "../../../src/cluster/node-lease.ts";
import type { Directory } from "../../../src/cluster/ports.ts";
import { createTokens } from "../../../src/index.ts";
import type { CloseName } from "../../../src/protocol/close-codes.ts";
import type { ChannelPosition } from "../../../src/protocol/channels/channel-command.ts";
import { isLater } from "../../../src/protocol/eventually.ts";
import type { MemoryBudget } from "../../../src/room/memory-budget.ts";
import type { Clock } from "../../../src/room/ports.ts";
import { onTestEnd } from "../clean-up.ts";
import { JWT_SECRET } from "../member-client.ts";
import { ArrivingFakePort } from "../room/arriving-port.ts";
import { unlimitedMemory } from "../room/memory-budget.ts";
import { FaultyBus } from "./faulty-bus.ts";

/** Long enough that no test waits for it by accident. */
const LONG_LEASE_MS = 60_000;
/** Of a test that waits until a node counts as lost. */
export const SHORT_LEASE_MS = 500;
const KEEP_MS = 3_600_000;

export const REAL_CLOCK: Clock = {
  now: () => performance.now(),
  time: () => Date.now(),
  after(delayMs, action) {
    const timer = setTimeout(action, delayMs);
    return () => clearTimeout(timer);
  },
};

const judge = (): Promise<never> => Promise.reject(new Error("no token is judged here"));

const tokens = createTokens({ secret: JWT_SECRET });

async function lineToken(): Promise<LineToken> {
  const gate = new TokenGate({ tokens, guessLimit: 0, now: () => 0 });
  const judged = await gate.judge(await tokens.sign({ sub: "ann", channels: ["*"], publish: ["*"] }), "");
  if (!judged.ok) throw new Error(judged.failure.reason);
  return new LineToken({ token: judged.value, gate, address: "" });
}

const TOKEN = await lineToken();

export interface ChannelNode {
  readonly channels: ChannelService;
  readonly budget: MemoryBudget;
  /** A line that is connected here. */
  connect(): TestLine;
  /** It is cut off from the bus and from the directory, and comes back. */
  setReachable(isReachable: boolean): void;
  /** It is gone without a word. */
  kill(): Promise<void>;
  /** It goes in order. */
  close(): Promise<void>;
}

export interface ChannelCluster {
  readonly bus: FaultyBus;
  readonly directory: Directory;
  readonly node: (name: string) => Promise<ChannelNode>;
}

export function startChannelCluster(leaseMs = LONG_LEASE_MS): ChannelCluster {
  const bus = new FaultyBus();
  const terms = { leaseMs, keepMs: KEEP_MS };
  const directory = new MemoryDirectory(terms, REAL_CLOCK);

  async function node(name: string): Promise<ChannelNode> {
    const end = bus.end();
    const budget = unlimitedMemory();
    const mail = new NodeMail({
      bus: end,
      prefix: "test",
      leaseMs,
      budget,
      now: () => REAL_CLOCK.now(),
      onFault() {},
      onBug(error) {
        throw error;
      },
    });
    const seen = cutOff(directory, () => end.isUp);
    const homes: Homes = new Homes({
      directory: seen,
      terms,
      clock: REAL_CLOCK,
      node: () => lease.node,
      companionOf: () => undefined,
      onFailure() {},
    });
    let life = 0;
    const lease = new NodeLease({
      directory: seen,
      terms,
      clock: REAL_CLOCK,
      draw: () => `${name}-${(life += 1)}`,
      async onLife(self) {
        await mail.start(self);
        await homes.reclaim();
      },
      onFailure() {},
    });
    const channels = new NodeChannels({ mail, homes, bus: end, leaseMs, clock: REAL_CLOCK, budget, onFailure() {} });
    await lease.start();
    const lines = new Set<TestLine>();
    let isOver = false;
    const end_ = async (): Promise<void> => {
      if (isOver) return;
      isOver = true;
      for (const line of lines) line.cut();
      await homes.close();
      channels.close();
      await new Promise(setImmediate); // what it says last leaves
      await lease.end();
      await mail.close();
    };
    onTestEnd(end_);
    return {
      channels,
      budget,
      connect() {
        const line = new TestLine(channels, budget);
        lines.add(line);
        return line;
      },
      setReachable(isReachable) {
        end.setUp(isReachable);
        if (isReachable) lease.check();
      },
      async kill() {
        end.setUp(false);
        await end_();
      },
      close: end_,
    };
  }
  return { bus, directory, node };
}

/** The directory, as long as it can be reached. */
function cutOff(directory: Directory, isReachable: () => boolean): Directory {
  const when = async <T>(ask: () => Promise<T>): Promise<T> => {
    if (!isReachable()) throw new Error("The directory cannot be reached.");
    return ask();
  };
  return {
    enrol: (node) => when(() => directory.enrol(node)),
    renew: (node) => when(() => directory.renew(node)),
    resign: (node) => when(() => directory.resign(node)),
    nodes: () => when(() => directory.nodes()),
    claim: (node, entries) => when(() => directory.claim(node, entries)),
    find: (key) => when(() => directory.find(key)),
    takeOver: (node, key, fence) => when(() => directory.takeOver(node, key, fence)),
    reclaim: (node, entry) => when(() => directory.reclaim(node, entry)),
    save: (node, key, fence, record) => when(() => directory.save(node, key, fence, record)),
    release: (node, key, fence) => when(() => directory.release(node, key, fence)),
    alias: (alias, key) => when(() => directory.alias(alias, key)),
    unalias: (alias, key) => when(() => directory.unalias(alias, key)),
    resolve: (alias) => when(() => directory.resolve(alias)),
    age: () => when(() => directory.age()),
    close: () => directory.close(),
  };
}

interface Frame {
  readonly id?: number;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly message: string };
  readonly method?: string;
  readonly params?: { readonly channel: string; readonly data: unknown; readonly offset: number };
}

/** What a line that follows a channel is answered. */
const ANSWERED = z.strictObject({
  subscribed: z.literal(true),
  epoch: z.string(),
  offset: z.number(),
  recovered: z.boolean(),
});
type Answered = z.infer<typeof ANSWERED>;

/** One line, from its client's side. */
export class TestLine {
  /** All frames that came, in order. */
  readonly frames: Frame[] = [];
  readonly port: ArrivingFakePort;
  readonly #line: ChannelLine;
  readonly #watchers = new Set<() => void>();
  #id = 0;
  #isCut = false;

  constructor(channels: ChannelService, budget: MemoryBudget) {
    const onChange = (): void => {
      for (const watcher of this.#watchers) watcher();
    };
    const { frames } = this;
    this.port = new (class extends ArrivingFakePort {
      override send(data: Uint8Array): void {
        frames.push(JSON.parse(new TextDecoder().decode(data)));
        onChange();
      }

      override close(name: CloseName, reason?: string): void {
        super.close(name, reason);
        onChange();
      }
    })();
    this.#line = new ChannelLine(
      this.port,
      { address: "", token: TOKEN, judge },
      { channels, clock: REAL_CLOCK, budget },
    );
    this.tell("connect");
  }

  tell(method: string, params?: unknown): number {
    this.#id += 1;
    this.#line.message(new TextEncoder().encode(JSON.stringify({ id: this.#id, method, params })), true);
    return this.#id;
  }

  async call(method: string, params?: unknown): Promise<Frame> {
    const id = this.tell(method, params);
    await this.until(() => this.frames.some((frame) => frame.id === id));
    const answer = this.frames.find((frame) => frame.id === id);
    if (answer === undefined) throw new Error("There is no answer.");
    return answer;
  }

  async subscribe(channel: string, since?: ChannelPosition): Promise<Answered> {
    const { result, error } = await this.call("subscribe", { channel, since });
    if (result === undefined) throw new Error(error?.message);
    return ANSWERED.parse(result);
  }

  async publish(channel: string, data: unknown): Promise<number> {
    const { result, error } = await this.call("publish", { channel, data });
    if (result === undefined) throw new Error(error?.message);
    return Number(result["delivered"]);
  }

  async presence(channel: string): Promise<unknown> {
    return (await this.call("presence", { channel })).result?.["clients"];
  }

  /** What was published on the channel, as far as it has come. */
  heard(channel: string): unknown[] {
    return this.frames.flatMap(({ method, params }) =>
      method === "publication" && params?.channel === channel ? [params.data] : [],
    );
  }

  offsets(channel: string): number[] {
    return this.frames.flatMap(({ method, params }) =>
      method === "publication" && params?.channel === channel ? [params.offset] : [],
    );
  }

  /** Resolves when it is so; looks whenever something comes. Rejects when the line is closed before. */
  until(isSo: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const { closing } = this.port;
        if (!isSo() && closing === undefined) return;
        this.#watchers.delete(look);
        if (isSo()) resolve();
        else reject(new Error(`The line was closed: ${closing?.name}.`));
      };
      this.#watchers.add(look);
      look();
    });
  }

  /** Why the line was closed. */
  async closed(): Promise<CloseName | undefined> {
    await this.until(() => this.port.closing !== undefined);
    return this.port.closing?.name;
  }

  get isOpen(): boolean {
    return !this.#isCut && this.port.closing === undefined;
  }

  /** The connection is gone. */
  cut(): void {
    this.#isCut = true;
    this.#line.gone();
  }
}

/** Publishes what this node's own program publishes; the number of lines. */
export async function published(channels: ChannelService, channel: string, data: unknown): Promise<number> {
  const delivered = channels.publishJson(channel, new TextEncoder().encode(JSON.stringify(data)));
  return isLater(delivered) ? await delivered : delivered;
}
