/** A connection that a test holds in its hand: it writes down what comes, and is as slow as the test says. */
import type { CloseName } from "../../../src/protocol/close-codes.ts";
import { decodeControl, type Control, type Hello } from "../../../src/protocol/reliable/control-frames.ts";
import { joined } from "../../../src/session/host-encoder.ts";
import type { PlayerPort } from "../../../src/session/ports.ts";

/** Text as text, binary as a list of bytes. */
export type Seen = string | number[];

export class FakePort implements PlayerPort {
  queued = 0;
  isBusy = false;
  rtt: number | undefined;
  isPaused = false;
  probes = 0;
  /** Counts that the room wants confirmed, oldest first. */
  readonly confirms: number[] = [];
  closing: { readonly name: CloseName; readonly reason: string | undefined } | undefined;
  /** Frames that came after the close, which none may. */
  framesAfterClose = 0;
  /** Frames that leave with the one after them. */
  sentAhead = 0;
  /** The last of them waits for one that has not been sent. */
  #isOneAhead = false;
  #seen: Seen[] = [];

  send(data: Uint8Array, isText: boolean): void {
    if (this.closing !== undefined) this.framesAfterClose += 1;
    this.#isOneAhead = false;
    this.#seen.push(isText ? utf8.decode(data) : [...data]);
  }

  sendCorked(data: Uint8Array, isText: boolean): void {
    this.sentAhead += 1;
    this.send(data, isText);
    this.#isOneAhead = true;
  }

  sendParts(head: Uint8Array, data: Uint8Array, isText = false): void {
    this.send(joined(head, data), isText);
  }

  close(name: CloseName, reason?: string): void {
    this.closing ??= { name, reason };
  }

  confirm(count: number): void {
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
  take(): Seen[] {
    if (this.#isOneAhead && this.closing === undefined) throw new Error("a frame waits for one that was never sent");
    return this.#seen.splice(0);
  }

  /** What a client of `couchwire.v1` makes of the frames since the last call. */
  read(): { hello: Hello | undefined; acks: number[]; data: Seen[] } {
    const read: { hello: Hello | undefined; acks: number[]; data: Seen[] } = { hello: undefined, acks: [], data: [] };
    for (const frame of this.take()) {
      const control = controlIn(frame);
      if (control === undefined) read.data.push(typeof frame === "string" ? frame.replace(/^\0\0/, "\0") : frame);
      else if (control.word === "hello") read.hello = control.hello;
      else if (control.word === "ack") read.acks.push(control.count);
    }
    return read;
  }
}

function controlIn(frame: Seen): Control | undefined {
  if (typeof frame !== "string" || !frame.startsWith("\0") || frame.startsWith("\0\0")) return undefined;
  return decodeControl(bytes(frame));
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
