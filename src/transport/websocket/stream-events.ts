/** A stream's events, for whoever owns it: with one function for each event and not one for each stream, since most idle. */
import type { Duplex } from "node:stream";
import { createDirectReads } from "./direct-read.ts";
import { handleOf } from "./socket-handle.ts";

/** Is told what a stream brings. An error is followed by the end, and nothing else is to be said of it. */
export interface StreamFollower {
  /** Bytes that are the follower's own from now on. */
  onData(chunk: Uint8Array): void;
  /** The other end has said all it had to say. */
  onEnd(): void;
  /** There is no stream any more. Told once, at last. */
  onStreamClosed(): void;
}

const FOLLOWER = Symbol("follower");
const directReads = createDirectReads();

interface Followed extends Duplex {
  [FOLLOWER]?: StreamFollower | undefined;
}

/** From now on this one is told, and no other: a stream has one follower. */
export function followStream(stream: Duplex, follower: StreamFollower): void {
  const followed: Followed = stream;
  const isFollowed = followed[FOLLOWER] !== undefined;
  followed[FOLLOWER] = follower;
  if (isFollowed) return;
  stream.on("data", tellData);
  stream.on("end", tellEnd);
  stream.on("error", destroy);
  stream.on("close", tellClosed);
  const handle = handleOf(stream);
  if (handle !== undefined) directReads.follow(followed, handle, tellMemory);
}

/** From now on nobody is told. A stream that flows still does: whoever wants what it brings listens at once. */
export function unfollowStream(stream: Duplex): void {
  const followed: Followed = stream;
  followed[FOLLOWER] = undefined;
  stream.off("data", tellData);
  stream.off("end", tellEnd);
  stream.off("error", destroy);
  stream.off("close", tellClosed);
  const handle = handleOf(stream);
  if (handle !== undefined) directReads.unfollow(handle);
}

/** All that followers get is of one class, wherever it comes from: code that meets two is the slower for it. */
function tellData(this: Followed, { buffer, byteOffset, length }: Buffer): void {
  this[FOLLOWER]?.onData(new Uint8Array(buffer, byteOffset, length));
}

function tellMemory(stream: Followed, memory: ArrayBuffer): void {
  stream[FOLLOWER]?.onData(new Uint8Array(memory));
}

function tellEnd(this: Followed): void {
  this[FOLLOWER]?.onEnd();
}

function tellClosed(this: Followed): void {
  this[FOLLOWER]?.onStreamClosed();
}

function destroy(this: Duplex): void {
  this.destroy();
}
