import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { describe, expect, test } from "@jest/globals";
import { proxiedAddress } from "../../src/address/client-address.ts";

/** Where a request comes from that a proxy at this address passed on with this header; 10.0.0.0/8 and ::1 are trusted. */
function addressOf(header: string | undefined, proxy = "10.0.0.1"): string {
  const socket = new Socket();
  Object.defineProperty(socket, "remoteAddress", { value: proxy });
  const request = new IncomingMessage(socket);
  if (header !== undefined) request.headers["x-forwarded-for"] = header;
  return proxiedAddress(["10.0.0.0/8", "::1/128"])(request);
}

describe("behind proxies", () => {
  test.each([
    [undefined, "10.0.0.1"],
    ["", "10.0.0.1"],
    ["203.0.113.7", "203.0.113.7"],
    ["198.51.100.1, 203.0.113.7", "203.0.113.7"],
    ["203.0.113.7, 10.0.0.2", "203.0.113.7"],
    ["203.0.113.7:5678", "203.0.113.7"],
    ["203.0.113.7:5678, 10.0.0.2:80", "203.0.113.7"],
    ["2001:db8::7", "2001:db8::7"],
    ["[2001:db8::7]", "2001:db8::7"],
    ["[2001:db8::7]:80, [::1]:80", "2001:db8::7"],
    ['"[2001:db8::7]:80"', "2001:db8::7"],
    ["203.0.113.7, unknown", "203.0.113.7"],
    ["unknown", "10.0.0.1"],
    ["unknown, 203.0.113.7", "203.0.113.7"],
    ["tv.local, <script>, 1.2.3, 1.2.3.4.5, 256.1.1.1, [::g], ,", "10.0.0.1"],
    ["10.0.0.3, 10.0.0.2", "10.0.0.3"],
  ])("a request with X-Forwarded-For %j comes from %j", (header, address) => {
    expect(addressOf(header)).toBe(address);
  });

  test("what a stranger says of itself counts for nothing", () => {
    expect(addressOf("203.0.113.7", "198.51.100.9")).toBe("198.51.100.9");
  });
});
