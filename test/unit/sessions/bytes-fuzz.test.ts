import { expect, test } from "@jest/globals";
import { decodeHostFrame } from "../../../src/protocol/decode-host-frame.ts";
import {
  decodeControl,
  beginsWithNul,
  isControl,
  unescapeText,
} from "../../../src/protocol/reliable/control-frames.ts";
import { joined } from "../../../src/session/host-encoder.ts";
import { parseHostQuery, parsePlayerQuery } from "../../../src/protocol/peer-query.ts";
import { ResumableSession } from "../../../src/session/resumable-session.ts";
import { FakePort } from "../../support/room/fake-port.ts";
import { budget, SEED, SeededRandom } from "../../support/seeded-random.ts";
import { FakeClock } from "../../support/room/fake-clock.ts";
import { memoryOf } from "../../support/room/memory-budget.ts";
import { FakeRoom } from "../../support/room/fake-room.ts";

/** Each goes to every reader there is. */
const RANDOM_BYTES = budget(5_000_000);
const LONGEST = 300;
const NUL = new Uint8Array(1);

/** What frames are made of: random bytes, and words that lead deeper into the readers than those. */
const WORDS = [
  "\0ack ",
  "\0skip ",
  "\0ping",
  '\0hello {"epoch":"e","received":1,',
  "\0\0",
  '{"cmd":"',
  '"to":[],"data":"',
  "save",
  "to_str",
  "\u{a1}ccmd",
  "9007199254740993",
  "&session=",
  "&received=",
  "%",
].map((word) => new TextEncoder().encode(word));

function* frames(random: SeededRandom): Generator<Uint8Array> {
  for (let made = 0; made < RANDOM_BYTES;) {
    const frame = new Uint8Array(1 + random.below(LONGEST));
    for (let index = 0; index < frame.length; index++) frame[index] = random.below(256);
    if (random.chance(0.5)) {
      const word = random.pick(WORDS);
      if (word !== undefined && word.length < frame.length) frame.set(word);
    }
    made += frame.length;
    yield frame;
  }
}

test(`P5 no reader throws at millions of random bytes: as frames of hosts and phones, as control frames, as queries (seed ${SEED})`, () => {
  const random = new SeededRandom(SEED);
  const latin1 = new TextDecoder("latin1");
  const room = FakeRoom.open({ sendQueue: 1e9 }, { isReliable: false, sessionHash: "tv" });
  let session = new ResumableSession({
    memory: memoryOf(1_000),
    overflow: "drop_oldest",
    epoch: "e",
    clock: new FakeClock(),
  });
  session.attach(new FakePort(), { isReliable: true }, () => []);
  let phone = room.join({ sessionHash: "anna", isReliable: true });
  let count = 0;
  const seen = { refused: 0, nonsense: 0, data: 0 };
  for (const frame of frames(random)) {
    count += 1;
    const isText = random.chance(0.5);
    if (!decodeHostFrame(frame, isText).ok) seen.refused += 1;
    const read = session.read(frame, isText);
    if (read === "nonsense") {
      seen.nonsense += 1;
      session = new ResumableSession({
        memory: memoryOf(1_000),
        overflow: "drop_oldest",
        epoch: "e",
        clock: new FakeClock(),
      });
      session.attach(new FakePort(), { isReliable: true }, () => []);
    } else if (read !== "control") seen.data += 1;
    decodeControl(frame);
    const escaped = joined(NUL, frame);
    if (beginsWithNul(frame) && (isControl(escaped) || unescapeText(escaped).length !== frame.length)) {
      throw new Error("an escape that is none");
    }
    const query = new URLSearchParams(latin1.decode(frame));
    parseHostQuery(query, "array");
    parsePlayerQuery(query);
    room.hostConnection.message(frame, isText);
    phone.connection.message(frame, isText);
    if (count % 64 === 0) {
      room.hostPort.take();
      phone.port.take();
      room.clock.pass(1_000); // a phone that was closed may come back only so often
      if (!phone.connection.isCurrent) phone = room.join({ sessionHash: "anna", isReliable: true });
    }
  }
  expect(Object.values(seen).every((times) => times > 100)).toBe(true);
  expect(room.isFindable).toBe(true);
  room.room.close("room_closed");
  expect(room.clock.pending).toBe(0);
});
