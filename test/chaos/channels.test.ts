/**
 * A thousand lines follow what is published ten thousand times, and each is cut twenty times, wherever it is: each publication arrives once and in order.
 * Here a line follows one of a hundred channels, so that it gets a hundredth of the publications; `npm run test:long` has all of them on one channel.
 */
import { expect, jest } from "@jest/globals";
import { WebSocket } from "ws";
import { channelToken } from "../support/channel-client.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { eventually } from "../support/inbox.ts";
import { JWT_SECRET } from "../support/member-client.ts";
import { budget, repeatWith, SEED, SeededRandom } from "../support/seeded-random.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { testInProcess } from "../support/target.ts";

const LINES = 1_000;
const PUBLICATIONS = 10_000;
const CUTS = 20;
const CHANNELS = budget(1) > 1 ? 1 : 100;
const PER_CHANNEL = PUBLICATIONS / CHANNELS;
/** What is published is not further ahead of the slowest line: more than a thousand are not kept. */
const MOST_AHEAD = Math.min(PER_CHANNEL / 5, 400);

/** Publications are kept for so long: on a machine that is too busy a line may be back too late. */
const KEPT_MS = 60_000;

jest.setTimeout(budget(300_000));

/** One line and its returns. It stops at the first publication that is not the next one. */
class Follower {
  readonly #url: string;
  readonly #token: string;
  readonly #channel: string;
  readonly #cutAt: Set<number>;
  /** When each publication was published, by its number. */
  readonly #publishedAt: readonly number[];
  #socket: WebSocket | undefined;
  #epoch: string | undefined;
  /** The number of the last publication that has come. */
  offset = 0;
  cuts = 0;
  fault: string | undefined;
  isSubscribed = false;

  constructor(
    server: TestServer,
    { token, channel, publishedAt }: { token: string; channel: string; publishedAt: readonly number[] },
    random: SeededRandom,
  ) {
    this.#publishedAt = publishedAt;
    this.#url = `${server.ws}/ws`;
    this.#token = token;
    this.#channel = channel;
    this.#cutAt = new Set();
    while (this.#cutAt.size < CUTS) this.#cutAt.add(random.below(PER_CHANNEL));
  }

  connect(): void {
    const socket = new WebSocket(this.#url, { perMessageDeflate: false });
    this.#socket = socket;
    this.isSubscribed = false;
    socket.on("open", () => {
      const since = this.#epoch === undefined ? undefined : { epoch: this.#epoch, offset: this.offset };
      socket.send(JSON.stringify({ id: 1, method: "connect", params: { token: this.#token } }));
      socket.send(JSON.stringify({ id: 2, method: "subscribe", params: { channel: this.#channel, since } }));
      // The line may be cut before it is answered, too.
      if (this.cuts < CUTS && this.#cutAt.has(this.offset)) this.#cut();
    });
    socket.on("message", (data: Buffer) => {
      if (socket === this.#socket) this.#hear(JSON.parse(data.toString()));
    });
    socket.on("close", (code: number) => {
      if (socket !== this.#socket) return;
      if (code !== 4031) this.fault ??= `closed with ${code}`;
      else this.connect();
    });
    socket.on("error", (error) => (socket === this.#socket ? (this.fault ??= error.message) : undefined));
  }

  end(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.terminate();
  }

  #hear(frame: {
    id?: number;
    result?: { epoch: string; recovered: boolean; offset: number };
    params?: { offset: number; data: unknown };
  }): void {
    const { id, result, params } = frame;
    if (params !== undefined) {
      const { offset, data } = params;
      if (offset !== this.offset + 1 || data !== offset) this.fault ??= `${offset} came behind ${this.offset}`;
      this.offset = offset;
      if (this.#cutAt.has(offset)) this.#cut();
    } else if (result === undefined) this.fault ??= `refused: ${JSON.stringify(frame)}`;
    else if (id === 2) {
      const isFirst = this.#epoch === undefined;
      if (result.recovered && isFirst) this.fault ??= "recovered from nothing";
      if (!result.recovered && !isFirst) this.#skipTo(result.offset);
      if (result.offset !== this.offset) this.fault ??= `goes on at ${result.offset} instead of ${this.offset}`;
      this.#epoch = result.epoch;
      this.isSubscribed = true;
    }
  }

  /** The line was told of a gap. That may be where what it missed is too old, and nowhere else. */
  #skipTo(offset: number): void {
    const ageMs = performance.now() - (this.#publishedAt[this.offset + 1] ?? Infinity);
    if (ageMs < KEPT_MS) this.fault ??= `not recovered at ${this.offset}, whose next was ${ageMs} ms old`;
    this.offset = offset;
    for (const at of this.#cutAt) {
      if (at > offset) continue;
      this.#cutAt.delete(at);
      this.cuts += 1; // it was not there to be cut
    }
  }

  /** Without a word, as where a phone leaves the house; the line comes back at once. */
  #cut(): void {
    this.#cutAt.delete(this.offset);
    this.cuts += 1;
    this.end();
    this.connect();
  }
}

testInProcess(
  `P8.5 row 83: ${LINES} lines, ${PUBLICATIONS} publications, ${CUTS} cuts of each line: each publication once and in order`,
  async () => {
    const random = new SeededRandom(SEED);
    const server = await startServer({ jwtSecret: JWT_SECRET, maxConnections: 100_000, memory: 1_073_741_824 });
    const { channels } = server.inside();
    const token = await channelToken({}, 3_600);
    const publishedAt: number[] = [];
    const followers = Array.from(
      { length: LINES },
      (_, index) => new Follower(server, { token, channel: `c${index % CHANNELS}`, publishedAt }, random),
    );
    onTestEnd(() => followers.forEach((follower) => follower.end()));
    const isFine = (): true => {
      const fault = followers.find((follower) => follower.fault !== undefined)?.fault;
      if (fault !== undefined) throw new Error(`${fault}; ${repeatWith(SEED)}`);
      return true;
    };
    const slowest = (): number => Math.min(...followers.map(({ offset }) => offset));
    for (const follower of followers) follower.connect();
    await eventually("all follow", () => isFine() && followers.every(({ isSubscribed }) => isSubscribed));

    for (let offset = 1; offset <= PER_CHANNEL; offset++) {
      publishedAt[offset] = performance.now();
      for (let channel = 0; channel < CHANNELS; channel++) await channels.publish(`c${channel}`, offset);
      await new Promise((resolve) => setImmediate(resolve));
      if (offset - slowest() > MOST_AHEAD) {
        await eventually("the slowest has caught up", () => isFine() && offset - slowest() < MOST_AHEAD / 2);
      }
    }
    for (let ahead = MOST_AHEAD; ahead >= 0; ahead -= MOST_AHEAD / 10) {
      await eventually("the slowest has everything", () => isFine() && PER_CHANNEL - slowest() <= ahead);
    }
    await eventually("all were cut as often", () => isFine() && followers.every(({ cuts }) => cuts === CUTS));
    expect(followers.filter(({ offset, cuts }) => offset === PER_CHANNEL && cuts === CUTS)).toHaveLength(LINES);
  },
);
