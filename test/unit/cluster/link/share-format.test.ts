/** What two nodes say to each other of a share of an audience: read as it was written, and refused where it is too much. */
import { expect, test } from "@jest/globals";
import {
  encodeAdded,
  encodeReport,
  encodeRound,
  encodeShareTerms,
  MAX_SHARE_JSON_BYTES,
  readAdded,
  readReport,
  readRound,
  readShareTerms,
} from "../../../../src/cluster/link/share-format.ts";
import { MAX_TALLIED_TEXTS } from "../../../../src/room/tally.ts";
import { VoteRound } from "../../../../src/room/vote-round.ts";
import { MAX_VOTE_BYTES } from "../../../../src/room/watchers.ts";
import * as fc from "../../../support/property-testing.ts";

const text = fc
  .string({ unit: "grapheme", maxLength: MAX_VOTE_BYTES })
  .filter((one) => Buffer.byteLength(one) <= MAX_VOTE_BYTES);
const votes = fc.uniqueArray(
  fc.tuple(fc.oneof(text, fc.constantFrom("__proto__", "constructor", "", "\0")), fc.integer({ min: 1 })),
  {
    selector: ([one]) => one,
    maxLength: MAX_TALLIED_TEXTS,
  },
);

test("a report is read as it was written, whatever its texts", () => {
  fc.assert(
    fc.property(votes, fc.nat(), fc.boolean(), (tally, number, isLast) => {
      const sum = { tally: Object.fromEntries(tally), other: number };
      const report = { round: number, sum, isLast, frames: number, bytes: number };
      expect(readReport(encodeReport(report))).toEqual(report);
      const quiet = { ...report, sum: undefined };
      expect(readReport(encodeReport(quiet))).toEqual(quiet);
    }),
  );
});

test("the largest report that a node makes is read, and takes less than half of what is read at most", () => {
  const texts = Array.from({ length: MAX_TALLIED_TEXTS }, (_, index) =>
    String.fromCodePoint(1 + (index % 8), 1 + (index >> 3)).padEnd(MAX_VOTE_BYTES, "\u0001"),
  );
  const sum = { tally: Object.fromEntries(texts.map((one) => [one, 2 ** 40])), other: 2 ** 40 };
  const report = { round: 2 ** 40, sum, isLast: true, frames: 2 ** 40, bytes: 2 ** 40 };
  const written = encodeReport(report);
  expect(new Set(texts).size).toBe(MAX_TALLIED_TEXTS);
  expect(written.length).toBeLessThan(MAX_SHARE_JSON_BYTES / 2);
  expect(readReport(written)).toEqual(report);
});

const REPORT = { round: 1, votes: { texts: [["a", 1]], other: 0 }, isLast: false, frames: 1, bytes: 1 };

test.each([
  [
    "a text twice",
    {
      ...REPORT,
      votes: {
        texts: [
          ["a", 1],
          ["a", 2],
        ],
        other: 0,
      },
    },
  ],
  [
    "sixty-five texts",
    { ...REPORT, votes: { texts: Array.from({ length: 65 }, (_, index) => [`${index}`, 1]), other: 0 } },
  ],
  ["a long text", { ...REPORT, votes: { texts: [["x".repeat(65), 1]], other: 0 } }],
  ["no votes for a text", { ...REPORT, votes: { texts: [["a", 0]], other: 0 } }],
  ["less than no votes", { ...REPORT, votes: { texts: [], other: -1 } }],
  ["half a vote", { ...REPORT, votes: { texts: [["a", 0.5]], other: 0 } }],
  ["no round", { ...REPORT, round: undefined }],
  ["too many bytes", { ...REPORT, more: "x".repeat(MAX_SHARE_JSON_BYTES) }],
  ["nothing", null],
])("a report with %s is refused", (_, said) => {
  expect(readReport(Buffer.from(JSON.stringify(said)))).toBeUndefined();
});

test("what a later version adds to a report is passed over", () => {
  expect(readReport(Buffer.from(JSON.stringify({ ...REPORT, newly: 1 })))).toMatchObject({ round: 1, isLast: false });
});

test.each(["", "{", "7", "[]"])("what is no report, round or share is refused: %j", (said) => {
  const content = Buffer.from(said);
  expect([readReport(content), readRound(content), readShareTerms(content), readAdded(content)]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test.each([["song"], [7], [undefined]])("a share is opened in the round of poll %s", (poll) => {
  const limits = { sendQueue: 1_000, playerRate: 60.5, playerBurst: 200, playerBytes: 0 };
  const terms = { room: "BCDF", limits: { ...limits, more: 1 }, round: new VoteRound(3, poll) };
  const read = readShareTerms(encodeShareTerms(terms));
  expect(read).toMatchObject({ room: "BCDF", limits });
  expect([read?.round.number, read?.round.poll]).toEqual([3, poll]);
  const round = readRound(encodeRound(terms.round));
  expect([round?.number, round?.poll]).toEqual([3, poll]);
});

test("a watcher is added by its link", () => {
  for (const speaksControl of [true, false])
    expect(readAdded(encodeAdded(0xff_ff_ff_ff, speaksControl))).toEqual({ link: 0xff_ff_ff_ff, speaksControl });
});
