/** A stream's events, for whoever owns it: with one function for each event and not one for each stream, since most idle. */
import type { Duplex } from "node:stream";

/** Is told what a stream brings. An error is followed by the end, and nothing else is to be said of it. */
export interface StreamFollower {
  onData(chunk: Buffer): void;
  /** The other end has said all it had to say. */
  onEnd(): void;
  /** There is no stream any more. Told once, at last. */
  onStreamClosed(): void;
}

const FOLLOWER = Symbol("follower");

type Followed = Duplex & { [FOLLOWER]: StreamFollower };

/** From now on this one is told; a stream has one follower. */
export function followStream(stream: Duplex, follower: StreamFollower): void {
  Object.assign(stream, { [FOLLOWER]: follower });
  stream.on("data", tellData);
  stream.on("end", tellEnd);
  stream.on("error", destroy);
  stream.on("close", tellClosed);
}

function tellData(this: Followed, chunk: Buffer): void {
  this[FOLLOWER].onData(chunk);
}

function tellEnd(this: Followed): void {
  this[FOLLOWER].onEnd();
}

function tellClosed(this: Followed): void {
  this[FOLLOWER].onStreamClosed();
}

function destroy(this: Duplex): void {
  this.destroy();
}
