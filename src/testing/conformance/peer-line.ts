/** A line that hears messages one after the other: a phone, a member, a line of channels. */
import { BrokenRule, expectSame } from "./broken-rule.ts";
import { FRAME_KIND, type LineClose, type LineMessage, type WireLine } from "./wire-line.ts";

/** Waits as long as a check has time. */
export interface Patience {
  within<T>(what: string, promise: Promise<T>): Promise<T>;
}

interface Listener {
  readonly resolve: (message: LineMessage) => void;
  readonly reject: (error: Error) => void;
}

/** What is heard: text as a string, a binary frame as bytes. */
export type HeardFrame = string | Uint8Array;

const fromUtf8 = new TextDecoder("utf-8", { ignoreBOM: true });

export class PeerLine {
  readonly wire: WireLine;
  readonly #who: string;
  readonly #patience: Patience;
  readonly #heard: LineMessage[] = [];
  #listener: Listener | undefined;
  #close: LineClose | undefined;

  constructor(wire: WireLine, who: string, patience: Patience) {
    this.wire = wire;
    this.#who = who;
    this.#patience = patience;
    wire.onMessage((message) => {
      if (this.#listener === undefined) this.#heard.push(message);
      else this.#listener.resolve(message);
      this.#listener = undefined;
    });
    void wire.closed.then((close) => this.#finish(close));
  }

  #finish(close: LineClose): void {
    this.#close = close;
    this.#listener?.reject(this.#over(close));
  }

  get isOver(): boolean {
    return this.#close !== undefined;
  }

  say(data: string | Uint8Array): void {
    this.wire.send(data);
  }

  sayJson(value: unknown): void {
    this.wire.send(JSON.stringify(value));
  }

  /** The next message. `what`: what it has to be, for the sentence where none comes. */
  async nextMessage(what: string): Promise<LineMessage> {
    const first = this.#heard.shift();
    if (first !== undefined) return first;
    if (this.#close !== undefined) throw this.#over(this.#close, what);
    const coming = new Promise<LineMessage>((resolve, reject) => {
      this.#listener = { resolve, reject };
    });
    return this.#patience.within(`${what}, for ${this.#who},`, coming);
  }

  async next(what = "a frame"): Promise<HeardFrame> {
    const { isText, data } = await this.nextMessage(what);
    return isText ? fromUtf8.decode(data) : data;
  }

  /** The next messages are these, and no other. */
  async hears(...expected: readonly HeardFrame[]): Promise<void> {
    for (const item of expected) {
      const what = typeof item === "string" ? JSON.stringify(shortened(item)) : `${item.length} bytes`;
      expectSame(`What ${this.#who} hears`, await this.next(what), item);
    }
  }

  /** The next message, which has to be a JSON object. */
  async nextJson(what: string): Promise<Readonly<Record<string, unknown>>> {
    const text = await this.next(what);
    const value: unknown = typeof text === "string" ? parsed(text) : undefined;
    if (isRecord(value)) return value;
    throw new BrokenRule(`${this.#who} hears something else than JSON.`, { expected: what, actual: text });
  }

  /** What has come already and was not looked at. */
  unheard(): readonly HeardFrame[] {
    return this.#heard.splice(0).map(({ isText, data }) => (isText ? fromUtf8.decode(data) : data));
  }

  /** How the server ends the line. */
  async end(): Promise<LineClose> {
    return this.#patience.within(`the end of ${this.#who}`, this.wire.closed);
  }

  /** The server closes the line with this code. Its reason has to be a close reason (P4.1). */
  async endsWith(code: number): Promise<LineClose> {
    const close = await this.end();
    expectSame(`How ${this.#who} is closed`, { code: close.code }, { code });
    const bytes = Buffer.byteLength(close.reason);
    if (bytes > MAX_REASON_BYTES)
      throw new BrokenRule(`The close reason of ${this.#who} is too long.`, {
        expected: MAX_REASON_BYTES,
        actual: bytes,
      });
    return close;
  }

  /** Leaves with a Close of this code, and waits for the server's end. */
  async leave(code?: number): Promise<LineClose> {
    this.wire.close(code);
    const close = await this.end();
    await this.#patience.within(`the end of the connection of ${this.#who}`, this.wire.gone);
    return close;
  }

  /** Is answered a ping with these bytes: the server has read what was said before. */
  async ping(payload: string): Promise<void> {
    this.wire.sendFrame(FRAME_KIND.ping, Buffer.from(payload));
    const answered = async (): Promise<void> => {
      while (!this.wire.pongs.includes(payload) && this.#close === undefined)
        await new Promise((resolve) => setTimeout(resolve, PONG_PAUSE_MS));
    };
    await this.#patience.within(`the pong "${payload}" for ${this.#who}`, answered());
    if (this.#close !== undefined) throw this.#over(this.#close, `the pong "${payload}"`);
  }

  #over({ code, reason }: LineClose, what = "a frame"): BrokenRule {
    const actual = `closed with ${code}${reason === "" ? "" : ` ${JSON.stringify(reason)}`}`;
    return new BrokenRule(`The line of ${this.#who} is over.`, { expected: what, actual });
  }
}

const MAX_REASON_BYTES = 123;
const PONG_PAUSE_MS = 5;
const MAX_SHOWN = 60;

function shortened(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no JSON
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
