import { once } from "node:events";
import type { Socket } from "node:net";
import { PassThrough } from "node:stream";
import { describe, expect, jest, test } from "@jest/globals";
import { createDirectReads } from "../../../src/transport/websocket/direct-read.ts";
import { handleOf, type SocketHandle } from "../../../src/transport/websocket/socket-handle.ts";
import { followStream, unfollowStream, type StreamFollower } from "../../../src/transport/websocket/stream-events.ts";
import { onTestEnd } from "../../support/clean-up.ts";
import { connectedSockets } from "../../support/websocket/connected-sockets.ts";
import { Dice, seedOfThisRun } from "../../support/sessions/dice.ts";

const SEED = seedOfThisRun();

/** Follows a socket, and writes down what it is told; wakes whoever waits for so many bytes, or for the end. */
function createFollower() {
  const told: Buffer[] = [];
  const events: string[] = [];
  let bytes = 0;
  let wake: (() => void) | undefined;
  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) await new Promise<void>((resolve) => (wake = resolve));
  };
  const note = (event: string): void => {
    events.push(event);
    wake?.();
  };
  const follower: StreamFollower = {
    onData(chunk) {
      told.push(Buffer.from(chunk));
      bytes += chunk.length;
      wake?.();
    },
    onEnd: () => note("end"),
    onStreamClosed: () => note("closed"),
  };
  return {
    follower,
    events,
    text: () => Buffer.concat(told).toString(),
    come: (count: number) => until(() => bytes >= count),
    happen: (event: string) => until(() => events.includes(event)),
  };
}

/** What a socket's stream passes on by itself. */
function countPassed(socket: Socket): { passed: number } {
  const count = { passed: 0 };
  socket.on("data", (chunk: Buffer) => (count.passed += chunk.length));
  return count;
}

describe("what a followed socket reads", () => {
  test("is its stream's again once it is followed no more, and another's who follows it then", async () => {
    const { ours, theirs } = await connectedSockets();
    const [before, after] = [createFollower(), createFollower()];
    followStream(ours, before.follower);
    for (const [text, bytes] of [
      ["one", 3],
      ["two", 6],
      ["three", 11],
    ] as const) {
      theirs.write(text);
      await before.come(bytes);
    }
    unfollowStream(ours);
    theirs.write("four");
    const [chunk]: unknown[] = await once(ours, "data");
    expect(String(chunk)).toBe("four");
    followStream(ours, after.follower);
    theirs.end("five");
    await after.happen("end");
    expect([before.text(), after.text(), before.events]).toEqual(["onetwothree", "five", []]);
  });

  test("is told without its stream, from the second read of the process on at the latest", async () => {
    const { ours, theirs } = await connectedSockets();
    const { follower, come, text } = createFollower();
    followStream(ours, follower);
    const count = countPassed(ours);
    theirs.write("first");
    await come(5);
    const passedAtFirst = count.passed;
    theirs.write("second");
    await come(11);
    expect(text()).toBe("firstsecond");
    expect(count.passed).toBe(passedAtFirst);
  });

  test("comes behind what the stream had already", async () => {
    const { ours, theirs } = await connectedSockets();
    const { follower, come, text } = createFollower();
    ours.unshift(Buffer.from("head "));
    followStream(ours, follower);
    theirs.write("body");
    await come(9);
    expect(text()).toBe("head body");
  });

  test(`is told once and in order, however often it is paused and resumed (seed ${SEED})`, async () => {
    const { ours, theirs } = await connectedSockets();
    const { follower, come, text } = createFollower();
    const dice = new Dice(SEED);
    followStream(ours, follower);
    let sent = "";
    for (let step = 0; step < 400; step++) {
      if (dice.chance(0.3)) ours.pause();
      if (dice.chance(0.5)) ours.resume();
      const piece = `${step} `.repeat(1 + dice.below(dice.chance(0.1) ? 5_000 : 20));
      sent += piece;
      theirs.write(piece);
      if (dice.chance(0.7)) await new Promise((resolve) => setImmediate(resolve));
    }
    ours.resume();
    await come(sent.length);
    expect(text()).toBe(sent);
  });

  test("is nothing while it is paused, and all of it when it is resumed", async () => {
    const { ours, theirs } = await connectedSockets();
    const { follower, come, text } = createFollower();
    followStream(ours, follower);
    theirs.write("a");
    await come(1);
    ours.pause();
    theirs.write("b");
    while (ours.readableLength === 0 && text() === "a") await new Promise((resolve) => setImmediate(resolve));
    expect(text()).toBe("a");
    ours.resume();
    await come(2);
    theirs.write("c");
    await come(3);
    expect(text()).toBe("abc");
  });

  test("ends with the end, and with the close", async () => {
    const { ours, theirs } = await connectedSockets();
    const { follower, events, happen, text } = createFollower();
    followStream(ours, follower);
    theirs.end("all");
    await happen("end");
    ours.end();
    await happen("closed");
    expect(text()).toBe("all");
    expect(events).toEqual(["end", "closed"]);
  });

  test("is nothing any more once it is destroyed by what it read", async () => {
    const { ours, theirs } = await connectedSockets();
    const { follower, happen, text } = createFollower();
    followStream(ours, {
      ...follower,
      onData(chunk) {
        follower.onData(chunk);
        ours.destroy();
      },
    });
    theirs.write("a");
    await happen("closed");
    expect(text()).toBe("a");
  });

  test("is whole where its memory was given back at once", async () => {
    const { ours, theirs } = await connectedSockets();
    const { follower, come } = createFollower();
    let bytes = 0;
    followStream(ours, {
      ...follower,
      onData(chunk) {
        bytes += chunk.filter((byte) => byte === 7).length;
        follower.onData(chunk);
        structuredClone(chunk.buffer, { transfer: [chunk.buffer] });
      },
    });
    theirs.write(Buffer.alloc(300_000, 7));
    await come(300_000);
    expect(bytes).toBe(300_000);
  });
});

