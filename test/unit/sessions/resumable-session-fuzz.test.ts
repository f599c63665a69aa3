/** Two ends of one conversation, and a line between them that is cut anywhere. */
import { expect, test } from "@jest/globals";
import { joined } from "../../../src/session/host-encoder.ts";
import { ResumableSession } from "../../../src/session/resumable-session.ts";
import { decodeControl } from "../../../src/protocol/reliable/control-frames.ts";
import type { Port } from "../../../src/session/ports.ts";
import { bytes } from "../../support/room/fake-port.ts";
import { FakeClock } from "../../support/room/fake-clock.ts";
import { memoryOf } from "../../support/room/memory-budget.ts";
import { budget, SEED, SeededRandom } from "../../support/seeded-random.ts";

const RUNS = budget(150);
const STEPS = 600;

/** `expect` in the inner loop would take most of the time. */
function mustBe(actual: unknown, expected: unknown): void {
  if (actual !== expected) throw new Error(`${String(actual)} instead of ${String(expected)}`);
}

type Item = { readonly text: string } | { readonly pong: number };

/** A line: what one end put in and the other has not got yet. A cut loses the rest. */
class Line implements Port {
  readonly toClient: Item[] = [];
  readonly toServer: Item[] = [];
  isOpen = true;
  closedAs: string | undefined;
  queued = 0;
  isBusy = false;

  send(data: Uint8Array): void {
    if (this.isOpen) this.toClient.push({ text: new TextDecoder().decode(data) });
  }

  sendCorked(data: Uint8Array): void {
    this.send(data);
  }

  sendParts(head: Uint8Array, data: Uint8Array): void {
    this.send(joined(head, data));
  }

  confirm(count: number): void {
    if (this.isOpen) this.toClient.push({ pong: count });
  }

  close(name: string): void {
    this.closedAs = name;
    this.isOpen = false;
  }
}

/** Numbers in order, in one direction; holes only where somebody has said so. */
class DeliveryCheck {
  sent = 0;
  got = 0;
  lost = 0;

  next(): string {
    return String(++this.sent);
  }

  hear(text: string): void {
    this.got += 1;
    mustBe(Number(text), this.got + this.lost);
  }
}

/** A page that speaks `couchwire.v1`, written from the rules alone. */
class ReliablePage {
  count = 0;
  epoch: string | undefined;
  acked = 0;
  readonly outbox: { number: number; text: string }[] = [];
  readonly down = new DeliveryCheck();
  sentNumber = 0;
  isGreeted = false;

  say(line: Line, text: string): void {
    this.outbox.push({ number: ++this.sentNumber, text });
    if (this.isGreeted && line.isOpen) line.toServer.push({ text });
  }

  hear(line: Line, text: string): void {
    if (!text.startsWith("\0")) {
      this.count += 1;
      this.down.hear(text);
      return;
    }
    const control = decodeControl(bytes(text));
    if (control?.word === "hello") {
      const { hello } = control;
      mustBe(hello.epoch, this.epoch ?? hello.epoch);
      this.epoch = hello.epoch;
      mustBe(hello.next - 1 - hello.lost, this.count);
      this.count = hello.next - 1;
      this.down.lost += hello.lost;
      this.forget(hello.received);
      this.isGreeted = true;
      for (const { text: again } of this.outbox) line.toServer.push({ text: again });
    } else if (control?.word === "ack") this.forget(control.count);
  }

  forget(received: number): void {
    while ((this.outbox[0]?.number ?? Infinity) <= received) this.outbox.shift();
  }
}

