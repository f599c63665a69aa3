/** A connection in a test's hand, of a host or a player: it keeps what it is sent, and is as slow as the test says. */
import { decode } from "cborg";
import type { CloseName } from "../../../src/protocol/close-codes.ts";
import { decodeControl, type Control, type Hello } from "../../../src/protocol/reliable/control-frames.ts";
import { joined } from "../../../src/session/host-encoder.ts";
import type { HostNews } from "../host-client.ts";
import type { HostPort, PlayerPort } from "../../../src/session/ports.ts";

/** Text as text, binary as a list of bytes. */
export type SeenFrame = string | number[];

export class FakePort implements HostPort, PlayerPort {
  queued = 0;
  isBusy = false;
  rtt: number | undefined;
  isPaused = false;
  probes = 0;
  /** Counts that the room wants confirmed, oldest first. */
  readonly confirms: number[] = [];
  /** How the room closed the port first. */
  closing: { readonly name: CloseName; readonly reason: string | undefined } | undefined;
  /** Frames that came after the close; they are not kept. */
  framesAfterClose = 0;
  /** Frames that leave with the one after them. */
  corked = 0;
  readonly #name: string;
  readonly #log: string[];
  /** The last frame waits for one that has not been sent. */
  #isCorked = false;
  #frames: { readonly data: Uint8Array; readonly isText: boolean }[] = [];

  /** Ports that share a `log` write there what happens, in the order in which it happens. */
  constructor(name = "port", log: string[] = []) {
    this.#name = name;
    this.#log = log;
  }

  send(data: Uint8Array, isText: boolean): void {
    if (this.closing !== undefined) {
      this.framesAfterClose += 1;
      return;
    }
    this.#isCorked = false;
    this.#frames.push({ data: Uint8Array.from(data), isText });
    this.#log.push(`${this.#name} was sent a frame`);
  }

  sendCorked(data: Uint8Array, isText: boolean): void {
    this.corked += 1;
    this.send(data, isText);
    this.#isCorked = true;
  }

  sendParts(head: Uint8Array, data: Uint8Array, isText = false): void {
    this.send(joined(head, data), isText);
  }

  close(name: CloseName, reason?: string): void {
    if (this.closing !== undefined) return;
    this.closing = { name, reason };
    this.#log.push(`${this.#name} closed ${name}`);
  }

  confirm(count: number): void {
    this.#isCorked = false;
    this.confirms.push(count);
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  probe(): void {
    this.probes += 1;
  }

  /** All frames since the last call, control frames among them. */
  take(): SeenFrame[] {
    return this.#takeFrames().map(({ data, isText }) => (isText ? utf8.decode(data) : Array.from(data)));
  }

  /** The host's events since the last call. CBOR is decoded strictly, by a library that is not the server's. */
  takeEvents(): HostNews[] {
    return this.#takeFrames().flatMap(({ data, isText }): HostNews | [] => {
      if (!isText) return decode(data, STRICT);
      const text = utf8.decode(data);
      return text.startsWith("\0") ? [] : JSON.parse(text);
    });
  }

  /** What a client of `couchwire.v1` makes of the frames since the last call. */
  read(): { hello: Hello | undefined; acks: number[]; data: SeenFrame[] } {
    const read: { hello: Hello | undefined; acks: number[]; data: SeenFrame[] } = {
      hello: undefined,
      acks: [],
      data: [],
    };
    for (const frame of this.take()) {
      const control = controlIn(frame);
      if (control === undefined) read.data.push(typeof frame === "string" ? frame.replace(/^\0\0/, "\0") : frame);
      else if (control.word === "hello") read.hello = control.hello;
      else if (control.word === "ack") read.acks.push(control.count);
    }
    return read;
  }

  #takeFrames(): { readonly data: Uint8Array; readonly isText: boolean }[] {
    if (this.#isCorked && this.closing === undefined) throw new Error("a frame waits for one that was never sent");
    return this.#frames.splice(0);
  }
}

function controlIn(frame: SeenFrame): Control | undefined {
  if (typeof frame !== "string" || !frame.startsWith("\0") || frame.startsWith("\0\0")) return undefined;
  return decodeControl(bytes(frame));
}

const STRICT = { strict: true, allowIndefinite: false };
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
