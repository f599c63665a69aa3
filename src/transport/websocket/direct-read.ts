/**
 * Takes what a socket reads before its stream does. What a stream does for each piece (its queue, an event, a tick in which it looks
 * whether there is more) is a twelfth of what a small frame costs (row `input`), and for nothing while somebody listens who takes
 * everything at once.
 *
 * Only ever while the stream would pass it on in the same call: what is read when it is paused, or still has something in its queue, is
 * the stream's, as ever, and so are the end and every error. Only a socket's timeout (`setTimeout`) would not notice: like direct writes, these reads
 * do not put it off. There is none on a WebSocket here; the heartbeat looks after it.
 */
import type { Duplex } from "node:stream";
import type { SocketHandle } from "./socket-handle.ts";

/** Takes memory that was read, all of which is its own. */
type Take = (stream: Duplex, memory: ArrayBuffer) => void;
/** What Node has in `onread`: called on the handle, with what was read, or nothing where it was the end, or an error. */
type Onread = (this: ReadHandle, memory?: ArrayBuffer) => unknown;

const STREAM = Symbol("stream");
const TAKE = Symbol("take");

interface ReadHandle extends SocketHandle {
  [STREAM]?: Duplex;
  [TAKE]?: Take;
}

export interface DirectReads {
  /** From now on `take` is given what is read while `stream` flows and is empty; all else comes by its events. */
  follow(stream: Duplex, handle: SocketHandle, take: Take): void;
  /** From now on all of it is the stream's again. */
  unfollow(handle: SocketHandle): void;
}

/** For all sockets of a process, which Node reads with one function. */
export function createDirectReads(): DirectReads {
  let onreadOfNode: Onread | undefined;
  /** Whether Node was seen to pass on just what it is given, which it does not promise; nobody knows before the first read. */
  let isUnderstood: boolean | undefined;

  function takeOrPass(this: ReadHandle, memory?: ArrayBuffer): unknown {
    const { [STREAM]: stream, [TAKE]: take } = this;
    const isPassing = stream?.readableFlowing === true && stream.readableLength === 0 && !stream.destroyed;
    if (memory === undefined || !isPassing || isUnderstood === false) return onreadOfNode?.call(this, memory);
    if (isUnderstood === undefined) return compare(this, stream, memory);
    return take?.(stream, memory);
  }

  /** Has Node pass this on, and looks at what comes of it. */
  function compare(handle: ReadHandle, stream: Duplex, memory: ArrayBuffer): unknown {
    const look = (chunk: Buffer): void => {
      isUnderstood = chunk.buffer === memory && chunk.length === memory.byteLength;
    };
    stream.prependListener("data", look);
    try {
      return onreadOfNode?.call(handle, memory);
    } finally {
      stream.off("data", look);
    }
  }

  return {
    follow(stream, handle, take) {
      const { onread } = handle;
      onreadOfNode ??= isOnread(onread) ? onread : undefined;
      if (onreadOfNode === undefined || onread !== onreadOfNode) return; // this is not as we know it: its stream does all the work
      const read: ReadHandle = handle; // one by one: `Object.assign` takes longer than the rest of a connection's objects (row `joins`)
      read[STREAM] = stream;
      read[TAKE] = take;
      read.onread = takeOrPass;
    },

    unfollow(handle) {
      if (handle.onread === takeOrPass) handle.onread = onreadOfNode;
    },
  };
}

function isOnread(value: unknown): value is Onread {
  return typeof value === "function";
}
