/** A host's line: commands in CBOR as WMBP's clients write them, events in CBOR or JSON. */
import { BrokenRule, expectSame } from "./broken-rule.ts";
import { isRecord, PeerLine, type Patience } from "./peer-line.ts";
import { readItem, writeItem, type PlainValue } from "./plain-cbor.ts";
import type { LineMessage, WireLine } from "./wire-line.ts";

/** What a host is told. Bytes in JSON are a list of integers. */
export interface HostNotice {
  readonly cmd: string;
  readonly [field: string]: unknown;
}

/** How an event was written. */
interface Writing {
  readonly cmd: string;
  readonly fields: readonly string[];
  readonly oddities: readonly string[];
}

/** Fields of the events of part 2, in their order. */
const FIELDS = {
  state: ["cmd", "name", "players", "max_players", "accept_conns"],
  prepare_reply: ["cmd", "key"],
  player_joined: ["cmd", "player"],
  player_left: ["cmd", "player"],
  from: ["cmd", "from", "data"],
  from_str: ["cmd", "from", "data"],
  error: ["cmd", "reason"],
} as const;

export class HostLine {
  readonly peer: PeerLine;
  readonly #patience: Patience;
  readonly #writings: Writing[] = [];
  #greeting = 0;

  constructor(wire: WireLine, patience: Patience) {
    this.peer = new PeerLine(wire, "the host", patience);
    this.#patience = patience;
  }

  /** How many events it has heard over `couchwire.v1` that count (P5.5.2). */
  get received(): number {
    return this.#writings.length - this.#greeting;
  }

  /** A command, in CBOR. `data` of `to` is a list of integers for WMBP. */
  say(command: { readonly [field: string]: PlainValue }): void {
    this.peer.say(writeItem(command));
  }

  /** A command as JSON in a text frame. */
  sayJson(command: unknown): void {
    this.peer.sayJson(command);
  }

  /** The next event, whatever it is. Control frames of `couchwire.v1` are passed over. */
  async nextOfAll(what = "an event"): Promise<HostNotice> {
    let message = await this.peer.nextMessage(what);
    for (; message.isText && message.data[0] === 0; message = await this.peer.nextMessage(what)) {
      const [, greeting] = /^\0hello .*"greeting": ?(\d+)/.exec(Buffer.from(message.data).toString()) ?? [];
      if (greeting !== undefined) this.#greeting = Number(greeting);
    }
    const { fields, oddities } = readEvent(message);
    const { cmd } = fields;
    if (typeof cmd !== "string") throw new BrokenRule("The host hears an event without cmd.", { actual: fields });
    this.#writings.push({ cmd, fields: Object.keys(fields), oddities });
    return { ...fields, cmd };
  }

  /** The next event but for a `to`, which WMBP's server sends to each new host and clients ignore. */
  async next(what = "an event"): Promise<HostNotice> {
    for (;;) {
      const notice = await this.nextOfAll(what);
      if (notice.cmd !== "to") return notice;
    }
  }

  /** The next event of this name; those before it are passed over. Fails at once where the server closes the phone on whom it waits. */
  async until(cmd: string, phone?: PeerLine): Promise<HostNotice> {
    for (;;) {
      const notice = await (phone === undefined ? this.next(cmd) : this.nextUnlessOver(cmd, phone));
      if (notice.cmd === cmd) return notice;
    }
  }

  /** The next event, which the phone brings about; fails at once where the server closes the phone instead. */
  async nextUnlessOver(what: string, phone: PeerLine): Promise<HostNotice> {
    const heard = this.next(what);
    const closed = phone.wire.closed.then(({ code, reason }): never => {
      throw new BrokenRule("The phone is closed, and not let in.", { expected: what, actual: `${code} ${reason}` });
    });
    heard.catch(() => undefined);
    closed.catch(() => undefined);
    return this.#patience.within(`${what}, for the host,`, Promise.race([heard, closed]));
  }

  /**
   * All that the host hears until the server has followed what it has said: a second `prepare` is answered with `prepare_reply` alone (P2.2).
   */
  async settle(): Promise<readonly HostNotice[]> {
    this.say({ cmd: "prepare", max_players: 1, name: "" });
    const before: HostNotice[] = [];
    for (;;) {
      const notice = await this.next("prepare_reply, as the answer to a second prepare");
      if (notice.cmd === "prepare_reply") return before;
      before.push(notice);
    }
  }

  /** The next events are these, as far as they have these fields. */
  async hears(...expected: readonly HostNotice[]): Promise<void> {
    for (const wanted of expected) {
      const notice = await this.next(JSON.stringify(wanted));
      const seen = Object.fromEntries(Object.keys(wanted).map((field) => [field, plainBytes(notice[field])]));
      expectSame(`What the host hears (${notice.cmd})`, seen, wanted);
    }
  }

  /** The events of these names that came over this line were written as P2 says: fields in order, plain CBOR, nothing behind. */
  expectPlain(...names: readonly (keyof typeof FIELDS)[]): void {
    for (const name of names) {
      const writings = this.#writings.filter(({ cmd }) => cmd === name);
      if (writings.length === 0) throw new BrokenRule(`The host was not told ${name}.`);
      for (const { fields, oddities } of writings) {
        expectSame(`What is not plain about the CBOR of ${name}`, oddities, []);
        const known: readonly string[] = FIELDS[name];
        expectSame(
          `The order of the fields of ${name}`,
          fields.filter((field) => known.includes(field)),
          known,
        );
        expectSame(`The first field of ${name}`, fields[0], "cmd");
      }
    }
  }

  /** Leaves with a Close of this code, and waits for the server's end. */
  async leave(code?: number): Promise<{ readonly code: number; readonly reason: string }> {
    return this.peer.leave(code);
  }
}

function readEvent({ isText, data }: LineMessage): {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly oddities: readonly string[];
} {
  try {
    const item = isText ? { value: JSON.parse(Buffer.from(data).toString()), oddities: [] } : readItem(data);
    if (isRecord(item.value)) return { fields: item.value, oddities: item.oddities };
  } catch {
    // said below
  }
  throw new BrokenRule("The host hears a frame that is no map.", {
    expected: isText ? "a JSON object" : "one CBOR map",
    actual: Buffer.from(data.subarray(0, 64)).toString(isText ? "utf8" : "hex"),
  });
}

/** Bytes as the list of integers that they are on WMBP's wire. */
function plainBytes(value: unknown): unknown {
  return value instanceof Uint8Array ? [...value] : value;
}
