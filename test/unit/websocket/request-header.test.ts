import { describe, expect, test } from "@jest/globals";
import { headerOf } from "../../../src/transport/websocket/request-header.ts";

describe("a request's header", () => {
  const rawHeaders = [
    "Host",
    "tv.local",
    "UPGRADE",
    "websocket",
    "Sec-WebSocket-Protocol",
    "a, b",
    "sec-websocket-protocol",
    "c",
  ];

  test.each([
    ["in whatever letters it came", "upgrade", "websocket"],
    ["several times, is all of them", "sec-websocket-protocol", "a, b, c"],
    ["that did not come", "origin", undefined],
    ["is not mistaken for a value", "websocket", undefined],
  ])("%s", (_what, name, expected) => {
    expect(headerOf({ rawHeaders }, name)).toBe(expected);
  });
});
