import { describe, expect, test } from "@jest/globals";
import { makeFrame, OPCODE } from "../../support/raw-client.ts";
import { memoryInUse } from "../../support/process-memory.ts";
import { createOurEnd, type OurEnd } from "../../support/websocket/our-end.ts";

const MEBIBYTE = 1_048_576;
/** Everything is done by so many peers, so that what one costs stands out from what this process does beside. */
const PEERS = 100;
/** More than one page a peer, and far less than the frame that was announced. */
const NEXT_TO_NOTHING = PEERS * 16_384;

function startPeers(count = PEERS): readonly OurEnd[] {
  return Array.from({ length: count }, () => createOurEnd(MEBIBYTE));
}

/** What the readers keep after each has read that. */
function costOf(peers: readonly OurEnd[], read: (peer: OurEnd) => void): number {
  const before = memoryInUse();
  for (const peer of peers) read(peer);
  return memoryInUse() - before;
}

function readByteByByte(peer: OurEnd, bytes: Buffer): void {
  for (const byte of bytes) peer.read(Buffer.of(byte));
}

describe("what a peer costs that has said", () => {
  test("a head that announces a mebibyte, and nothing else: next to nothing", () => {
    const head = makeFrame(OPCODE.binary, "", { claimedLength: MEBIBYTE });
    const peers = startPeers();
    expect(costOf(peers, (peer) => peer.read(Buffer.from(head)))).toBeLessThan(NEXT_TO_NOTHING);
    expect(costOf(peers, (peer) => peer.read(Buffer.of(1)))).toBeLessThan(NEXT_TO_NOTHING);
    expect(peers.flatMap(({ heard }) => heard)).toEqual([]);
  });

  test("heads byte by byte, that announce a mebibyte: next to nothing", () => {
    const peers = startPeers();
    const head = makeFrame(OPCODE.binary, "", { claimedLength: MEBIBYTE });
    expect(costOf(peers, (peer) => readByteByByte(peer, head))).toBeLessThan(NEXT_TO_NOTHING);
    expect(peers.flatMap(({ heard }) => heard)).toEqual([]);
  });

  test("fragments that announce a mebibyte in the end: next to nothing", () => {
    const peers = startPeers();
    const frames = Buffer.concat([
      makeFrame(OPCODE.binary, "a", { isFinal: false }),
      makeFrame(OPCODE.continuation, "b", { claimedLength: MEBIBYTE - 1 }),
    ]);
    expect(costOf(peers, (peer) => peer.read(Buffer.from(frames)))).toBeLessThan(NEXT_TO_NOTHING);
    expect(peers.flatMap(({ heard }) => heard)).toEqual([]);
  });

  test("all fragments that are allowed, each of one byte and in crumbs: what they hold, a few times over", () => {
    const peers = startPeers(10);
    const fragments = 16_000;
    const cost = costOf(peers, (peer) => {
      peer.read(makeFrame(OPCODE.binary, "a", { isFinal: false }));
      for (let count = 1; count < fragments; count++) {
        const fragment = makeFrame(OPCODE.continuation, "b", { isFinal: false });
        peer.read(fragment.subarray(0, 3));
        peer.read(fragment.subarray(3));
      }
    });
    expect(cost).toBeLessThan(peers.length * fragments * 8);
    for (const peer of peers) peer.read(makeFrame(OPCODE.continuation, "c"));
    expect(
      peers.map(({ heard: [message] }) => message !== undefined && "data" in message && message.data.length),
    ).toEqual(peers.map(() => fragments + 1));
  });

  test("a mebibyte byte by byte: at every moment no more than the frame, and no more than a few times what has come", () => {
    const peers = startPeers(4);
    const frame = makeFrame(OPCODE.binary, Buffer.alloc(MEBIBYTE, 7));
    let read = 0;
    const before = memoryInUse();
    for (const until of [1_000, 20_000, 100_000, 300_000, MEBIBYTE]) {
      const from = read;
      for (const peer of peers) readByteByByte(peer, frame.subarray(from, until));
      read = until;
      expect(memoryInUse() - before).toBeLessThan(peers.length * Math.min(MEBIBYTE, 4 * until) + MEBIBYTE);
    }
    for (const peer of peers) peer.read(Buffer.from(frame.subarray(read)));
    expect(peers.map(({ heard }) => heard.length)).toEqual([1, 1, 1, 1]);
  });

  test("messages, and has had them taken away: nothing that grows with their number", () => {
    const peers = startPeers(1);
    const round = Buffer.concat([
      makeFrame(OPCODE.text, "x".repeat(3_000)),
      makeFrame(OPCODE.text, "x".repeat(3_000), { isFinal: false }),
      makeFrame(OPCODE.continuation, "x".repeat(3_000)),
      makeFrame(OPCODE.ping, "x"),
    ]);
    const cost = costOf(peers, (peer) => {
      for (let count = 0; count < 2_000; count++) {
        readByteByByte(peer, round.subarray(0, 9));
        peer.read(Buffer.from(round.subarray(9)));
        peer.forget();
      }
    });
    expect(cost).toBeLessThan(MEBIBYTE); // of 18 that were read
  });
});
