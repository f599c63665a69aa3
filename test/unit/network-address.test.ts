import type { NetworkInterfaceInfo } from "node:os";
import { describe, expect, test } from "@jest/globals";
import { lanAddress } from "../../src/network-address.ts";

function ipv4(address: string, internal = false): NetworkInterfaceInfo {
  return { address, netmask: "255.255.255.0", family: "IPv4", mac: "00:00:00:00:00:01", internal, cidr: null };
}

function ipv6(address: string): NetworkInterfaceInfo {
  return {
    address,
    netmask: "ffff::",
    family: "IPv6",
    mac: "00:00:00:00:00:01",
    internal: false,
    cidr: null,
    scopeid: 0,
  };
}

const LOOPBACK = { lo: [ipv4("127.0.0.1", true)] };

describe("the address phones are told", () => {
  test("is the Wi-Fi's, whatever else the machine has", () => {
    expect(
      lanAddress({
        ...LOOPBACK,
        docker0: [ipv4("172.17.0.1")],
        "br-4f1c": [ipv4("192.168.99.1")],
        veth12ab: [ipv4("192.168.98.1")],
        tailscale0: [ipv4("100.101.102.103")],
        wlan0: [ipv6("fe80::1"), ipv4("192.168.1.7")],
      }),
    ).toBe("192.168.1.7");
  });

  test.each(["docker0", "br-4f1c", "veth12ab", "virbr0", "tailscale0", "wg0", "tun0", "vboxnet0", "zt5u4", "lxdbr0"])(
    "is never that of %s, even where it looks like a home's",
    (name) => {
      expect(lanAddress({ [name]: [ipv4("192.168.77.1")], eth0: [ipv4("203.0.113.5")] })).toBe("203.0.113.5");
    },
  );

  test.each([
    ["macOS", { bridge100: [ipv4("192.168.64.1")], utun3: [ipv4("10.8.0.2")], en0: [ipv4("10.0.1.5")] }, "10.0.1.5"],
    [
      "Windows",
      {
        "vEthernet (WSL)": [ipv4("172.28.0.1")],
        "VMware Network": [ipv4("192.168.56.1")],
        "Wi-Fi": [ipv4("192.168.0.4")],
      },
      "192.168.0.4",
    ],
    ["a container", { eth0: [ipv4("172.17.0.2")] }, "172.17.0.2"],
  ])("skips what is virtual on %s", (_, interfaces, address) => {
    expect(lanAddress({ ...LOOPBACK, ...interfaces })).toBe(address);
  });

  test("is a private one before a public one, and a home's before a company's", () => {
    expect(lanAddress({ eth0: [ipv4("203.0.113.5")], eth1: [ipv4("10.2.3.4")] })).toBe("10.2.3.4");
    expect(lanAddress({ eth0: [ipv4("10.2.3.4")], wlan0: [ipv4("192.168.2.2")] })).toBe("192.168.2.2");
    expect(lanAddress({ eth0: [ipv4("172.32.0.1")], eth1: [ipv4("172.31.0.1")] })).toBe("172.31.0.1");
  });

  test("is a public one where there is no private one", () => {
    expect(lanAddress({ eth0: [ipv4("169.254.3.4")], eth1: [ipv4("203.0.113.5")] })).toBe("203.0.113.5");
  });

  test("is a self-given one where there is nothing better, as with two machines on one cable", () => {
    expect(lanAddress({ ...LOOPBACK, eth0: [ipv4("169.254.3.4")] })).toBe("169.254.3.4");
  });

  test.each([
    ["no network", LOOPBACK],
    ["nothing at all", {}],
    ["IPv6 alone", { eth0: [ipv6("2001:db8::1")] }],
    ["a tunnel alone", { wg0: [ipv4("10.9.0.2")] }],
  ])("is this machine with %s", (_, interfaces) => {
    expect(lanAddress(interfaces)).toBe("127.0.0.1");
  });

  test("is found on the machine the test runs on", () => {
    expect(lanAddress()).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
  });
});
