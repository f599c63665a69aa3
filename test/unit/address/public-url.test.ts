import { describe, expect, test } from "@jest/globals";
import { isLoopbackName } from "../../../src/address/loopback.ts";
import type { NetworkEvidence } from "../../../src/address/lan-addresses.ts";
import { NetworkObserver } from "../../../src/address/network-evidence.ts";
import { PublicUrl, reachOf, type NetworkSource, type PhoneReach } from "../../../src/address/public-url.ts";
import { evidenceOf } from "../../support/network.ts";

/** Networks as a test wants them, and how often they were looked at. */
class FakeNetwork implements NetworkSource {
  now = evidenceOf();
  looks = 0;

  observe(): NetworkEvidence {
    this.looks++;
    return this.now;
  }

  refresh(): Promise<void> {
    return Promise.resolve();
  }
}

const EVERYWHERE = { address: "0.0.0.0", port: 8081 };

function setUp(configured?: string) {
  const network = new FakeNetwork();
  const clock = { ms: 0 };
  const changes: string[] = [];
  const onChange = ({ publicUrl }: PhoneReach): void => void changes.push(publicUrl);
  return { network, clock, changes, publicUrl: new PublicUrl({ configured, network, now: () => clock.ms, onChange }) };
}

describe("the public address of a server that runs", () => {
  test("is right once the network is there, though the server was up before it", async () => {
    const { network, clock, publicUrl } = setUp();
    expect(await publicUrl.bind(EVERYWHERE)).toMatchObject({
      publicUrl: "http://127.0.0.1:8081",
      obstacle: "no_network",
    });
    network.now = evidenceOf("192.168.1.7");
    clock.ms += 1_000;
    expect(publicUrl.reach()).toEqual({ publicUrl: "http://192.168.1.7:8081", alternatives: [] });
  });

  test("follows a changed lease, and says so once", async () => {
    const { network, clock, changes, publicUrl } = setUp();
    network.now = evidenceOf("192.168.1.7");
    await publicUrl.bind(EVERYWHERE);
    network.now = evidenceOf("192.168.1.23");
    clock.ms += 1_000;
    expect(publicUrl.reach().publicUrl).toBe("http://192.168.1.23:8081");
    clock.ms += 1_000;
    publicUrl.reach();
    expect(changes).toEqual(["http://192.168.1.23:8081"]);
  });

  test("follows a changed default route, which is asked for anew while it runs", async () => {
    const { network, clock, publicUrl } = setUp();
    network.now = evidenceOf("192.168.1.7");
    await publicUrl.bind(EVERYWHERE);
    network.refresh = () => Promise.resolve(void (network.now = evidenceOf("192.168.1.23")));
    clock.ms += 1_000;
    publicUrl.reach(); // asks, and the answer comes later
    clock.ms += 1_000;
    expect(publicUrl.reach().publicUrl).toBe("http://192.168.1.23:8081");
  });

  test("costs one look at the networks a second, however many ask", async () => {
    const { network, clock, publicUrl } = setUp();
    await publicUrl.bind(EVERYWHERE);
    for (clock.ms = 0; clock.ms < 3_000; clock.ms++) publicUrl.reach();
    expect(network.looks).toBe(3);
  });

  test("is the user's own word where there is one, and no network is looked at", async () => {
    const { network, publicUrl } = setUp("https://party.example");
    expect(await publicUrl.bind(EVERYWHERE)).toEqual({ publicUrl: "https://party.example", alternatives: [] });
    expect(network.looks).toBe(0);
  });
});

describe("the address that the socket is bound to decides", () => {
  const both = evidenceOf("192.168.1.7", "10.0.0.5");

  test.each(["0.0.0.0", "::"])("%s is every network of the machine", (address) => {
    expect(reachOf({ address, port: 80 }, both)).toEqual({
      publicUrl: "http://192.168.1.7:80",
      alternatives: ["http://10.0.0.5:80"],
    });
  });

  test.each([
    ["10.0.0.5", "http://10.0.0.5:80"],
    ["fd00::5", "http://[fd00::5]:80"],
  ])("%s is the only way in", (address, publicUrl) => {
    expect(reachOf({ address, port: 80 }, both)).toEqual({ publicUrl, alternatives: [] });
  });

  test.each([
    ["127.0.0.1", "http://127.0.0.1:80"],
    ["127.0.1.1", "http://127.0.1.1:80"], // what Debian resolves the machine's own name to
    ["::1", "http://[::1]:80"],
  ])("%s is for this machine alone", (address, publicUrl) => {
    expect(reachOf({ address, port: 80 }, both)).toEqual({ publicUrl, alternatives: [], obstacle: "loopback" });
  });
});

test.each([
  ["localhost", true],
  ["LocalHost.", true],
  ["tv.localhost", true],
  ["127.0.0.1", true],
  ["127.0.1.1", true],
  ["[::1]", true],
  ["[::ffff:127.0.0.1]", true],
  ["[::ffff:7f00:1]", true], // as a URL writes the one before
  ["0.0.0.0", true],
  ["[::]", true],
  ["192.168.1.7", false],
  ["localhost.example", false],
  ["mylocalhost", false],
  ["tv", false],
])("%s means this machine: %p", (name, isLoopback) => {
  expect(isLoopbackName(name)).toBe(isLoopback);
});

test("the observer finds the default route among the addresses of this machine", async () => {
  const observer = new NetworkObserver();
  await observer.refresh();
  const { interfaces, defaultRoute } = observer.observe();
  const addresses = Object.values(interfaces).flatMap((infos) => infos?.map(({ address }) => address));
  expect([undefined, ...addresses]).toContain(defaultRoute);
});
