import { expect, test } from "@jest/globals";
import {
  decodeChannelMail,
  encodeChannelMail,
  type AnyChannelMail,
} from "../../../../src/cluster/channels/channel-mail.ts";
import { MAX_PUBLICATION_BYTES } from "../../../../src/protocol/channels/channel-name.ts";
import { bytes } from "../../../support/room/fake-port.ts";
import * as fc from "../../../support/property-testing.ts";

const data = bytes('{"score":1}');
const MAILS: readonly AnyChannelMail[] = [
  { is: "follow", request: 1, name: "é>*.", epoch: "", offset: 0, lines: 3 },
  { is: "count", request: 2 ** 48 - 1, name: "news", epoch: "e", lines: 70_000 },
  { is: "leave", name: "news", epoch: "e" },
  { is: "publish", request: 3, name: "news", epoch: "e", data },
  { is: "recall", request: 4, name: "news", epoch: "e", offset: 7, before: 9 },
  { is: "presence", request: 5, name: "n".repeat(256) },
  { is: "followed", request: 6, epoch: "e", offset: 9, isWhole: 1 },
  { is: "done", request: 7, number: 12 },
  { is: "elsewhere", request: 8 },
  { is: "kept", request: 9, offset: 3, ageMs: 59_999, data },
  { is: "publication", name: "news", epoch: "e", offset: 4, data },
  { is: "ended", name: "news", epoch: "e" },
  { is: "moved", name: "news", epoch: "e" },
  { is: "room_ended", room: "BCDF" },
  { is: "passed_on", from: "node", number: 3, before: 2, name: "news", data },
];

test("what nodes say about channels is read as it was said, also behind other bytes", () => {
  for (const mail of MAILS) {
    const body = Buffer.concat([bytes("xx"), encodeChannelMail(mail)]).subarray(2);
    const read = decodeChannelMail(body);
    expect(read).toEqual("data" in mail ? { ...mail, data: Buffer.from(mail.data) } : mail);
  }
});

test("a mail that is cut is none, at whatever byte", () => {
  for (const mail of MAILS) {
    const whole = encodeChannelMail(mail);
    const fixed = "data" in mail ? whole.length - mail.data.length : whole.length; // of data any part is data
    for (let length = 0; length < fixed; length++) expect(decodeChannelMail(whole.subarray(0, length))).toBeUndefined();
  }
});

test.each([
  ["of a later version", Uint8Array.of(255, 1, 2)],
  ["with a name that is too long", encodeChannelMail({ is: "leave", name: "n".repeat(257), epoch: "e" })],
  ["with an empty name", encodeChannelMail({ is: "leave", name: "", epoch: "e" })],
  ["with an epoch that is too long", encodeChannelMail({ is: "leave", name: "n", epoch: "e".repeat(1_025) })],
  ["with a name that is no UTF-8", Uint8Array.of(3, 0, 1, 0xff, 0, 1, 0x65)],
  [
    "with too much data",
    encodeChannelMail({
      is: "publication",
      name: "n",
      epoch: "e",
      offset: 1,
      data: new Uint8Array(MAX_PUBLICATION_BYTES + 1).fill(0x30),
    }),
  ],
  [
    "with data that is no UTF-8",
    encodeChannelMail({ is: "publication", name: "n", epoch: "e", offset: 1, data: Uint8Array.of(0xff) }),
  ],
])("a mail %s is dropped", (_, body) => {
  expect(decodeChannelMail(body)).toBeUndefined();
});

test("any bytes are a mail or none, and never throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.integer({ min: 0, max: 50 }), (rest, code) => {
      const mail = decodeChannelMail(Uint8Array.of(code, ...rest));
      if (mail !== undefined) expect(decodeChannelMail(encodeChannelMail(mail))).toEqual(mail);
    }),
  );
});
