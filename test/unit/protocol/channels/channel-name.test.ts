import { expect, test } from "@jest/globals";
import { isChannelName, matchesChannel } from "../../../../src/protocol/channels/channel-name.ts";

test.each([
  ["news", true],
  ["room:BCDF:score", true],
  ["> * . ", true],
  ["é".repeat(128), true],
  ["é".repeat(128) + "x", false],
  ["", false],
  ["\ud800", false],
])("P8.2 %j is a channel's name: %j", (name, isName) => {
  expect(isChannelName(name)).toBe(isName);
});

test.each([
  [["*"], "anything", true],
  [["chat:*"], "chat:lobby", true],
  [["chat:*"], "chat:", true],
  [["chat:*"], "chat", false],
  [["chat:*"], "news", false],
  [["news"], "news", true],
  [["news"], "news2", false],
  [["a", "b:*"], "b:c", true],
  [["a*c"], "abc", false],
  [["a*c"], "a*c", true],
  [[], "news", false],
])("row 8 the patterns %j are for %j: %j", (patterns, channel, isFor) => {
  expect(matchesChannel(patterns, channel)).toBe(isFor);
});
