/** The address in QR codes and links: what a page was opened as, else where this machine is now. */
import { request } from "node:http";
import { describe, expect, test } from "@jest/globals";
import { z } from "zod";
import type { NetworkEvidence } from "../../src/address/lan-addresses.ts";
import type { OptionsInput } from "../../src/config.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { evidenceOf } from "../support/network.ts";
import { targetOn } from "../support/target.ts";

/** In this process: the networks are given as data. */
const here = targetOn("here");

/** A server in the network 192.168.1.0/24, on all addresses. */
function startAtHome(options: OptionsInput = {}): Promise<{ readonly port: number }> {
  return start(() => evidenceOf("192.168.1.7"), options);
}

async function start(observe: () => NetworkEvidence, options: OptionsInput = {}): Promise<{ readonly port: number }> {
  const network = { observe, refresh: () => Promise.resolve() };
  const defaults = { port: 0, host: "0.0.0.0", logLevel: "silent" } as const;
  const { port, close } = await here.start({ ...defaults, ...options }, { network });
  onTestEnd(close);
  return { port };
}

/** Any headers, which `fetch` would not send. */
function get(port: number, path: string, headers: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path, headers, agent: false, setHost: false }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => (body += text));
      response.on("end", () => resolve(body));
    });
    sent.on("error", reject).end();
  });
}

async function publicUrl(port: number, headers: Readonly<Record<string, string>>): Promise<string> {
  const info: unknown = JSON.parse(await get(port, "/api/info", headers));
  return z.object({ public_url: z.string() }).parse(info).public_url;
}

describe("a page that was opened under a name that others can open", () => {
  test.each([
    ["tv.lan:8081", "http://tv.lan:8081"],
    ["192.168.1.9:8081", "http://192.168.1.9:8081"],
    ["Party.Example", "http://party.example"],
    ["[fd00::7]:8081", "http://[fd00::7]:8081"],
  ])("is believed for its join links: %s", async (Host, expected) => {
    const { port } = await startAtHome();
    expect(await publicUrl(port, { Host })).toBe(expected);
    expect(await get(port, "/", { Host })).toContain(`<strong dir="ltr">${expected.replace("http://", "")}</strong>`);
    expect(await get(port, "/CREATE", { Host })).toContain(`${expected.replace("http", "ws")}/CREATE`);
  });

  test("is in no shared cache: the next one to ask would be told it too", async () => {
    const { port } = await startAtHome();
    for (const path of ["/", "/api/info"]) {
      const { headers } = await fetch(`http://127.0.0.1:${port}${path}`);
      expect(headers.get("cache-control")).toMatch(/\bprivate\b/);
    }
  });

  test.each(["localhost:8081", "127.0.0.1:8081", "[::1]:8081", "tv.localhost", "127.0.1.1", "0.0.0.0:8081"])(
    "is not believed where that is this machine's own: %s",
    async (Host) => {
      const { port } = await startAtHome();
      expect(await publicUrl(port, { Host })).toBe(`http://192.168.1.7:${port}`);
    },
  );

  test.each([
    "tv.lan:99999",
    "me@evil.example",
    "evil.example/party",
    "a b",
    "<script>",
    "tv.lan:",
    "[::1",
    "evil.example#",
  ])("is not believed where that is no host: %s", async (Host) => {
    const { port } = await startAtHome();
    expect(await publicUrl(port, { Host })).toBe(`http://192.168.1.7:${port}`);
  });

  test("says it for itself alone: the next one is told the same as before", async () => {
    const { port } = await startAtHome();
    expect(await publicUrl(port, { Host: "evil.example" })).toBe("http://evil.example");
    expect(await publicUrl(port, { Host: "localhost" })).toBe(`http://192.168.1.7:${port}`);
  });

  test("is not asked where the user has said the address", async () => {
    const { port } = await startAtHome({ publicUrl: "https://party.example" });
    expect(await publicUrl(port, { Host: "tv.lan" })).toBe("https://party.example");
  });
});

describe("a page that was opened through a proxy", () => {
  const headers = { Host: "127.0.0.1:8081", "X-Forwarded-Host": "party.example", "X-Forwarded-Proto": "https" };

  test("gets the proxy's address where the proxy is trusted", async () => {
    const { port } = await startAtHome({ trustProxy: "loopback" });
    expect(await publicUrl(port, headers)).toBe("https://party.example");
    expect(await publicUrl(port, { ...headers, "X-Forwarded-Proto": "javascript" })).toBe(`http://192.168.1.7:${port}`);
  });

  test("does not where it is not", async () => {
    const { port } = await startAtHome();
    expect(await publicUrl(port, headers)).toBe(`http://192.168.1.7:${port}`);
  });
});

test("A server that was up before the network says the right address once there is one", async () => {
  let now = evidenceOf();
  const { port } = await start(() => now);
  now = evidenceOf("192.168.1.7");
  const found = new Set<string>();
  while (!found.has(`http://192.168.1.7:${port}`)) found.add(await publicUrl(port, { Host: "localhost" }));
  expect([...found].at(-1)).toBe(`http://192.168.1.7:${port}`);
});
