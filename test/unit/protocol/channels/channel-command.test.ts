import { expect, test } from "@jest/globals";
import { isChannelFrame, readChannelFrame } from "../../../../src/protocol/channels/channel-command.ts";
import * as fc from "../../../support/property-testing.ts";

const utf8 = new TextEncoder();

/** The frame as it is understood, with `data` as text. */
function read(text: string, isText = true): unknown {
  const { id, method, command } = readChannelFrame(utf8.encode(text), isText);
  if (!command.ok) return { id, method, reason: command.failure };
  const { value } = command;
  return { id, ...value, ...(value.method === "publish" && { data: new TextDecoder().decode(value.data) }) };
}

test.each([
  ['{"id":1,"method":"connect","params":{"token":"abc"}}', { id: "1", method: "connect", token: "abc" }],
  ['{"id":1,"method":"connect"}', { id: "1", method: "connect", token: undefined }],
  ['{"id":"a\\"b","method":"ping"}', { id: '"a\\"b"', method: "ping" }],
  ['{"method":"ping","params":null,"id":-1.5e3,"more":[{}]}', { id: "-1.5e3", method: "ping" }],
  [' {"\\u0069d" : 7 , "method" : "ping"} ', { id: "7", method: "ping" }],
  ['\ufeff{"id":7,"method":"ping"}', { id: "7", method: "ping" }],
  ['{"method":"ping"}', { id: "null", method: "ping" }],
  ['{"id":null,"method":"ping"}', { id: "null", method: "ping" }],
  [
    '{"id":2,"method":"subscribe","params":{"channel":"chat:lobby"}}',
    { id: "2", method: "subscribe", channel: "chat:lobby", since: undefined },
  ],
  [
    '{"id":2,"method":"subscribe","params":{"channel":"c","since":{"epoch":"e","offset":12}}}',
    { id: "2", method: "subscribe", channel: "c", since: { epoch: "e", offset: 12 } },
  ],
  ['{"id":3,"method":"unsubscribe","params":{"channel":"c"}}', { id: "3", method: "unsubscribe", channel: "c" }],
  ['{"id":3,"method":"presence","params":{"channel":"c"}}', { id: "3", method: "presence", channel: "c" }],
  [
    '{"id":3,"method":"publish","params":{"channel":"c","data":[1, 1e999, "\\ud800"]}}',
    { id: "3", method: "publish", channel: "c", data: '[1, 1e999, "\\ud800"]' },
  ],
  [
    '{"id":3,"method":"publish","params":{"channel":"c","data":null}}',
    { id: "3", method: "publish", channel: "c", data: "null" },
  ],
])("P8.2 %s is read", (text, command) => {
  expect(read(text)).toEqual(command);
  expect(read(text, false)).toEqual(command);
});

const CHANNEL = "`params.channel` has to be text of 1 to 256 bytes of UTF-8.";
const SINCE = "`params.since` has to be an object of `epoch`, a text, and `offset`, a whole number from 0.";
const METHOD = "`method` has to be one of connect, subscribe, unsubscribe, ping, publish, presence.";

test.each([
  ["", "null", /^A command is one JSON object\. The text frame is not one JSON value\.$/],
  ["[]", "null", /^A command is one JSON object\. It has to be an object\.$/],
  ['{"id":1,"method":"ping"', "null", /is not one JSON value/],
  ['{"id":1,"method":"ping"} 1', "null", /is not one JSON value/],
  ['{"id":{},"method":"ping"}', "null", /^`id` has to be a number or text\.$/],
  ['{"id":true,"method":"ping"}', "null", /^`id` has to be a number or text\.$/],
  [`{"id":"${"x".repeat(300)}","method":"ping"}`, "null", /^`id` has 302 bytes; at most 256 are allowed\.$/],
  ['{"id":1}', "1", METHOD],
  ['{"id":1,"method":1}', "1", METHOD],
  ['{"id":1,"method":"toString"}', "1", METHOD],
  ['{"id":1,"method":"ping","params":[]}', "1", "`params` has to be an object."],
  ['{"id":1,"method":"connect","params":{"token":1}}', "1", "`params.token` has to be text."],
  ['{"id":1,"method":"subscribe"}', "1", CHANNEL],
  ['{"id":1,"method":"subscribe","params":{"channel":""}}', "1", CHANNEL],
  ['{"id":1,"method":"subscribe","params":{"channel":["c"]}}', "1", CHANNEL],
  ['{"id":1,"method":"presence","params":{"channel":"\\ud800"}}', "1", CHANNEL],
  ['{"id":1,"method":"subscribe","params":{"channel":"c","since":1}}', "1", SINCE],
  ['{"id":1,"method":"subscribe","params":{"channel":"c","since":{"epoch":"e"}}}', "1", SINCE],
  ['{"id":1,"method":"subscribe","params":{"channel":"c","since":{"offset":1}}}', "1", SINCE],
  ['{"id":1,"method":"subscribe","params":{"channel":"c","since":{"epoch":"e","offset":-1}}}', "1", SINCE],
  ['{"id":1,"method":"subscribe","params":{"channel":"c","since":{"epoch":"e","offset":1.5}}}', "1", SINCE],
  ['{"id":1,"method":"publish","params":{"channel":"c"}}', "1", "`params.data` is missing."],
])("P8.3 %s is refused, with its id where that can be read", (text, id, reason) => {
  const refused = read(text);
  expect(refused).toMatchObject({ id, reason: typeof reason === "string" ? reason : expect.stringMatching(reason) });
});

test("P8.3 a binary frame that is no UTF-8 is refused", () => {
  const { id, command } = readChannelFrame(new Uint8Array([0x7b, 0xff]), false);
  expect([id, command]).toEqual(["null", { ok: false, failure: "The frame is not UTF-8." }]);
});

test.each([
  ['{"id":1,"method":"connect"}', true],
  ['{"id":1}', true],
  ['{"method":"hm"}', true],
  ["no JSON", true],
  ['{"data":1}', false],
  ["{}", false],
])("P6.0 the first frame %s is for the channels: %j", (text, isForChannels) => {
  expect(isChannelFrame(utf8.encode(text))).toBe(isForChannels);
});

test("P8.3 no frame at all throws, and each refusal is a sentence", () => {
  const members = fc.dictionary(
    fc.constantFrom("id", "method", "params", "x"),
    fc.oneof(fc.constantFrom<unknown>("ping", "subscribe", "publish", 1, null), fc.jsonValue()),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        members.map((value) => utf8.encode(JSON.stringify(value))),
      ),
      (bytes) => {
        const { id, command } = readChannelFrame(bytes, false);
        expect(() => JSON.parse(id)).not.toThrow();
        if (!command.ok) expect(command.failure).toMatch(/^.+\.$/);
      },
    ),
  );
});
