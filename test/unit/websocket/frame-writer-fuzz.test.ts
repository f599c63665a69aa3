import { expect, test } from "@jest/globals";
import { WriteScheduler } from "../../../src/transport/websocket/write-scheduler.ts";
import { OPCODE } from "../../support/raw-client.ts";
import { budget, repeatWith, SEED, SeededRandom } from "../../support/seeded-random.ts";
import { endOfTurn } from "../../support/websocket/fake-stream.ts";
import { createWriterBench, frameOf, takeAll } from "../../support/websocket/writer-bench.ts";

const RUNS = budget(150);
const STEPS = 120;
const SIZES = [0, 1, 5, 125, 126, 300, 1_024, 4_000, 16_383, 16_384, 20_000, 65_535, 65_536, 90_000];

/** Sends at random to a socket of random moods, and looks at everything after each step. */
async function run(
  seed: number,
): Promise<{ readonly drained: number; readonly calls: number; readonly frames: number }> {
  const random = new SeededRandom(seed);
  const turn = new WriteScheduler();
  const read = { isMoreAtHand: false };
  const bench = createWriterBench(turn);
  const neighbour = createWriterBench(turn);
  const { stream, writer } = bench;
  let mood = 1;
  stream.takesAtOnce = () => random.chance(mood);
  const sent: Buffer[] = [];
  let sentBytes = 0;
  for (let step = 0; step < STEPS; step++) {
    if (random.chance(0.05)) mood = random.pick([0, 0.5, 1]) ?? 1;
    if (random.chance(0.7)) turn.beginRead(read);
    const burst = random.chance(0.1) ? 30 : random.below(4);
    for (let count = 0; count < burst; count++) {
      const size = random.chance(0.3) ? (random.pick(SIZES) ?? 0) : random.below(200);
      const opcode = random.pick([OPCODE.text, OPCODE.binary, OPCODE.ping]) ?? OPCODE.text;
      const payload = Buffer.alloc(size, random.below(256));
      const lead = Buffer.alloc(random.chance(0.5) ? 0 : random.below(30), random.below(256));
      if (random.chance(0.2)) {
        const ahead = Buffer.alloc(random.below(20), 1);
        writer.sendCorked(OPCODE.text, ahead);
        sent.push(frameOf(ahead, OPCODE.text));
        sentBytes += sent.at(-1)?.length ?? 0;
      }
      read.isMoreAtHand = random.chance(0.5);
      if (random.chance(0.2)) neighbour.send("whose frame comes in between");
      writer.send(opcode, payload, lead);
      sent.push(frameOf(Buffer.concat([lead, payload]), opcode));
      sentBytes += sent.at(-1)?.length ?? 0;
    }
    turn.endRead();
    if (random.chance(0.5)) await endOfTurn();
    if (random.chance(0.4)) stream.takeHeld();
    if (random.chance(0.3)) await endOfTurn();
    if (writer.queued > sentBytes)
      throw new Error(`${repeatWith(seed)}: ${writer.queued} wait of ${sentBytes} that were sent`);
  }
  const wasBehind = stream.isHolding;
  const drainedBefore = bench.drained;
  await takeAll(stream);
  if (!stream.bytes.equals(Buffer.concat(sent))) throw new Error(`${repeatWith(seed)}: not what was sent`);
  if (wasBehind && bench.drained === drainedBefore)
    throw new Error(`${repeatWith(seed)}: it has drained and its owner was not told`);
  if (writer.queued !== 0 || writer.isBusy) throw new Error(`${repeatWith(seed)}: nothing is left and yet it waits`);
  return { drained: bench.drained, calls: stream.calls.length, frames: sent.length };
}

test(`whatever is sent when, and however slowly it is taken, all of it leaves in order (seed ${SEED})`, async () => {
  let drained = 0;
  let calls = 0;
  let frames = 0;
  for (let count = 0; count < RUNS; count++) {
    const ran = await run(SEED + count);
    drained += ran.drained;
    calls += ran.calls;
    frames += ran.frames;
  }
  expect(drained).toBeGreaterThan(RUNS); // there was waiting
  expect(calls).toBeLessThan(frames); // and gathering
});
