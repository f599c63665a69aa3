import { describe, expect, test } from "@jest/globals";
import { createOwnOrigins } from "../../../src/address/own-origins.ts";
import { Origins } from "../../../src/auth/origins.ts";
import { parseOriginList } from "../../../src/protocol/origin-list.ts";

const OWN = ["http://192.168.1.7:8081", "https://party.example.com"];

describe("without a list", () => {
  test("pages of every origin are allowed, and none is listed", () => {
    const origins = new Origins(undefined);
    expect(origins.isRestricted).toBe(false);
    for (const origin of [undefined, "null", "https://example.com", "nonsense"]) {
      expect(origins.isAllowed(origin, [])).toBe(true);
    }
    expect(origins.isListed("https://example.com")).toBe(false);
  });
});

describe("with a list", () => {
  const origins = new Origins(
    "https://games.example.com, https://*.example.org,http://*.local:8081, http://[::1]:5173",
  );

  test.each([
    "https://games.example.com",
    "https://games.example.com:443",
    "https://GAMES.example.com",
    "https://a.example.org",
    "https://a-b_c.example.org",
    "http://tv.local:8081",
    "http://[::1]:5173",
  ])("the page of %s is allowed and listed", (origin) => {
    expect(origins.isListed(origin)).toBe(true);
    expect(origins.isAllowed(origin, [])).toBe(true);
  });

  test.each([
    "http://games.example.com",
    "https://games.example.com:8443",
    "https://example.org",
    "https://a.b.example.org",
    "https://.example.org",
    "https://*.example.org",
    "https://a.example.org.evil.example",
    "https://evilexample.org",
    "https://a.example.org@evil.example",
    "https://a.example.org/",
    "https://a.example.org, https://games.example.com",
    "http://tv.local",
    "http://[::1]",
    "null",
    "",
    "https://",
    `https://${"a".repeat(400)}.example.org`,
  ])("the page of %s is neither", (origin) => {
    expect(origins.isListed(origin)).toBe(false);
    expect(origins.isAllowed(origin, OWN)).toBe(false);
  });

  test("the server's own pages and programs are allowed, and not listed", () => {
    for (const origin of [...OWN, "https://PARTY.example.com:443"]) {
      expect(origins.isAllowed(origin, OWN)).toBe(true);
      expect(origins.isListed(origin)).toBe(false);
    }
    expect(origins.isAllowed(undefined, OWN)).toBe(true);
    expect(origins.isAllowed("https://192.168.1.7:8081", OWN)).toBe(false);
    expect(origins.isAllowed("http://192.168.1.7", OWN)).toBe(false);
  });

  test("null is allowed only if it is listed", () => {
    expect(new Origins("null").isAllowed("null", OWN)).toBe(true);
    expect(new Origins("null").isAllowed("https://example.com", OWN)).toBe(false);
    expect(new Origins("https://example.com,null").isListed("null")).toBe(true);
    expect(new Origins("https://example.com").isAllowed("null", ["null"])).toBe(false);
  });
});

test.each([
  "*",
  "",
  "example.com",
  "https://",
  "ftp://example.com",
  "https://example.com/games",
  "https://example.com?a",
  "https://me@example.com",
  "https://exa*mple.com",
  "https://example.*",
  "https://*",
  "https://example.com:0x50",
  "https://example.com:65536",
  "https://[::1",
  "https://a..b",
  "Null",
])("a list with the entry %p is none, and names the entry", (entry) => {
  expect(parseOriginList(`https://good.example, ${entry}`)).toEqual({ ok: false, failure: entry });
});

interface Asked {
  readonly headers: Readonly<Record<string, string>>;
  readonly remoteAddress?: string;
}

/** The own origins of a request over plain TCP, on a server that trusts the proxies of 10.0.0.0/8. */
function ownOf({ headers, remoteAddress = "192.168.1.20" }: Asked, publicUrl = ""): string[] {
  const ownOrigins = createOwnOrigins({ trustedProxies: ["10.0.0.0/8"], publicUrl: () => publicUrl });
  return ownOrigins({ headers, socket: { remoteAddress } });
}

describe("the own origins of a request", () => {
  test("are the address it was sent to, and the public URL without its path", () => {
    expect(ownOf({ headers: { host: "tv.local:8081" } })).toEqual(["http://tv.local:8081"]);
    expect(ownOf({ headers: { host: "tv.local:8081" } }, "https://example.org/party")).toEqual([
      "http://tv.local:8081",
      "https://example.org",
    ]);
    expect(ownOf({ headers: {} })).toEqual([]);
  });

  test("may be https where the host has no port, since a proxy may have ended TLS", () => {
    expect(ownOf({ headers: { host: "example.org" } })).toEqual(["http://example.org", "https://example.org"]);
    expect(ownOf({ headers: { host: "[::1]" } })).toEqual(["http://[::1]", "https://[::1]"]);
  });

  test("are what a trusted proxy says, and no other", () => {
    const headers = {
      host: "backend:8081",
      "x-forwarded-host": "example.org:8443",
      "x-forwarded-proto": "https, http",
    };
    expect(ownOf({ headers, remoteAddress: "10.1.2.3" })).toEqual(["https://example.org:8443"]);
    expect(ownOf({ headers })).toEqual(["http://backend:8081"]);
  });
});