test(`P5.5 over a line that is cut at random every number arrives exactly once and in order, both ways (seed ${SEED})`, () => {
  let cuts = 0;
  let losses = 0;
  for (let run = 0; run < RUNS; run++) {
    const random = new SeededRandom(SEED + run);
    // Half of the runs have a buffer that does not hold.
    const bufferBytes = random.chance(0.5) ? 1e9 : 2_000;
    const session = new ResumableSession({
      memory: memoryOf(bufferBytes),
      overflow: "drop_oldest",
      epoch: "e",
      clock: new FakeClock(),
    });
    const page = new ReliablePage();
    const up = new DeliveryCheck();
    const down = page.down;
    let line = new Line();
    session.attach(line, { isReliable: true }, () => []);

    const deliverDown = (): void => {
      const item = line.toClient.shift();
      if (item !== undefined && "text" in item) page.hear(line, item.text);
    };
    const deliverUp = (): void => {
      const item = line.toServer.shift();
      if (item === undefined || !("text" in item)) return;
      const data = bytes(item.text);
      if (session.takeAck(data, true)) return;
      const read = session.read(data, true);
      mustBe(read === "nonsense", false);
      if (typeof read !== "string") up.hear(new TextDecoder().decode(read));
    };
    const reconnect = (): void => {
      line = new Line();
      page.isGreeted = false;
      const resumeRequest = page.epoch === undefined ? {} : { received: page.count, epoch: page.epoch };
      expect(session.canResume({ isReliable: true, ...resumeRequest })).toBe(true);
      losses += session.attach(line, { isReliable: true, ...resumeRequest }, () => []);
    };
    for (let step = 0; step < STEPS; step++) {
      const roll = random.next();
      if (roll < 0.3) session.send(bytes(down.next()), true);
      else if (roll < 0.5) page.say(line, up.next());
      else if (roll < 0.75) deliverDown();
      else if (roll < 0.92) deliverUp();
      else if (roll < 0.95 && page.isGreeted) line.toServer.push({ text: `\0ack ${page.count}` });
      else if (roll < 0.965 && session.port !== undefined) {
        cuts += 1;
        line.isOpen = false;
        line.toClient.length = 0;
        line.toServer.length = 0;
        session.detach(random.chance(0.5));
      } else if (roll < 0.99 && session.port === undefined) reconnect();
    }
    if (session.port === undefined || page.epoch === undefined) {
      session.detach(true);
      reconnect();
    }
    while (line.toClient.length > 0 || line.toServer.length > 0) {
      deliverDown();
      deliverUp();
    }
    expect(line.closedAs).toBeUndefined();
    expect(up).toMatchObject({ got: up.sent, lost: 0 });
    expect(down.got + down.lost).toBe(down.sent);
    if (bufferBytes === 1e9) expect(down.lost).toBe(0);
  }
  expect(cuts).toBeGreaterThan(RUNS);
  expect(losses).toBeGreaterThan(0); // or the small buffer was never put to the test
});

test(`P5.4.8 a plain socket gets every number at most once over lines that end, and the missing are those on the line (seed ${SEED})`, () => {
  for (let run = 0; run < RUNS; run++) {
    const random = new SeededRandom(SEED + run);
    const session = new ResumableSession({
      memory: memoryOf(1e9),
      overflow: "drop_oldest",
      epoch: "e",
      clock: new FakeClock(),
    });
    let line = new Line();
    session.attach(line, { isReliable: false }, () => []);
    const got: number[] = [];
    const onTheLine = new Set<number>();
    let sent = 0;
    const deliver = (): void => {
      const item = line.toClient.shift();
      if (item !== undefined && "text" in item) got.push(Number(item.text));
      else if (item !== undefined) line.toServer.push(item);
    };
    for (let step = 0; step < STEPS; step++) {
      const roll = random.next();
      if (roll < 0.4) session.send(bytes(String(++sent)), true);
      else if (roll < 0.8) deliver();
      else if (roll < 0.9) {
        const item = line.toServer.shift();
        if (item !== undefined && "pong" in item && session.port === line) session.confirm(item.pong);
      } else if (roll < 0.95 && session.port !== undefined) {
        for (const item of line.toClient) if ("text" in item) onTheLine.add(Number(item.text));
        session.detach(false);
        line = new Line();
      } else if (session.port === undefined) session.attach(line, { isReliable: false }, () => []);
    }
    if (session.port === undefined) session.attach(line, { isReliable: false }, () => []);
    while (line.toClient.length > 0) deliver();
    expect(got).toEqual([...new Set(got)].toSorted((one, other) => one - other));
    const seen = new Set([...got, ...onTheLine]);
    for (let number = 1; number <= sent; number++) mustBe(seen.has(number), true);
  }
});

test(`P5.4.8 over lines that go quiet nothing is missing, and what comes twice had not been confirmed (seed ${SEED})`, () => {
  for (let run = 0; run < RUNS; run++) {
    const random = new SeededRandom(SEED + run);
    const session = new ResumableSession({
      memory: memoryOf(1e9),
      overflow: "drop_oldest",
      epoch: "e",
      clock: new FakeClock(),
    });
    let line = new Line();
    session.attach(line, { isReliable: false }, () => []);
    const got: number[] = [];
    let sent = 0;
    let confirmed = 0;
    let expected = 1;
    const deliver = (): void => {
      const item = line.toClient.shift();
      if (item !== undefined && "text" in item) {
        const number = Number(item.text);
        got.push(number);
        mustBe(number, expected); // within one line there is never a hole or a repetition
        expected += 1;
      } else if (item !== undefined) line.toServer.push(item);
    };
    for (let step = 0; step < STEPS; step++) {
      const roll = random.next();
      if (roll < 0.4) session.send(bytes(String(++sent)), true);
      else if (roll < 0.8) deliver();
      else if (roll < 0.9) {
        const item = line.toServer.shift();
        if (item === undefined || !("pong" in item)) continue;
        confirmed = Math.max(confirmed, item.pong);
        session.confirm(item.pong);
      } else if (roll < 0.93) {
        session.detach(true);
        line = new Line();
        session.attach(line, { isReliable: false }, () => []);
        expected = confirmed + 1;
      }
    }
    while (line.toClient.length > 0) deliver();
    expect([...new Set(got)]).toHaveLength(sent);
  }
});
