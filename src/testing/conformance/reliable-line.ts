/** A line of `couchwire.v1` (P5.5), which counts and acknowledges only where a check says so. */
import { BrokenRule, expectSame, expectThat } from "./broken-rule.ts";
import { isRecord, type HeardFrame, type PeerLine } from "./peer-line.ts";
import type { Trial } from "./trial.ts";

export const RELIABLE = "couchwire.v1";
const CONTROL = "\u0000";

/** The server's first frame on each connection. */
export interface HelloHeard {
  readonly epoch: string;
  readonly received: number;
  readonly greeting: number;
  readonly next: number;
  readonly lost: number;
  readonly [field: string]: unknown;
}

export interface ReliableLineOptions {
  readonly session: string;
  /** More of the query. */
  readonly query?: string;
  /** Of a client that goes on where it was. */
  readonly resume?: { readonly received: number; readonly epoch: string };
}

export class ReliableLine {
  readonly peer: PeerLine;
  readonly hello: HelloHeard;
  /** The largest count that the server has acknowledged. */
  acked = 0;

  private constructor(peer: PeerLine, hello: HelloHeard) {
    this.peer = peer;
    this.hello = hello;
  }

  /** Connects, and hears the hello. */
  static async open(trial: Trial, path: string, who: string, options: ReliableLineOptions): Promise<ReliableLine> {
    const { session, query = "", resume } = options;
    const resumed =
      resume === undefined ? "" : `&received=${resume.received}&epoch=${encodeURIComponent(resume.epoch)}`;
    const peer = await trial.peer(path, who, {
      query: `session=${session}${resumed}${query}`,
      protocols: [RELIABLE],
    });
    return new ReliableLine(peer, helloIn(await peer.next("hello")));
  }

  /** The next frame that is not an `ack`, as it came. */
  async nextFrame(what: string): Promise<HeardFrame> {
    for (;;) {
      const frame = await this.peer.next(what);
      const count = ackIn(frame);
      if (count === undefined) return frame;
      this.acked = count;
    }
  }

  /** The server has acknowledged that many. */
  async untilAcked(count: number): Promise<void> {
    while (this.acked < count) this.acked = ackIn(await this.peer.next(`an ack of ${count}`)) ?? this.acked;
  }

  /** The fields of the next control frame of this word; data and other words before it are passed over. */
  async nextControl(word: string): Promise<Readonly<Record<string, unknown>>> {
    for (;;) {
      const frame = await this.nextFrame(`\\0${word} {…}`);
      if (typeof frame === "string" && frame.startsWith(`${CONTROL}${word} {`)) return fieldsIn(frame);
    }
  }

  /** The next data frame, without the U+0000 that was set in front. Other control frames are passed over. */
  async next(what = "a data frame"): Promise<HeardFrame> {
    for (;;) {
      const frame = await this.nextFrame(what);
      if (typeof frame !== "string" || !frame.startsWith(CONTROL)) return frame;
      if (frame.startsWith(CONTROL + CONTROL)) return frame.slice(1);
    }
  }

  async hears(...expected: readonly HeardFrame[]): Promise<void> {
    for (const item of expected) expectSame("The next data frame", await this.next(JSON.stringify(item)), item);
  }

  say(data: string): void {
    this.peer.say(data.startsWith(CONTROL) ? CONTROL + data : data);
  }

  control(text: string): void {
    this.peer.say(CONTROL + text);
  }

  /** The server says how many frames it has got, at once. */
  async ask(): Promise<number> {
    this.control("ping");
    for (;;) {
      const count = ackIn(await this.peer.next("the ack that answers a ping"));
      if (count === undefined) continue;
      this.acked = count;
      return count;
    }
  }
}

/** The count of an `ack`; `undefined` where the frame is none. */
function ackIn(frame: HeardFrame): number | undefined {
  const [, count] = typeof frame === "string" ? (/^\0ack (\d+)$/.exec(frame) ?? []) : [];
  return count === undefined ? undefined : Number(count);
}

/** What stands behind the word of a control frame. */
export function fieldsIn(frame: string): Readonly<Record<string, unknown>> {
  let fields: unknown;
  try {
    fields = JSON.parse(frame.slice(frame.indexOf(" ") + 1));
  } catch {
    // said below
  }
  expectThat(isRecord(fields), "A control frame", "a JSON object behind the word", frame);
  return fields;
}

function helloIn(frame: HeardFrame): HelloHeard {
  if (typeof frame !== "string" || !frame.startsWith(`${CONTROL}hello {`))
    throw new BrokenRule("The first frame is no hello.", { expected: "\\0hello {…}", actual: frame });
  const fields = fieldsIn(frame);
  const { epoch, received, greeting, next, lost } = fields;
  expectThat(typeof epoch === "string" && epoch !== "", "The epoch of the hello", "text", epoch);
  expectThat(isCount(received), "`received` of the hello", "a count", received);
  expectThat(isCount(greeting), "`greeting` of the hello", "a count", greeting);
  expectThat(isCount(next) && next > 0, "`next` of the hello", "a number from 1 on", next);
  expectThat(isCount(lost), "`lost` of the hello", "a count", lost);
  return { ...fields, epoch, received, greeting, next, lost };
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0;
}
