import { describe, expect, test } from "@jest/globals";
import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { createWsEngine } from "../../../src/transport/websocket/ws-engine.ts";
import { WriteScheduler } from "../../../src/transport/websocket/write-scheduler.ts";
import { unlimitedMemory } from "../../support/room/memory-budget.ts";
import { HANDSHAKE_HEADERS, makeFrame, OPCODE } from "../../support/raw-client.ts";
import { endOfTurn, FakeStream } from "../../support/websocket/fake-stream.ts";

const PART_BYTES = 100_000;
const ignore = (): void => undefined;

/** What a peer on the engine `ws` has sent, as the budget knows of it. */
function setUp() {
  const memory = unlimitedMemory().open({ cut() {} });
  const socket = new FakeStream();
  const request = new IncomingMessage(new Socket());
  request.method = "GET";
  for (const [name, value] of Object.entries(HANDSHAKE_HEADERS)) request.headers[name.toLowerCase()] = value;
  const upgrade = { request, socket, head: Buffer.alloc(0), subprotocol: undefined, maxPayload: 1_000_000, memory };
  createWsEngine(new WriteScheduler()).accept(upgrade, {
    onMessage: ignore,
    onPing: ignore,
    onPong: ignore,
    onClose: ignore,
    onFault: ignore,
    onBytes: ignore,
    onPart: ignore,
    onDrained: ignore,
    onEnd: ignore,
    onSocketClosed: ignore,
  });
  return {
    memory,
    say: async (...frames: readonly Buffer[]): Promise<void> => {
      socket.push(Buffer.concat(frames));
      await endOfTurn();
    },
  };
}

describe("a message that comes in parts, on the engine `ws`", () => {
  const part = makeFrame(OPCODE.binary, Buffer.alloc(PART_BYTES), { isFinal: false });

  test("counts in the budget until it is whole", async () => {
    const { memory, say } = setUp();
    await say(part);
    expect(memory.bytes).toBeGreaterThanOrEqual(PART_BYTES);
    await say(makeFrame(OPCODE.continuation, "the rest"));
    expect(memory.bytes).toBe(0);
  });

  test("goes on counting when a ping or a pong comes in its middle", async () => {
    const { memory, say } = setUp();
    await say(part);
    await say(makeFrame(OPCODE.ping, "?"), makeFrame(OPCODE.pong));
    expect(memory.bytes).toBeGreaterThanOrEqual(PART_BYTES);
    await say(
      makeFrame(OPCODE.ping, "?"),
      makeFrame(OPCODE.continuation, Buffer.alloc(PART_BYTES), { isFinal: false }),
    );
    expect(memory.bytes).toBeGreaterThanOrEqual(2 * PART_BYTES);
  });

  test("and pings alone count as nothing, however many come", async () => {
    const { memory, say } = setUp();
    for (let count = 0; count < 2_000; count++) await say(makeFrame(OPCODE.pong, "p1"));
    expect(memory.bytes).toBe(0);
  });
});