/** A handle whose owner passes what is read on to its stream in a way of its own. */
function createHandle(pass: (stream: PassThrough, memory: ArrayBuffer) => void) {
  const stream = new PassThrough();
  onTestEnd(() => stream.destroy());
  const seen: string[] = [];
  stream.on("data", (chunk: Buffer) => seen.push(chunk.toString()));
  const handle: SocketHandle = {
    onread(memory?: ArrayBuffer) {
      if (memory !== undefined) pass(stream, memory);
    },
  };
  const read = (text: string): void => {
    const { buffer } = new Uint8Array(Buffer.from(text));
    if (typeof handle.onread === "function") Reflect.apply(handle.onread, handle, [buffer]);
  };
  return { stream, handle, seen, read };
}

describe("where Node is not as we know it", () => {
  test("and passes on something else than it read, the stream does all the work", () => {
    const { stream, handle, seen, read } = createHandle((to, memory) => {
      to.emit("data", Buffer.from(memory).subarray(1));
    });
    const take = jest.fn();
    createDirectReads().follow(stream, handle, take);
    for (const text of ["-one", "-two", "-three"]) read(text);
    expect(seen).toEqual(["one", "two", "three"]);
    expect(take).not.toHaveBeenCalled();
  });

  test("but passes on what it read, only the first read is its stream's", () => {
    const { stream, handle, seen, read } = createHandle((to, memory) => {
      to.emit("data", Buffer.from(memory));
    });
    const taken: string[] = [];
    createDirectReads().follow(stream, handle, (_stream, memory) => {
      taken.push(Buffer.from(memory).toString());
    });
    for (const text of ["one", "two", "three"]) read(text);
    expect([seen, taken]).toEqual([["one"], ["two", "three"]]);
  });

  test.each<[what: string, prepare: (stream: PassThrough) => void]>([
    ["is paused", (stream) => stream.pause()],
    ["is destroyed", (stream) => stream.destroy()],
    [
      "has something in its queue, which comes first",
      (stream) => {
        stream.pause();
        stream.unshift(Buffer.from("earlier"));
        stream.resume();
      },
    ],
  ])("what is read while the stream %s is the stream's", (_what, prepare) => {
    const { stream, handle, seen, read } = createHandle((to, memory) => {
      to.emit("data", Buffer.from(memory));
    });
    const take = jest.fn();
    createDirectReads().follow(stream, handle, take);
    read("first");
    prepare(stream);
    read("second");
    expect(seen).toEqual(["first", "second"]);
    expect(take).not.toHaveBeenCalled();
  });

  test("and has nothing that reads, or somebody else has put it there, it stays as it is", () => {
    const reads = createDirectReads();
    const [known, other] = [createHandle(() => {}), createHandle(() => {})];
    const empty: SocketHandle = {};
    const { onread } = other.handle;
    for (const handle of [empty, known.handle, other.handle]) reads.follow(known.stream, handle, () => {});
    expect(empty.onread).toBeUndefined();
    expect(known.handle.onread).not.toBe(onread);
    expect(other.handle.onread).toBe(onread);
  });

  test("a stream that is no socket has no handle", () => {
    expect(handleOf(new PassThrough())).toBeUndefined();
  });
});
