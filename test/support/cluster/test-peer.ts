/** A peer whose socket a test holds in its hand: a connection of a transport that has no wire. It reads as slowly as the test says. */
import type { ConnectRequest, ConnectTarget } from "../../../src/admission/connect-request.ts";
import { CLOSE_CODES, type CloseName } from "../../../src/protocol/close-codes.ts";
import { readSubprotocols } from "../../../src/protocol/subprotocols.ts";
import { Connection } from "../../../src/transport/connection.ts";
import { Inbox } from "../inbox.ts";

export type PeerFrame = string | Buffer;

interface PeerClosing {
  readonly name: CloseName;
  readonly reason: string;
}

/** How a peer asks. */
export interface PeerWishes {
  readonly query?: string;
  readonly subprotocols?: string;
  readonly address?: string;
}

export class TestPeer extends Connection {
  readonly inbox = new Inbox<PeerFrame>("the peer");
  readonly closings = new Inbox<PeerClosing>("the peer's closing");
  readonly confirms = new Inbox<number>("the peer's confirms");
  /** Frames that left in one write with the next one. */
  corked = 0;
  probes = 0;
  /** Pings of the heartbeat. */
  pings = 0;
  queued = 0;
  rtt: number | undefined;
  /** Whether its socket takes nothing: what it is sent counts in `queued`. */
  isDeaf = false;
  /** The most that waited for it. */
  mostQueued = 0;
  isRead = true;
  closing: PeerClosing | undefined;
  /** Whether it leaves a Close unanswered. */
  isStubborn = false;
  /** What it has said and the server has not read. */
  #unread: (() => void)[] = [];
  #isOver = false;

  get isBusy(): boolean {
    return this.queued > 0;
  }

  send(data: Uint8Array, isText: boolean): void {
    if (this.isClosing) return;
    this.inbox.push(isText ? Buffer.from(data).toString() : Buffer.from(data));
    if (this.isDeaf) this.queued += data.length;
    this.mostQueued = Math.max(this.mostQueued, this.queued);
  }

  override sendCorked(data: Uint8Array, isText: boolean): void {
    this.corked += 1;
    this.send(data, isText);
  }

  close(name: CloseName, reason: string = CLOSE_CODES[name].reason): void {
    if (this.isClosing) return;
    const lastWord = this.farewell?.(name, reason);
    if (lastWord !== undefined) this.send(lastWord.data, lastWord.isText);
    this.closing = { name, reason };
    this.closings.push(this.closing);
    this.beginClosing();
    if (!this.isStubborn) setImmediate(() => this.hangUp());
  }

  confirm(count: number): void {
    this.confirms.push(count);
  }

  probe(): void {
    this.probes += 1;
  }

  /** Answers the pings of the heartbeat. */
  override ping(intervalMs: number): void {
    super.ping(intervalMs);
    this.pings += 1;
    this.unanswered = 0;
    this.wasHeard = true;
  }

  terminate(): void {
    this.isClosing = true;
    this.hangUp();
  }

  /** Says a frame, which is heard once the server reads. */
  say(frame: string | Uint8Array): void {
    const data = typeof frame === "string" ? Buffer.from(frame) : frame;
    this.#do(() => this.tellMessage(data, typeof frame === "string"));
  }

  sayPart(): void {
    this.#do(() => this.tellPart());
  }

  answerConfirm(count: number): void {
    this.tellConfirmed(count);
  }

  answerProbe(ms: number): void {
    this.rtt = ms;
  }

  /** Its socket has taken so much of what waits; all of it by default. */
  drain(bytes: number = this.queued): void {
    this.queued -= bytes;
    if (this.queued === 0) this.tellDrained();
  }

  /** Leaves on purpose, as a Close says that is read in order. */
  leave(): void {
    this.#do(() => {
      this.tellGone("left");
      this.#end();
    });
  }

  /** Its line is cut. */
  hangUp(): void {
    this.tellGone("cut");
    this.#end();
  }

  protected stopReading(): void {
    this.isRead = false;
  }

  protected startReading(): void {
    if (this.isRead) return;
    this.isRead = true;
    setImmediate(() => {
      while (this.isRead) {
        const next = this.#unread.shift();
        if (next === undefined) return;
        next();
      }
    });
  }

  #do(action: () => void): void {
    if (this.isRead && this.#unread.length === 0) action();
    else this.#unread.push(action);
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.tellEnded();
  }
}

/** What a peer asks for that wants to be this. */
export function requestOf(target: ConnectTarget, wishes: PeerWishes = {}): ConnectRequest {
  return {
    target,
    query: new URLSearchParams(wishes.query),
    subprotocols: readSubprotocols(wishes.subprotocols),
    address: wishes.address ?? "192.0.2.1",
    agent: "test",
    transport: "websocket",
    requestId: "the-request",
    headers: {},
    path: "",
  };
}
