/** By which names a server may be called. */
import { expect, test } from "@jest/globals";
import { isOwnHost } from "../../../src/address/own-host.ts";

const NAMES = ["admin.example", "party.example.com", undefined];

test.each([
  "127.0.0.1",
  "127.0.0.1:9090",
  "192.168.1.7:8082",
  "[::1]",
  "[::1]:9090",
  "[2001:db8::1]:9090",
  "localhost",
  "LOCALHOST:9090",
  "localhost.:9090",
  "admin.example",
  "Admin.Example:9090",
  "party.example.com.",
])("row 74: the Host %s is the server's own", (host) => {
  expect(isOwnHost(host, NAMES)).toBe(true);
});

test.each([
  "",
  "evil.example",
  "evil.example:9090",
  "localhost.evil.example",
  "sub.localhost",
  "127.0.0.1.evil.example",
  "127.0.0.1.nip.io:9090",
  "127.1",
  "2130706433",
  "0x7f.0.0.1",
  "0177.0.0.1",
  "[evil.example]",
  "[::1",
  "::1",
  "[127.0.0.1]",
  "localhost:",
  "localhost:http",
  "localhost:999999",
  "user@localhost",
  "localhost/evil.example",
  "localhost#evil.example",
  "localhost evil.example",
  "localhost, evil.example",
  "undefined",
  "xadmin.example",
])("row 74: the Host %j is refused", (host) => {
  expect(isOwnHost(host, NAMES)).toBe(false);
});

test("row 74: a server that has no name of its own is found by addresses and localhost alone", () => {
  expect(["admin.example", "", "."].map((host) => isOwnHost(host, [undefined, ""]))).toEqual([false, false, false]);
});
